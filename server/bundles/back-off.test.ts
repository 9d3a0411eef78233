import { expect, test } from 'vitest'
import { waitMs } from './back-off.ts'

const [least, most] = [() => 0, () => 1 - 1e-9]

test('a fleet does not ask at once, and asks a source that fails less and less often, but every five minutes', () => {
  expect([waitMs(60_000, 0, least), waitMs(60_000, 0, most)]).toEqual([54_000, 66_000])
  expect([waitMs(60_000, 1, least), waitMs(60_000, 1, most)]).toEqual([60_000, 120_000])
  expect([waitMs(60_000, 2, least), waitMs(60_000, 2, most)]).toEqual([120_000, 240_000])
  expect([waitMs(60_000, 900, least), waitMs(60_000, 900, most)]).toEqual([150_000, 300_000])
  expect(waitMs(3_600_000, 5, most)).toBe(3_600_000)
})

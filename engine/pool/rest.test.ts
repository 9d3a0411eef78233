import { expect, test } from 'vitest'
import { failuresAfter, restMs } from './rest.ts'

test('three starts in a row without rest, then twice as long each time, at most 10 s', () =>
  expect([1, 2, 3, 4, 5, 6, 10, 11, 1_000].map(restMs)).toEqual([
    0, 0, 0, 100, 200, 400, 6_400, 10_000, 10_000,
  ]))

test.each([
  ['a start that fails', undefined, 6],
  ['a short life', 999, 6],
  ['a life of a second is no failure in a row', 1_000, 1],
] as const)('%s', (_, livedMs, expected) => expect(failuresAfter(5, livedMs)).toBe(expected))

import { expect, test } from 'vitest'
import { bodiesAMessage } from './bodies-a-message.ts'

test.each([
  ['all that waits, for one thread', 10, 1, 5, 10],
  ['shared out', 11, 2, 5, 6],
  ['at most 64', 1_000, 2, 5, 64],
  ['as many as take 2 ms', 1_000, 2, 200, 10],
  ['one that takes longer', 1_000, 2, 50_000, 1],
  ['when nothing is known of the cost', 1_000, 2, 0, 64],
] as const)('%s', (_, waiting, free, us, expected) =>
  expect(bodiesAMessage(waiting, free, us)).toBe(expected),
)

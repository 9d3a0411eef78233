import { expect, test } from 'vitest'
import { costOf } from './cost.ts'

/** What is usual after so many decisions of so many microseconds each, to the next whole one. */
test.each([
  ['nothing is known', [], 0],
  ['what is always the same', [[200, 40]], 40],
  [
    'it adapts',
    [
      [200, 40],
      [100, 400],
    ],
    399,
  ],
  [
    'and back',
    [
      [200, 400],
      [100, 10],
    ],
    11,
  ],
  [
    'a pause is no decision',
    [
      [200, 40],
      [1, 50_000],
    ],
    46,
  ],
] as const)('%s', (_, runs, expected) => {
  const { usualUs, learn } = costOf()
  for (const [count, us] of runs) for (let at = 0; at < count; at++) learn(us)
  expect(Math.round(usualUs())).toBe(expected)
})

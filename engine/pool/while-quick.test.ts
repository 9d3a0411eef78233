import { expect, test } from 'vitest'
import { whileQuick } from './while-quick.ts'

/** How many of so many decisions, each taking so long, are taken at once. */
function taken(...runs: readonly (readonly [count: number, us: number])[]): readonly number[] {
  let [ms, us] = [0, 0]
  const decide = whileQuick(
    () => {
      ms += us / 1_000
      return { outcome: 'block', json: '{}' }
    },
    () => ms,
  )
  return runs.map(([count, each]) => {
    us = each
    const answers = Array.from({ length: count }, () => decide(new Uint8Array(0), 0))
    return answers.filter((answer) => answer !== undefined).length
  })
}

test.each([
  ['quick ones all are', [[1_000, 100]], [1_000]],
  [
    'one that is slow changes nothing',
    [
      [100, 10],
      [1, 2_000],
      [100, 10],
    ],
    [100, 1, 100],
  ],
  [
    'nor does a pause',
    [
      [100, 10],
      [1, 50_000],
      [100, 10],
    ],
    [100, 1, 100],
  ],
  ['slow ones are after a few only now and then', [[6_400, 400]], [110]],
  [
    'they are again when they have become quick',
    [
      [640, 1_000],
      [10_000, 10],
    ],
    [13, 8_989],
  ],
] as const)('%s', (_, runs, expected) => expect(taken(...runs)).toEqual(expected))

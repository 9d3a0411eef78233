import { expect, test } from 'vitest'
import { costOf } from './cost.ts'
import { onTheSpot } from './on-the-spot.ts'

/** Of 1,000 questions, each in a turn of the event loop of its own or all in one, how many are decided on the spot. */
test.each([
  ['cheap ones always', 25, 1_000, 1_000],
  ['dearer ones as far as 200 us go', 26, 8, 1_000],
  ['those of 100 us', 100, 2, 1_000],
  ['one of 200 us', 200, 1, 1_000],
  ['one of 1 ms', 1_000, 1, 1_000],
  ['none that is dearer', 1_001, 0, 0],
] as const)('%s', (_, us, inOne, inMany) => {
  let turn = (): void => undefined
  const decided = (turns: number) => {
    const may = onTheSpot({ usualUs: () => us }, (then) => (turn = then))
    let count = 0
    for (let at = 0; at < 1_000; at++) {
      if (may()) count++
      if (turns > 1) turn()
    }
    return count
  }
  expect([decided(1), decided(1_000)]).toEqual([inOne, inMany])
})

/** After so many decisions of so many microseconds each, how many of 3 us it takes until they are all taken on the spot again. */
test.each([
  ['slow code before it is optimised', [[200, 200]], 34],
  [
    'few interruptions never send cheap ones away',
    [
      [200, 3],
      [5, 4_000],
    ],
    0,
  ],
  [
    'many soon no longer do',
    [
      [200, 3],
      [20, 4_000],
    ],
    27,
  ],
] as const)('comes back: %s', (_, runs, most) => {
  const cost = costOf()
  for (const [count, us] of runs) for (let at = 0; at < count; at++) cost.learn(us)
  let taken = 0
  for (; !alwaysHere(); taken++) {
    expect(onTheSpot(cost, () => undefined)()).toBe(true) // each in a turn of its own is taken, and so learnt from
    cost.learn(3)
  }
  expect(taken).toBe(most)

  /** Whether one turn takes more than what is worth a hop. */
  function alwaysHere(): boolean {
    const may = onTheSpot(cost, () => undefined)
    return Array.from({ length: 100 }, may).every(Boolean)
  }
})

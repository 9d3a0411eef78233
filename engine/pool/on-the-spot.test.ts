import { expect, test } from 'vitest'
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

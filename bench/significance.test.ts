import { describe, expect, test } from 'vitest'
import { randomFrom } from './random.ts'
import { mannWhitney, middleOf, wilcoxon } from './significance.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

describe('how sure a difference is', () => {
  test.each<[string, number, number]>([
    // all of A below all of B: 2 of the 10 over 5 choices of places
    [
      'five below five',
      mannWhitney(
        upTo(5),
        upTo(5).map((each) => each + 5),
      ),
      2 / 252,
    ],
    ['the same sample twice', mannWhitney([1, 2, 3, 4], [1, 2, 3, 4]), 1],
    ['one above one', mannWhitney([2], [1]), 1],
    // Hollander and Wolfe, Nonparametric Statistical Methods, 4.1: U = 15 of 50, one-sided p = 0.1272
    [
      'water through membranes',
      mannWhitney(
        [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
        [1.15, 0.88, 0.9, 0.74, 1.21],
      ),
      2 * 0.1272,
    ],
    // Sums of ranks from 3 to 9 of 2 in 5 places, with two values equal: 2 of 10 choices are as far out
    ['equal values', mannWhitney([1, 1], [2, 2, 2]), 0.2],
    ['ten up', wilcoxon(upTo(10)), 2 / 1024],
    ['up and down by the same', wilcoxon([1, -1, 2, -2]), 1],
    ['nothing but zeros', wilcoxon([0, 0, 0]), 1],
    // Hollander and Wolfe, 3.1: V = 40 of 45, one-sided p = 0.01953
    [
      'depression scores',
      wilcoxon([0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01]),
      2 * 0.01953,
    ],
  ])('%s', (_, p, wanted) => {
    expect(p).toBeCloseTo(wanted, 4)
  })

  test('many values: what is counted and what is approximated agree', () => {
    const random = randomFrom(7)
    const a = Array.from({ length: 25 }, () => random.below(1e6))
    const b = Array.from({ length: 25 }, () => random.below(1e6) + 150_000)
    const counted = mannWhitney(a, b)
    const [more, most] = [
      [...a, 500_000],
      [...b, 650_000],
    ]
    expect(Math.abs(mannWhitney(more, most) - counted)).toBeLessThan(0.02)
    const differences = Array.from({ length: 100 }, () => random.below(1e6) - 450_000)
    expect(Math.abs(wilcoxon([...differences, 0.5]) - wilcoxon(differences))).toBeLessThan(0.02)
  })

  test('the middle of the pairs, between what was left out at both ends', () => {
    expect(middleOf([1, 2, 3, 4, 5], 0.9)).toEqual({ middle: 3, low: 1, high: 5 })
    expect(middleOf(upTo(10), 0.95)).toEqual({ middle: 5.5, low: 3, high: 8 })
    expect(middleOf([1, 2, 3], 0.99)).toEqual({ middle: 2, low: -Infinity, high: Infinity })
  })

  test('where there is no difference, it is found in no more than one of twenty', () => {
    const found = simulated(0)
    expect(found.mannWhitney).toBeLessThanOrEqual(0.06)
    expect(found.wilcoxon).toBeLessThanOrEqual(0.06)
    expect(found.interval).toBe(found.wilcoxon)
    expect(found.wilcoxon).toBeGreaterThan(0.02)
  })

  test('a difference of one and a half spreads is found nearly always', () => {
    expect(simulated(1.5).wilcoxon).toBeGreaterThan(0.95)
  })

  /** Shares of 1,000 runs of 10 pairs in which a difference was found; the machine drifts by far more than the spread. */
  function simulated(shift: number) {
    const random = randomFrom(4)
    const noise = () =>
      Array.from({ length: 12 }, () => random.below(1e9) / 1e9).reduce((a, b) => a + b) - 6
    const runs = Array.from({ length: 1_000 }, () => {
      const drift = Array.from({ length: 10 }, (_, at) => 3 * at)
      const a = drift.map((each) => each + noise())
      const b = drift.map((each) => each + noise() + shift * Math.SQRT2)
      const differences = b.map((each, at) => each - a[at]!)
      const { low, high } = middleOf(differences, 0.95)
      return [mannWhitney(a, b) < 0.05, wilcoxon(differences) < 0.05, low > 0 || high < 0]
    })
    const share = (at: number) => runs.filter((run) => run[at]).length / runs.length
    return { mannWhitney: share(0), wilcoxon: share(1), interval: share(2) }
  }
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivalTimes, expectedIn } from './plan.ts'
import type { Stage } from './result.ts'

const steady = (seconds: number, perSecond: number): Stage => ({
  seconds,
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
})
const plan = (arrivals: 'constant' | 'poisson', stages: readonly Stage[], seed = 1) =>
  arrivalTimes({ arrivals, stages, seed, most: 1_000_000 })
const gapsOf = (times: Float64Array) => [...times].slice(1).map((time, at) => time - times[at]!)
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

const stage = fc.record({
  seconds: fc.integer({ min: 1, max: 20 }),
  fromPerSecond: fc.integer({ min: 0, max: 500 }),
  toPerSecond: fc.integer({ min: 0, max: 500 }),
})
const stages = fc.array(stage, { minLength: 1, maxLength: 4 })

describe('arrival times', () => {
  test.each([
    [10, 50],
    [3, 7],
    [2, 2_000],
    [1, 3],
    [1.1, 50], // their product is a little more than 55 in floating point
  ])('for %d s at a constant %d a second are exactly even', (seconds, perSecond) => {
    const times = plan('constant', [steady(seconds, perSecond)])
    expect(times).toHaveLength(Math.round(seconds * perSecond))
    expect(times[0]).toBe(0)
    const uneven = gapsOf(times).filter((gap) => Math.abs(gap - 1_000 / perSecond) > 1e-7)
    expect(uneven).toEqual([])
  })

  test('a stage goes on evenly where the one before it ended', () => {
    const parts = plan('constant', [steady(1, 3), steady(1.5, 3), steady(0.5, 3)])
    expect(parts).toHaveLength(9)
    for (const gap of gapsOf(parts)) expect(gap).toBeCloseTo(1_000 / 3, 7)
  })

  test('a rate that changes brings the n-th request when its area is n', () => {
    const ramp = { seconds: 10, fromPerSecond: 0, toPerSecond: 100 }
    const times = plan('constant', [ramp])
    expect(times).toHaveLength(500)
    for (const [n, time] of times.entries()) expect(5 * (time / 1_000) ** 2).toBeCloseTo(n, 6) // 100/10 · t²/2
  })

  test('go up, stay within their stages, and are as many as the rates add up to', () =>
    fc.assert(
      fc.property(
        stages,
        fc.integer(),
        fc.constantFrom('constant', 'poisson'),
        (all, seed, kind) => {
          const times = plan(kind, all, seed)
          expect(gapsOf(times).every((gap) => gap >= 0)).toBe(true)
          const endMs = sum(all.map(({ seconds }) => seconds)) * 1_000
          if (times.length > 0) expect(times.at(-1)).toBeLessThan(endMs + 1e-3)
          const total = sum(all.map(expectedIn))
          const off = Math.abs(times.length - total)
          expect(off).toBeLessThan(kind === 'constant' ? 1 : 6 * Math.sqrt(total) + 6)
        },
      ),
    ))

  test('are the same for the same seed, and others for another', () => {
    const times = (seed: number) => plan('poisson', [steady(5, 100)], seed)
    expect(times(3)).toEqual(times(3))
    expect(times(3)).not.toEqual(times(4))
  })

  test('end after the most', () => {
    const of = (arrivals: 'constant' | 'poisson') =>
      arrivalTimes({ arrivals, stages: [steady(5, 100)], seed: 1, most: 30 })
    expect(of('constant')).toHaveLength(30)
    expect(of('poisson')).toHaveLength(30)
  })

  describe('of Poisson arrivals', () => {
    const perSecond = 200
    const times = plan('poisson', [steady(250, perSecond)], 20_241_124)
    const gaps = gapsOf(times).map((gap) => (gap * perSecond) / 1_000) // mean 1

    test('have gaps of mean 1 and variance 1', () => {
      const mean = sum(gaps) / gaps.length
      const variance = sum(gaps.map((gap) => (gap - mean) ** 2)) / gaps.length
      expect(gaps.length).toBeGreaterThan(49_000)
      expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(gaps.length))
      expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(8 / gaps.length))
    })

    test('have gaps of the exponential distribution (Kolmogorov-Smirnov, 1%)', () =>
      expect(distance(gaps, (gap) => 1 - Math.exp(-gap))).toBeLessThan(
        1.63 / Math.sqrt(gaps.length),
      ))

    test('have gaps that say nothing of the next', () => {
      const pairs = gaps.slice(1).map((gap, at) => (gap - 1) * (gaps[at]! - 1))
      expect(Math.abs(sum(pairs) / pairs.length)).toBeLessThan(4 / Math.sqrt(pairs.length))
    })

    test('are uniform over the area of a rate that changes', () => {
      const ramp = { seconds: 100, fromPerSecond: 50, toPerSecond: 450 }
      const ramped = plan('poisson', [ramp], 5)
      const area = (ms: number) => {
        const t = ms / 1_000
        return (50 * t + 2 * t ** 2) / expectedIn(ramp)
      }
      expect(distance([...ramped], area)).toBeLessThan(1.63 / Math.sqrt(ramped.length))
    })

    test('an even plan is found not to be exponential', () => {
      const even = gapsOf(plan('constant', [steady(10, 200)])).map((gap) => gap / 5)
      expect(distance(even, (gap) => 1 - Math.exp(-gap))).toBeGreaterThan(0.3)
    })
  })
})

/** How far the shares of values are from a distribution, at most. */
function distance(values: readonly number[], distribution: (value: number) => number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.max(
    ...sorted.map((value, at) => {
      const wanted = distribution(value)
      return Math.max(wanted - at / sorted.length, (at + 1) / sorted.length - wanted)
    }),
  )
}

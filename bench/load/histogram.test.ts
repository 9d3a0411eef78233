import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latencyHistogram } from './histogram.ts'

const us = fc.oneof(
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.nat(31).map((bit) => Math.min(2 ** bit, 2 ** 31 - 1)),
  fc.nat(30).map((bit) => 2 ** bit - 1),
)
const values = fc.array(us, { minLength: 1, maxLength: 200 })
const share = fc.constantFrom(0.5, 0.9, 0.99, 0.999, 0.25, 1)

function recorded(all: readonly number[]) {
  const histogram = latencyHistogram()
  for (const value of all) histogram.record(value)
  return histogram
}

const exact = (all: readonly number[], of: number) =>
  all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(of * all.length)) - 1]!

describe('a latency histogram', () => {
  test('gives each quantile, exactly below 2,048 µs, and above it at most 0.1% too high', () =>
    fc.assert(
      fc.property(values, share, (all, of) => {
        const [truth, said] = [exact(all, of), recorded(all).quantile(of)]
        if (truth < 2_048) expect(said).toBe(truth)
        else expect(said).toBeGreaterThanOrEqual(truth)
        if (truth > 0) expect(said).toBeLessThan(truth * (1 + 1 / 1_024))
      }),
    ))

  test('does not take 99.9% of 1,000 for 1,000', () => {
    const histogram = recorded(Array.from({ length: 1_000 }, (_, at) => at + 1))
    expect(histogram.latency()).toMatchObject({ p50Us: 500, p99Us: 990, p999Us: 999, maxUs: 1_000 })
  })

  test('knows count, least, most and mean exactly', () =>
    fc.assert(
      fc.property(values, (all) => {
        const { count, minUs, maxUs, meanUs } = recorded(all).latency()
        expect({ count, minUs, maxUs }).toEqual({
          count: all.length,
          minUs: Math.min(...all),
          maxUs: Math.max(...all),
        })
        expect(meanUs).toBeCloseTo(all.reduce((sum, value) => sum + value, 0) / all.length, 3)
      }),
    ))

  test('writes down buckets that go up, hold every value, and are at most 1% too high', () =>
    fc.assert(
      fc.property(values, (all) => {
        const { buckets } = recorded(all).latency()
        const bounds = buckets.map(([bound]) => bound)
        expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b))
        const left = all.toSorted((a, b) => a - b)
        for (const [bound, count] of buckets) {
          const held = left.splice(0, count)
          expect(held.length).toBeGreaterThan(0)
          expect(held.every((value) => value <= bound && bound <= value * 1.01)).toBe(true)
        }
        expect(left).toEqual([])
      }),
    ))

  test('is empty before, and after a reset', () => {
    const histogram = recorded([5, 3_000])
    histogram.reset()
    expect(histogram.latency()).toEqual(latencyHistogram().latency())
    expect(histogram.latency()).toMatchObject({
      count: 0,
      minUs: 0,
      meanUs: 0,
      p99Us: 0,
      buckets: [],
    })
  })

  test('takes fractions, and what is beyond its range', () => {
    const { minUs, maxUs } = recorded([-3.2, 7.6, 1e12]).latency()
    expect([minUs, maxUs]).toEqual([0, 2 ** 31 - 1])
  })
})

import { describe, expect, test } from 'vitest'
import type { Latency } from '../load/result.ts'
import { pooledQuantile } from './pooled.ts'
import { openRates } from './rounds.ts'

describe('rates of the open loop', () => {
  const check = (capacities: number[], rates: number[]) =>
    expect(openRates(capacities)).toEqual(rates)

  test.each<[string, number[], number[]]>([
    ['the slowest that can carry it sets the pace', [10_000, 1_000, 2_000], [300, 300, 300]],
    ['one that can not has its own', [10_000, 1_000, 200], [300, 300, 60]],
    ['all are slow', [300, 100], [30, 30]],
    ['one a second at least', [1], [1]],
    ['nobody', [], []],
  ])('%s', (_, capacities, rates) => check(capacities, rates))
})

describe('quantiles of several runs', () => {
  const run = (...buckets: [number, number][]) =>
    ({ buckets, count: buckets.reduce((sum, [, count]) => sum + count, 0) }) as unknown as Latency
  const check = (runs: Latency[], share: number, us: number) =>
    expect(pooledQuantile(runs, share)).toBe(us)

  test.each<[string, Latency[], number, number]>([
    ['the middle of both', [run([1, 50]), run([3, 49], [2, 1])], 0.5, 1],
    ['a bucket further', [run([1, 50]), run([3, 49], [2, 1])], 0.51, 2],
    ['the slowest of one run', [run([1, 99]), run([9, 1])], 0.999, 9],
    ['all', [run([1, 1], [7, 1])], 1, 7],
    ['none', [run()], 0.5, 0],
  ])('%s', (_, runs, share, us) => check(runs, share, us))
})

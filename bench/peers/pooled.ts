import type { Latency } from '../load/result.ts'

/** The time that this share of all requests of several runs did not exceed, in microseconds; at most 1% too high. */
export function pooledQuantile(runs: readonly Latency[], share: number): number {
  const buckets = runs.flatMap(({ buckets }) => buckets).toSorted(([one], [other]) => one - other)
  let left = share * runs.reduce((sum, { count }) => sum + count, 0)
  for (const [us, count] of buckets) {
    left -= count
    if (left <= 0) return us
  }
  return buckets.at(-1)?.[0] ?? 0
}

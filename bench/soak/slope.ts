import type { Memory } from '../load/memory.ts'

const least = 10

/** By how much memory grows a minute, in bytes: the line through all looks after the warm-up; undefined for too few. */
export function bytesPerMinute(seen: readonly Memory[], warmUpSeconds: number): number | undefined {
  const counted = seen.filter(({ second }) => second >= warmUpSeconds)
  if (counted.length < least) return undefined
  const meanOf = (pick: (each: Memory) => number) =>
    counted.reduce((sum, each) => sum + pick(each), 0) / counted.length
  const [second, rss] = [meanOf((each) => each.second), meanOf((each) => each.rssBytes)]
  const [above, below] = [
    meanOf((each) => (each.second - second) * (each.rssBytes - rss)),
    meanOf((each) => (each.second - second) ** 2),
  ]
  return below === 0 ? undefined : (60 * above) / below
}

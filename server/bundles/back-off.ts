/** However long a source has failed, it is asked again within so many milliseconds, unless polls are rarer. */
const longestMs = 300_000

/** Milliseconds until the next pull: spread, so that a fleet does not ask at once, and longer after each failure. */
export function waitMs(pollMs: number, failures: number, random: () => number): number {
  const most = Math.max(pollMs, longestMs)
  const base = Math.min(pollMs * 2 ** Math.min(failures, 20), most)
  const spread = failures === 0 ? 0.9 + 0.2 * random() : 0.5 + 0.5 * random()
  return Math.max(1, Math.round(base * spread))
}

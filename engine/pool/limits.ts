/** As long as the lane of single questions has been empty within this time, what waits there came in a burst. */
const burstMs = 100
/** How long one may wait in a burst, and how long in a queue that stands: more than can be decided is coming, and waiting helps nobody. */
const [calmMs, standingMs] = [200, 40]
/** For how many deadlines a question may be without its answer, however it fares. */
const mostDeadlines = 5

export type Limits = {
  /** Milliseconds that a single question may wait. */
  readonly ofSingle: (nowMs: number) => number
  /** Milliseconds that a batch may wait for its first turn, and any question for its last. */
  readonly ofBatch: number
  readonly ofAll: number
  /** Says that no single question waits. */
  readonly emptied: (nowMs: number) => void
}

/**
 * How long questions may wait: as in "Fail at Scale" (controlled delay), the standing queue is what is kept short, so that
 * those that are answered are answered soon, whatever comes in.
 */
export function limits(deadlineMs: number): Limits {
  let emptyAt = 0
  return {
    ofSingle: (nowMs) => Math.min(deadlineMs, nowMs - emptyAt > burstMs ? standingMs : calmMs),
    ofBatch: deadlineMs,
    ofAll: mostDeadlines * deadlineMs,
    emptied: (nowMs) => void (emptyAt = nowMs),
  }
}

import { burst } from './burst.ts'

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
 * How long questions may wait. In a standing queue more than can be decided is coming, and waiting helps nobody: it is what is
 * kept short, so that those that are answered are answered soon, whatever comes in. A `waitLimitMs` of 0 leaves the deadline.
 */
export function limits(deadlineMs: number, waitLimitMs: number): Limits {
  let emptyAt = 0
  const [standingMs, burstMs] = [waitLimitMs || Infinity, waitLimitMs * burst.factor || Infinity]
  return {
    ofSingle: (nowMs) =>
      Math.min(deadlineMs, nowMs - emptyAt > burst.withinMs ? standingMs : burstMs),
    ofBatch: deadlineMs,
    ofAll: mostDeadlines * deadlineMs,
    emptied: (nowMs) => void (emptyAt = nowMs),
  }
}

import type { Wrong } from './result.ts'
import type { Question } from './workload.ts'

/** How a kind of decision point is asked, and how its answers are compared. */
export type Protocol = {
  /** Makes a question ready before anything is timed. Throws an Error that says why, when it can't be asked in this protocol. */
  readonly prepare: (question: Question) => Exchange
}

/** A request, always a POST, and what its answer has to be. */
export type Exchange = {
  /** Starts with a slash. */
  readonly path: string
  /** In lower case; `host`, `connection` and `content-length` are added by those who send. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Compares an answer while others are timed, so a right one has to be cheap to compare. Never throws. */
  readonly judge: (status: number, body: Buffer) => Judgement
}

/** `unavailable`: the decision point says that it can't decide now; that is neither right nor wrong. */
export type Judgement = 'right' | 'unavailable' | Wrong

/** With these a decision point, or a proxy before it, says that it can't decide now. */
export const unavailableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

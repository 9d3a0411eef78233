import type { Answer } from '../answer.ts'
import type { Unavailable } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'

/** One call of `decide`: its answers come in by and by, from one message or from several. */
export type Job = {
  readonly bodies: readonly Uint8Array[]
  readonly now: number
  /** What decided when it was asked decides all of it. */
  readonly ruleSet: RuleSet
  readonly askedAt: number
  readonly answers: Answer[]
  /** How many bodies have been put into messages, and how many answered. */
  sent: number
  answered: number
  /** Whether it has been answered or turned away. */
  done: boolean
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: Unavailable) => void
}

/** The part of a message that belongs to one job; all of a message is decided by one rule set. */
export type Share = {
  readonly job: Job
  readonly from: number
  readonly to: number
  /** It has been lost once. */
  readonly again?: true
}

/** A job, and what becomes of it; `settled` is called with it. */
export function jobOf(
  bodies: readonly Uint8Array[],
  now: number,
  ruleSet: RuleSet,
  askedAt: number,
  settled: () => void,
): { readonly job: Job; readonly answered: Promise<readonly Answer[]> } {
  const { promise: answered, resolve, reject } = Promise.withResolvers<readonly Answer[]>()
  const job: Job = {
    bodies,
    now,
    ruleSet,
    askedAt,
    answers: [],
    sent: 0,
    answered: 0,
    done: false,
    resolve(answers) {
      settled()
      resolve(answers)
    },
    reject(error) {
      settled()
      reject(error)
    },
  }
  return { job, answered }
}

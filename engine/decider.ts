import { answer, answerPlain, load, type Answer } from './answer.ts'
import type { RuleSet } from './rule-set.ts'

/** Decides batches of sign-ins, each given as JSON in UTF-8; a single one is a batch of one. */
export type Decider = {
  /** What decides now. */
  readonly ruleSet: RuleSet
  /** Decides one sign-in, as UTF-8, on the calling thread; undefined for what has to be asked of `decide` instead. */
  readonly atOnce: (bytes: Uint8Array, now: number) => AtOnce | undefined
  /** One answer a body, in order. Rejects with `Unavailable` when no answer could be had: that is never an allow. */
  readonly decide: (bodies: readonly Uint8Array[], now: number) => Promise<readonly Answer[]>
  /**
   * Decides by another rule set what is asked from some time before it resolves on. Each question is decided by what decided when
   * it was asked; it resolves once those asked before have their answers, so that nothing answers by the one before any more.
   * Rejects, and nothing has changed, when the rule set can't be compiled. Compiling stalls the calling thread, if it decides too.
   */
  readonly swap: (ruleSet: RuleSet) => Promise<void>
  /**
   * The first half of a swap, to a rule set that has been compiled and tried elsewhere: makes it ready, and changes nothing yet.
   * What it resolves to is the second half, which never rejects; who does not call it leaves all as it is.
   */
  readonly prepare: (ruleSet: RuleSet) => Promise<Commit>
  /** Whether a single sign-in that came now would wait longer than it may: it need not even be read. Costs next to nothing. */
  readonly isBehind: () => boolean
  readonly state: () => DeciderState
  /** Ends it once all that was asked is answered; what still waits after so many milliseconds is turned away (default: nothing). */
  readonly close: (withinMs?: number) => Promise<void>
}

export type Commit = () => Promise<void>

export type DeciderState = {
  /** Worker threads that can be asked. */
  readonly threads: number
  /** Sign-ins without an answer. */
  readonly waiting: number
  /** Age of the question that has waited longest for its first turn, in milliseconds; 0 if none waits. */
  readonly oldestMs: number
  /** Since the start: threads lost (dead, hanging, not started), and sign-ins asked again because of that. */
  readonly lost: number
  readonly retried: number
}

export type AtOnce = Exclude<Answer, { readonly faults: readonly unknown[] }>

/** No decision could be made; the question may be asked again after a while. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** Decides on the calling thread. */
export function inline(ruleSet: RuleSet): Decider {
  let loaded = load(ruleSet)
  return {
    get ruleSet() {
      return loaded.ruleSet
    },
    atOnce: (bytes, now) => answerPlain(loaded, bytes, now),
    decide: (bodies, now) => Promise.resolve(bodies.map((body) => answer(loaded, body, now))),
    isBehind: () => false,
    async swap(to) {
      loaded = load(to)
    },
    async prepare(to) {
      const next = load(to)
      return async () => void (loaded = next)
    },
    state: () => ({ threads: 0, waiting: 0, oldestMs: 0, lost: 0, retried: 0 }),
    close: () => Promise.resolve(),
  }
}

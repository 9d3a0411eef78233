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
  readonly close: () => Promise<void>
}

export type AtOnce = Exclude<Answer, { readonly faults: readonly unknown[] }>

/** No decision could be made; the question may be asked again after a while. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** Decides on the calling thread. */
export function inline(ruleSet: RuleSet): Decider {
  const loaded = load(ruleSet)
  return {
    ruleSet,
    atOnce: (bytes, now) => answerPlain(loaded, bytes, now),
    decide: (bodies, now) => Promise.resolve(bodies.map((body) => answer(loaded, body, now))),
    close: () => Promise.resolve(),
  }
}

import { answerPlain, load } from '../answer.ts'
import type { Decider } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import { whileQuick } from './while-quick.ts'

/** Where single sign-ins are decided: always on the thread that read them (`inline`), never (`pooled`), or there while that is quick (`auto`). */
export type Where = 'auto' | 'inline' | 'pooled'

/** Of a way to decide on the calling thread, the one that keeps to where decisions are to be taken. */
export const keepingTo = (where: Where, inline: Decider['atOnce']): Decider['atOnce'] =>
  ({ inline, pooled: () => undefined, auto: whileQuick(inline) })[where]

/** `atOnce` for a thread that has no pool: compiles the rule set on the calling thread. */
export function onThread(ruleSet: RuleSet, where: Where): Decider['atOnce'] {
  const loaded = load(ruleSet)
  return keepingTo(where, (bytes, now) => answerPlain(loaded, bytes, now))
}

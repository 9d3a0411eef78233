import { answerPlain, load } from '../answer.ts'
import type { Decider } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import { costOf, type Cost } from './cost.ts'
import { onTheSpot } from './on-the-spot.ts'

/**
 * Where a single sign-in is decided: always on the calling thread (`inline`), never (`pooled`), or (`auto`) there while decisions
 * are cheap or this turn of the event loop has decided little, and when no other thread can be asked.
 */
export type Where = 'auto' | 'inline' | 'pooled'

/** Of a way to decide on the calling thread, the one that keeps to where decisions are to be taken, and learns what they cost. */
export function keepingTo(
  where: Where,
  decide: Decider['atOnce'],
  cost: Cost,
  nobodyElse: () => boolean,
): Decider['atOnce'] {
  if (where !== 'auto') return where === 'inline' ? decide : () => undefined
  const maySpend = onTheSpot(cost)
  return (bytes, now) => {
    if (!maySpend() && !nobodyElse()) return undefined
    const start = performance.now()
    const answered = decide(bytes, now)
    cost.learn((performance.now() - start) * 1_000)
    return answered
  }
}

/** `atOnce` for a thread that has no pool of its own. Compiles the rule set on the calling thread, if it is to decide there. */
export function onThread(
  ruleSet: RuleSet,
  where: Where,
  nobodyElse: () => boolean,
): Decider['atOnce'] {
  if (where === 'pooled') return () => undefined
  const loaded = load(ruleSet)
  return keepingTo(where, (bytes, now) => answerPlain(loaded, bytes, now), costOf(), nobodyElse)
}

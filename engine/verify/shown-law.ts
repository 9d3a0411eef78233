import { factTable } from '../custom-facts.ts'
import type { FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { ordinarySignIn } from './ordinary.ts'
import { pairLaws, type PairVerdict } from './pairs.ts'
import { replaying, type Replayed } from './replay.ts'
import { placesIn, shownDecision, type ShownDecision } from './shown-change.ts'
import { factShower, type ShownFact } from './shown-fact.ts'

/** A law of two sign-ins as people are told of it. Values are shown as callers send them. */
export type ShownLaw = Pick<PairVerdict, 'law' | 'facts'> & { readonly title: string } & (
    | Extract<PairVerdict, { readonly verdict: 'proved' | 'unsupported' | 'unknown' }>
    | {
        readonly verdict: 'refuted'
        /** Where the first is not as the ordinary sign-in. */
        readonly deviations: readonly (ShownFact & { readonly ordinary: FactValue })[]
        /** Where the second is not as the first. */
        readonly changes: readonly ShownFact[]
        readonly signIns: { readonly first: Replayed['sent']; readonly second: Replayed['sent'] }
        readonly decisions: { readonly first: ShownDecision; readonly second: ShownDecision }
        readonly excepted?: string
      }
  )

/** Shows verdicts on laws of pairs. Rejects where the two sign-ins of one are not decided as the prover says. */
export function lawShower(pack: Pick<Pack, 'ruleSet' | 'baseline' | 'called' | 'written'>) {
  const { customFacts, assumptions } = pack.ruleSet
  const table = factTable(customFacts)
  const ordinary = ordinarySignIn(table, pack.baseline, assumptions)
  const { shown, deviation } = factShower(pack, table, ordinary)
  const { replay } = replaying(pack)
  const placeOf = placesIn(pack)

  return async (verdict: PairVerdict): Promise<ShownLaw> => {
    const { law, facts } = verdict
    const title = pairLaws[law]
    if (verdict.verdict !== 'refuted') return { ...verdict, title }
    const { pair, excepted } = verdict
    const { first, second, deviations, decisions } = pair
    const [one, other] = [await replay(first), await replay(second)]
    if (JSON.stringify([one.decision, other.decision]) !== JSON.stringify(decisions))
      throw new TypeError('the prover found two sign-ins that are decided otherwise')
    const decided = ({ decision }: Replayed) =>
      shownDecision(decision, (rule) => placeOf('rules', rule))
    const changes = facts
      .map((fact) => ({ was: shown(fact, first), is: shown(fact, second) }))
      .filter(({ was, is }) => JSON.stringify(was) !== JSON.stringify(is))
    return {
      law,
      title,
      facts,
      verdict: 'refuted',
      deviations: deviations.map((fact) => deviation(fact, first)),
      changes: changes.map(({ is }) => is),
      signIns: { first: one.sent, second: other.sent },
      decisions: { first: decided(one), second: decided(other) },
      ...(excepted !== undefined && { excepted }),
    }
  }
}

/** Whether a verdict on a law is no failure: it is proved, or the pack itself says what is taken, and why. */
export const isKept = (law: ShownLaw): boolean =>
  law.verdict === 'proved' || (law.verdict === 'refuted' && law.excepted !== undefined)

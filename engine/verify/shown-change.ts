import { factTable } from '../custom-facts.ts'
import type { Decision } from '../decision.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import type { FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { printSignIn } from '../sign-in.ts'
import { placeFinder, type Place } from '../written.ts'
import { labelOf, type Change } from './change.ts'
import type { Compared } from './diff.ts'
import { replaying } from './replay.ts'
import { factShower, type ShownFact } from './shown-fact.ts'

/** A change as people are told it, by a sign-in that is decided otherwise. Values are shown as callers send them. */
export type ShownChange = Change & {
  readonly accepted: boolean
  readonly deviations: readonly (ShownFact & { readonly ordinary: FactValue })[]
  readonly forcing: readonly ShownFact[]
  readonly signIn: ReturnType<typeof printSignIn>
  readonly decisions: { readonly from: ShownDecision; readonly to: ShownDecision }
}

export type ShownDecision = Pick<Decision, 'outcome' | 'requirements'> & {
  /** The rules that determined it, and those that advise. */
  readonly rules: readonly { readonly rule: string; readonly at: Place }[]
  readonly advice: readonly {
    readonly rule: string
    readonly advice: string
    readonly at: Place
  }[]
}

/**
 * Shows changes between two packs. Rejects where a witness is not decided by both as the prover says: that is an error of ours
 * and no change.
 */
export function changeShower(from: Pack, to: Pack, ordinary: SignIn) {
  const table = factTable({ ...from.ruleSet.customFacts, ...to.ruleSet.customFacts })
  const { shown, deviation } = factShower(
    { called: new Map([...from.called, ...to.called]) },
    table,
    ordinary,
  )
  const decided = [from, to].map((pack) => {
    const known = factTable(pack.ruleSet.customFacts)
    const { replay } = replaying(pack)
    const placeOf = placesIn(pack)
    return async (signIn: SignIn) => {
      const { decision } = await replay(onlyKnown(signIn, known))
      return shownDecision(decision, (rule) => placeOf('rules', rule))
    }
  })

  return async ({
    change,
    witness,
    accepted,
  }: Extract<Compared, { verdict: 'some' }>): Promise<ShownChange> => {
    const { signIn, deviations, forcing } = witness
    const was = await decided[0]!(signIn)
    const is = await decided[1]!(signIn)
    if (
      was.outcome !== change.from ||
      is.outcome !== change.to ||
      labelOf(was, is) !== change.label
    )
      throw new TypeError('the prover found a change that there is not')
    return {
      ...change,
      accepted,
      deviations: deviations.map((fact) => deviation(fact, signIn)),
      forcing: forcing.map((fact) => shown(fact, signIn)),
      signIn: printSignIn(signIn, table),
      decisions: { from: was, to: is },
    }
  }
}

/** Tells where rules, by their names, and shared conditions of a pack are written. */
export function placesIn({
  written,
}: Pick<Pack, 'written'>): (part: 'rules' | 'conditions', name: string) => Place {
  const placeOf = placeFinder(written)
  return (part, name) =>
    placeOf(written[part][name]!, part === 'rules' ? '/name' : pointerTo('', name))
}

/** Facts of the one pack's own are nothing to the other. */
const onlyKnown = (signIn: SignIn, known: FactTable): SignIn =>
  Object.fromEntries(
    Object.entries(signIn).filter(([fact]) => Object.hasOwn(known, fact)),
  ) as SignIn

export const shownDecision = (
  { outcome, requirements, reasons, advice }: Decision,
  placeOf: (rule: string) => Place,
): ShownDecision => ({
  outcome,
  requirements,
  rules: reasons.map(({ rule }) => ({ rule, at: placeOf(rule) })),
  advice: advice.map(({ rule, advice }) => ({ rule, advice, at: placeOf(rule) })),
})

import { evaluator } from '../compile/evaluate.ts'
import { termMaker } from '../compile/term.ts'
import { factTable } from '../custom-facts.ts'
import type { Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import { promiseInWords, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { placeFinder, type Place } from '../written.ts'
import { explainingLetThrough, rulesConcerned, type LetThrough } from './let-through.ts'
import { mending, type Mending } from './mend.ts'
import { notModelled, type NotModelled } from './not-modelled.ts'
import { replaying } from './replay.ts'
import { factShower, type ShownFact } from './shown-fact.ts'
import { witnessShower, type ShownWitness } from './shown-witness.ts'
import type { Verdict, Verification } from './verify.ts'

/** A verdict as people are told it. */
export type ShownVerdict = {
  readonly invariant: string
  readonly title: string
  /** What of the decision is promised, in words. */
  readonly promise: string
  /** Where the invariant is written. */
  readonly at: Place
} & (
  | {
      readonly verdict: 'proved'
      /** Of a promise that something is possible: a sign-in that shows it. */
      readonly example?: ShownWitness
    }
  | { readonly verdict: 'vacuous' }
  | { readonly verdict: 'unknown'; readonly because: string }
  /** With the comparisons that are not modelled. */
  | {
      readonly verdict: 'unsupported'
      readonly because: string
      readonly notModelled: readonly NotModelled[]
    }
  | ({ readonly verdict: 'refuted' } & Refutation)
)

/** The sign-in that breaks it and why; there is none where no sign-in is as the invariant promises to be possible. */
export type Refutation = Broken | { readonly witness?: never }

type Broken = {
  readonly witness: ShownWitness
  /** Facts that the invariant wants left out, and what was taken for them. */
  readonly leftOut?: readonly ShownFact[]
  readonly letThrough: LetThrough
} & Mending

const becauseOf = {
  budget: 'the budget of conflicts ran out before there was a proof or a sign-in that breaks it',
  certificate: 'the certifier could not follow the proof, which is a bug of the prover',
}

/**
 * Shows verdicts about a pack, of which it knows all, since what mends one promise must not break another. Rejects where a witness
 * is not decided as the prover says: that is an error of ours and no verdict.
 */
export function verdictShower(
  pack: Pack,
  { ordinary, verdicts }: Pick<Verification, 'ordinary' | 'verdicts'>,
  budget: number,
) {
  const { ruleSet } = pack
  const table = factTable(ruleSet.customFacts)
  const placeOf = placeFinder(pack.written)
  const { mustBreak, mustShow } = replaying(pack)
  const showWitness = witnessShower(pack, ordinary)
  const { shown } = factShower(pack, table, ordinary)
  const partsOf = notModelled(pack, ordinary)
  const explain = explainingLetThrough(pack, table)
  const proved = new Set(
    verdicts.flatMap(({ invariant, verdict }) => (verdict === 'proved' ? [invariant] : [])),
  )
  let mendingOf: ReturnType<typeof mending> | undefined

  return async (verdict: Verdict): Promise<ShownVerdict> => {
    const { invariant } = verdict
    const { name, title, promise } = invariant
    const file = pack.written.invariants[name]!
    const head = {
      invariant: name,
      title,
      promise: promiseInWords(promise),
      at: placeOf(file, pointerTo('', name)),
    }
    switch (verdict.verdict) {
      case 'proved': {
        if (verdict.example === undefined) return { ...head, verdict: 'proved' }
        const example = await showWitness(verdict.example, (signIn, decision) =>
          mustShow(invariant, signIn, decision),
        )
        return { ...head, verdict: 'proved', example }
      }
      case 'refuted': {
        if (verdict.witness === undefined) return { ...head, verdict: 'refuted' }
        const witness = await showWitness(verdict.witness, (signIn, decision) =>
          mustBreak(invariant, signIn, decision),
        )
        const reasons = because(invariant, verdict.witness.signIn, witness.decision)
        return { ...head, verdict: 'refuted', witness, ...reasons }
      }
      case 'unsupported':
        return {
          ...head,
          verdict: 'unsupported',
          because: verdict.because,
          notModelled: partsOf(invariant),
        }
      case 'unknown':
        return { ...head, verdict: 'unknown', because: becauseOf[verdict.because] }
      default:
        return { ...head, verdict: verdict.verdict }
    }
  }

  /** What let the sign-in through, and what mends that. */
  function because(
    invariant: Invariant,
    signIn: SignIn,
    decision: ShownWitness['decision'],
  ): Omit<Broken, 'witness'> {
    const [termOf, testOf] = [termMaker(ruleSet.conditions), evaluator()]
    const applies = (rule: Rule) => testOf(termOf(rule.conditions))(signIn)
    const concerned = rulesConcerned(ruleSet.rules, applies, invariant.promise, decision, signIn)
    mendingOf ??= mending(pack, (each) => proved.has(each), budget)
    const mended = mendingOf(invariant, signIn, concerned)
    const { without = [] } = invariant
    return {
      ...(without.length > 0 && { leftOut: without.map((fact) => shown(fact, signIn)) }),
      letThrough: explain(invariant, signIn, concerned, mended.mend?.at.file),
      ...mended,
    }
  }
}

import { factTable } from '../custom-facts.ts'
import type { Outcome } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import { keeps, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'
import { witnesses, type Witness } from './witness.ts'

/** What can be said of a promise about all sign-ins that the parser admits. */
export type Verdict = { readonly invariant: Invariant } &
  /** Of a promise that something is possible, with a sign-in that shows it. */
  (
    | { readonly verdict: 'proved'; readonly example?: Witness }
    /** There is a sign-in that breaks it; or, where it promises that something is possible, there is none that shows it. */
    | { readonly verdict: 'refuted'; readonly witness?: Witness }
    /** There is no sign-in of which it speaks. */
    | { readonly verdict: 'vacuous' }
    /** Something in it, or in a rule, is not modelled. */
    | { readonly verdict: 'unsupported'; readonly because: string }
    /** More conflicts or time than there may be, or a proof that did not hold up. */
    | { readonly verdict: 'unknown'; readonly because: 'budget' | 'certificate' }
  )

export type Verification = {
  readonly ordinary: SignIn
  readonly verdicts: readonly Verdict[]
  /** Conclusions that the certifier went through, and what it took to come to them. */
  readonly certified: number
  readonly conflicts: number
}

export const usualBudget = 200_000

/** Raised by hand when the prover comes to prove something else of the same rules. */
export const proverVersion = 1

/**
 * Proves each invariant of a pack for all sign-ins that the parser admits, or finds the nearest sign-in that breaks it.
 * `budget` is in conflicts, for each question; once `isOver` holds, whatever is not decided is unknown. Where `any` example does of what
 * is possible, the nearest is not looked for, which takes many times as long; then it is forced by all of its facts.
 */
export function verify(
  pack: Provable,
  budget = usualBudget,
  isOver: () => boolean = () => false,
  examples: 'nearest' | 'any' = 'nearest',
): Verification {
  const { ordinary, prove, effort } = prover(pack, budget, isOver, examples)
  const verdicts = pack.invariants.map(prove)
  return { ordinary, verdicts, ...effort() }
}

/** What of a pack is proved, and of what. */
export type Provable = Pick<Pack, 'ruleSet' | 'invariants' | 'baseline'>

/** Proves invariants of a pack one after the other, for those who want to say how far they are. */
export function prover(
  { ruleSet, invariants, baseline }: Provable,
  budget = usualBudget,
  isOver: () => boolean = () => false,
  examples: 'nearest' | 'any' = 'nearest',
) {
  const table = factTable(ruleSet.customFacts)
  const { rules, conditions, assumptions } = ruleSet
  const ordinary = ordinarySignIn(table, baseline, assumptions)
  const asked = invariants.map(({ when }) => when)
  const model = orUnsupported(() =>
    modelOf(table, ordinary, assumptions, [{ rules, conditions, asked }]),
  )
  if (!(model instanceof Unsupported)) model.formula.endWhen(isOver)
  const judge =
    model instanceof Unsupported ? () => model : judging(model, ordinary, budget, examples)
  return { ordinary, prove, effort }

  function prove(invariant: Invariant): Verdict {
    const verdict = orUnsupported(() => judge(invariant))
    return verdict instanceof Unsupported
      ? { invariant, verdict: 'unsupported', because: verdict.message }
      : { invariant, ...verdict }
  }

  function effort(): Pick<Verification, 'certified' | 'conflicts'> {
    if (model instanceof Unsupported) return { certified: 0, conflicts: 0 }
    return { certified: model.checked(), conflicts: model.formula.count.conflicts }
  }
}

type Judged = Verdict extends infer V ? (V extends unknown ? Omit<V, 'invariant'> : never) : never

function judging(model: Model, ordinary: SignIn, budget: number, examples: 'nearest' | 'any') {
  const { formula } = model
  const part = model.parts[0]!
  const nearest = witnesses(model, ordinary, budget)
  return (invariant: Invariant): Judged => {
    const applies = part.holds(invariant.when)
    if ('possible' in invariant.promise) return possible(applies, invariant.promise.possible)
    const broken = part.decided().answerThat((answer) => !keeps(invariant.promise, answer))
    const witness = nearest([applies, broken])
    if (witness === 'unknown') return { verdict: 'unknown', because: 'budget' }
    if (witness !== undefined) return { verdict: 'refuted', witness }
    if (model.certify([applies, broken]) !== undefined)
      return { verdict: 'unknown', because: 'certificate' }
    const some = formula.solve([applies], budget)
    if (some === 'unknown') return { verdict: 'unknown', because: 'budget' }
    return { verdict: some === 'satisfiable' ? 'proved' : 'vacuous' }
  }

  function possible(applies: Literal, outcome: Outcome): Judged {
    const shown = [applies, part.decided().outcome[outcome]]
    const example = (examples === 'nearest' ? nearest : any)(shown)
    if (example === 'unknown') return { verdict: 'unknown', because: 'budget' }
    if (example !== undefined) return { verdict: 'proved', example }
    if (model.certify(shown) !== undefined) return { verdict: 'unknown', because: 'certificate' }
    return { verdict: 'refuted' }
  }

  function any(shown: readonly Literal[]): Witness | undefined | 'unknown' {
    const answer = formula.solve(shown, budget)
    if (answer !== 'satisfiable') return answer === 'unknown' ? answer : undefined
    const signIn = model.signIn()
    const values = (one: SignIn) => one as Readonly<Record<string, FactValue>>
    const differs = (fact: string) =>
      JSON.stringify(values(signIn)[fact]) !== JSON.stringify(values(ordinary)[fact])
    return { signIn, deviations: model.inputs.filter(differs), forcing: model.inputs }
  }
}

import { termMaker, type Term } from '../compile/term.ts'
import { factTable } from '../custom-facts.ts'
import type { SignIn } from '../facts.ts'
import { keeps, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { deciding, type Deciding } from './deciding.ts'
import { encoding, type Encoding } from './encoding.ts'
import { ordinarySignIn } from './ordinary.ts'
import { Unsupported } from './test.ts'
import { witnesses, type Witness } from './witness.ts'

/** What can be said of a promise about all sign-ins that the parser admits. */
export type Verdict = { readonly invariant: Invariant } & (
  | { readonly verdict: 'proved' }
  /** There is a sign-in that breaks it. */
  | { readonly verdict: 'refuted'; readonly witness: Witness }
  /** There is no sign-in of which it speaks. */
  | { readonly verdict: 'vacuous' }
  /** Something in it, or in a rule, is not modelled. */
  | { readonly verdict: 'unsupported'; readonly because: string }
  /** More conflicts than the budget allows, or a proof that did not hold up. */
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

/**
 * Proves each invariant of a pack for all sign-ins that the parser admits, or finds the nearest sign-in that breaks it.
 * `budget` is in conflicts, for each question.
 */
export function verify(
  { ruleSet, invariants, baseline }: Pick<Pack, 'ruleSet' | 'invariants' | 'baseline'>,
  budget = usualBudget,
): Verification {
  const table = factTable(ruleSet.customFacts)
  const ordinary = ordinarySignIn(table, baseline, ruleSet.assumptions)
  const termOf = termMaker(ruleSet.conditions)
  const rules = ruleSet.rules.map((rule) => ({ rule, term: termOf(rule.conditions) }))
  const asked = invariants.map((invariant) => ({ invariant, when: termOf(invariant.when) }))
  const terms = [...rules.map(({ term }) => term), ...asked.map(({ when }) => when)]
  const failed = (invariant: Invariant, error: unknown): Verdict => {
    if (!(error instanceof Unsupported)) throw error
    return { invariant, verdict: 'unsupported', because: error.message }
  }
  try {
    const model = encoding(table, terms, ordinary, ruleSet.assumptions)
    const judge = judging(model, deciding(model, rules), witnesses(model, ordinary, budget), budget)
    const verdicts = asked.map(({ invariant, when }) => {
      try {
        return judge(invariant, when)
      } catch (error) {
        return failed(invariant, error)
      }
    })
    const { conflicts } = model.formula.count
    return { ordinary, verdicts, certified: model.checked(), conflicts }
  } catch (error) {
    const verdicts = invariants.map((invariant) => failed(invariant, error))
    return { ordinary, verdicts, certified: 0, conflicts: 0 }
  }
}

function judging(
  { formula, literalOf, certify }: Encoding,
  { answerThat }: Deciding,
  nearest: ReturnType<typeof witnesses>,
  budget: number,
) {
  return (invariant: Invariant, when: Term): Verdict => {
    const applies = literalOf(when)
    const witness = nearest([applies, answerThat((answer) => !keeps(invariant.promise, answer))])
    if (witness === 'unknown') return { invariant, verdict: 'unknown', because: 'budget' }
    if (witness !== undefined) return { invariant, verdict: 'refuted', witness }
    if (certify() !== undefined) return { invariant, verdict: 'unknown', because: 'certificate' }
    const some = formula.solve([applies], budget)
    if (some === 'unknown') return { invariant, verdict: 'unknown', because: 'budget' }
    return { invariant, verdict: some === 'satisfiable' ? 'proved' : 'vacuous' }
  }
}

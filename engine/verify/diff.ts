import type { Condition } from '../condition.ts'
import { factTable, type CustomFact } from '../custom-facts.ts'
import type { SignIn } from '../facts.ts'
import type { Pack } from '../pack.ts'
import { changesBetween, literalsOf, type Change } from './change.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'
import { usualBudget } from './verify.ts'
import { witnesses, type Witness } from './witness.ts'

/** Sign-ins that somebody agreed to have decided less strictly. */
export type Acceptance = Pick<Change, 'from' | 'to' | 'dropped' | 'added'> & {
  /** Of which sign-ins; of all where it is left out. Shared conditions are those of the second pack. */
  readonly when?: Condition
}

/** One way to be decided otherwise, and whether any sign-in is. */
export type Compared = { readonly change: Change } &
  /** No sign-in that the parser admits. */
  (
    | { readonly verdict: 'none' }
    | {
        readonly verdict: 'some'
        readonly witness: Witness
        /** Every sign-in that is decided otherwise in this way is one that is accepted; else the witness is one that is not. */
        readonly accepted: boolean
      }
    /** More conflicts than the budget allows, or a proof that did not hold up. */
    | { readonly verdict: 'unknown'; readonly because: 'budget' | 'certificate' }
  )

export type Diff =
  | {
      readonly ordinary: SignIn
      readonly compared: readonly Compared[]
      /** For each acceptance, whether some sign-in is decided less strictly under it. */
      readonly used: readonly boolean[]
      /** Conclusions that the certifier went through. */
      readonly certified: number
      readonly unsupported?: never
    }
  /** Something in one of the packs is not modelled. */
  | { readonly unsupported: string }

type Compares = Pick<Pack, 'ruleSet' | 'baseline'>

/**
 * Compares what two packs decide, over all sign-ins that both admit with every fact sent: for each way to be decided otherwise the nearest
 * sign-in that is, or the proof that there is none. `budget` is in conflicts, for each question.
 */
export function diff(
  from: Compares,
  to: Compares,
  accepted: readonly Acceptance[] = [],
  budget = usualBudget,
): Diff {
  const compared = orUnsupported(() => comparison(from, to, accepted, budget))
  return compared instanceof Unsupported ? { unsupported: compared.message } : compared
}

function comparison(
  from: Compares,
  to: Compares,
  accepted: readonly Acceptance[],
  budget: number,
): Diff {
  const table = factTable(factsOfBoth(from.ruleSet.customFacts, to.ruleSet.customFacts))
  // What only one of them takes for a fact that is left out is no value that both know it by.
  const assumptions = to.ruleSet.assumptions.filter(({ fact, value }) =>
    from.ruleSet.assumptions.some(
      (other) => other.fact === fact && JSON.stringify(other.value) === JSON.stringify(value),
    ),
  )
  const ordinary = ordinarySignIn(table, to.baseline, to.ruleSet.assumptions)
  const asked = accepted.flatMap(({ when }) => when ?? [])
  const model = modelOf(table, ordinary, assumptions, [from.ruleSet, { ...to.ruleSet, asked }])
  const ask = asker(model, accepted, budget)
  const [was, is] = model.parts.map(({ decided }) => decided())
  const advice = [...new Set([...was!.advises.keys(), ...is!.advises.keys()])]
  const questions = changesBetween(advice).map((change) => {
    const literals = literalsOf(change, was!, is!, model.formula)
    return { change, literals, ...ask.whether(change, literals) }
  })
  // What the search for the nearest concludes later needs no proof.
  const isProved = questions.map(
    ({ proved }) => proved === undefined || model.certify(proved) === undefined,
  )
  const certified = model.checked()
  const nearest = witnesses(model, ordinary, budget)
  const compared = questions.map(({ change, shown, proved }, index): Compared => {
    if (shown === 'unknown') return { change, verdict: 'unknown', because: 'budget' }
    if (!isProved[index]) return { change, verdict: 'unknown', because: 'certificate' }
    if (shown === undefined) return { change, verdict: 'none' }
    const witness = nearest(shown)
    if (witness === 'unknown' || witness === undefined)
      return { change, verdict: 'unknown', because: 'budget' }
    return { change, verdict: 'some', witness, accepted: proved !== undefined }
  })
  return { ordinary, compared, used: ask.used(questions), certified }
}

type Asked = {
  readonly shown?: readonly Literal[] | 'unknown'
  readonly proved?: readonly Literal[]
}

/** Whether sign-ins are decided otherwise, and whether all that are were accepted. */
function asker(model: Model, accepted: readonly Acceptance[], budget: number) {
  const { formula } = model
  const regions = accepted.map(({ when }) =>
    when === undefined ? formula.always : model.parts[1]!.holds(when),
  )
  return { whether, used }

  /** `shown` is what a sign-in is to be found for, where there is one; `proved` what no sign-in makes true. */
  function whether(change: Change, literals: readonly Literal[]): Asked {
    const those = regions.filter((_, index) => isFor(accepted[index]!, change))
    const outside = [...literals, ...those.map((region) => -region)]
    const answer = formula.solve(outside, budget)
    if (answer === 'unknown') return { shown: 'unknown' }
    if (answer === 'satisfiable') return { shown: outside }
    if (those.length === 0) return { proved: outside }
    const inside = formula.solve(literals, budget)
    if (inside === 'unknown') return { shown: 'unknown' }
    return inside === 'satisfiable' ? { shown: literals, proved: outside } : { proved: literals }
  }

  function used(
    questions: readonly { readonly change: Change; readonly literals: readonly Literal[] }[],
  ): readonly boolean[] {
    return regions.map((region, index) =>
      questions.some(
        ({ change, literals }) =>
          isFor(accepted[index]!, change) &&
          formula.solve([...literals, region], budget) !== 'unsatisfiable',
      ),
    )
  }
}

const isFor = ({ from, to, dropped, added }: Acceptance, change: Change): boolean =>
  change.label !== 'alike' &&
  from === change.from &&
  to === change.to &&
  (dropped === undefined || dropped === change.dropped) &&
  (added === undefined || added === change.added)

type CustomFacts = Readonly<Record<string, CustomFact>>

/** The facts that either pack declares. Throws `Unsupported` where both declare one by the same name, and not the same values. */
export function factsOfBoth(from: CustomFacts, to: CustomFacts): CustomFacts {
  const values = ({ kind, values, min, max }: CustomFact) =>
    JSON.stringify([kind, values, min, max])
  for (const [name, fact] of Object.entries(from)) {
    const other = Object.hasOwn(to, name) ? to[name] : undefined
    if (other !== undefined && values(other) !== values(fact))
      throw new Unsupported(
        `${name} has other values in the one pack than in the other, so that there are no sign-ins to compare`,
      )
  }
  return { ...from, ...to }
}

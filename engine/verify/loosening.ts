import { compile } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import { atLeastAsStrict, requirements, type Decision } from '../decision.ts'
import type { FactTable } from '../facts.ts'
import { printValue, type FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { factsRead, type RuleSet } from '../rule-set.ts'
import { assumedFor } from '../sign-in.ts'
import type { Deciding } from './deciding.ts'
import { factsOfBoth } from './diff.ts'
import type { Side } from './encoding.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'
import { usualBudget } from './verify.ts'
import { witnesses } from './witness.ts'

/** Whether an overlay decides some sign-in less strictly than its base, of all that both admit. */
export type Loosening =
  | { readonly verdict: 'never' }
  | { readonly verdict: 'sometimes'; readonly shown: Loosened }
  /** Something in one of them is not modelled. */
  | { readonly verdict: 'unsupported'; readonly because: string }
  /** More conflicts or time than there may be; a proof that did not hold up; or a sign-in that is decided otherwise than the prover says. */
  | { readonly verdict: 'unknown'; readonly because: 'budget' | 'certificate' | 'disagreed' }

/** A sign-in that an overlay loosens, as near to the ordinary one as any. */
export type Loosened = {
  /** Where it is not as the ordinary one, as callers send it. */
  readonly deviations: readonly { readonly fact: string; readonly value: FactValue }[]
  /** What it leaves out, for which the two assume unlike values. */
  readonly leavesOut: readonly string[]
  readonly decisions: { readonly base: Decision; readonly overlay: Decision }
}

type Base = Pick<Pack, 'ruleSet' | 'baseline'>
type Assumed = { readonly fact: string; readonly base: FactValue; readonly overlay: FactValue }

/**
 * Proves that an overlay decides every sign-in that its base admits at least as strictly or refuses it, or finds the nearest of which
 * that is not so. A fact that is left out is for each of the two what it assumes; facts of the overlay's own may be anything.
 * `budget` is in conflicts; once `isOver` holds, it is unknown.
 */
export function loosening(
  base: Base,
  overlay: RuleSet,
  isOver: () => boolean = () => false,
  budget = usualBudget,
): Loosening {
  const found = orUnsupported(() => proving(base, overlay, isOver, budget))
  return found instanceof Unsupported ? { verdict: 'unsupported', because: found.message } : found
}

function proving(base: Base, overlay: RuleSet, isOver: () => boolean, budget: number): Loosening {
  const { ruleSet, baseline } = base
  const table = factTable(factsOfBoth(ruleSet.customFacts, overlay.customFacts))
  const ordinary = ordinarySignIn(table, baseline, ruleSet.assumptions)
  const model = modelOf(table, ordinary, ruleSet.assumptions, [ruleSet, overlay])
  const { formula } = model
  formula.endWhen(isOver)
  const unlike = assumedUnlike(ruleSet, overlay, table).filter(({ fact }) =>
    model.inputs.includes(fact),
  )
  const twin =
    unlike.length === 0
      ? model
      : model.twin(
          unlike.map(({ fact }) => fact),
          overlay.assumptions,
        )
  const looser = [
    ...unlike.map((each) =>
      formula.any([sameIn(each.fact, model, twin), isLeftOut(each, model, twin)]),
    ),
    ...unknownTo(overlay, ruleSet, table, model),
    ...isLooser(formula, model.parts[0]!.decided(), twin.parts[1]!.decided()),
  ]
  const answer = formula.solve(looser, budget)
  if (answer === 'unknown') return { verdict: 'unknown', because: 'budget' }
  if (answer === 'unsatisfiable')
    return model.certify(looser) === undefined
      ? { verdict: 'never' }
      : { verdict: 'unknown', because: 'certificate' }

  const nearest = witnesses(model, ordinary, budget)(looser)
  if (nearest === undefined || nearest === 'unknown')
    return { verdict: 'unknown', because: 'budget' }
  const values = nearest.signIn as Values
  const same = model.inputs.map((fact) => model.is(fact, values[fact]!))
  if (formula.solve([...looser, ...same], budget) !== 'satisfiable')
    return { verdict: 'unknown', because: 'budget' }
  const leavesOut = unlike.flatMap((each) =>
    formula.isTrue(sameIn(each.fact, model, twin)) ? [] : [each.fact],
  )
  const [asBase, asOverlay] = [model.signIn(), twin.signIn()]
  const decisions = { base: compile(ruleSet)(asBase), overlay: compile(overlay)(asOverlay) }
  if (atLeastAsStrict(decisions.overlay, decisions.base))
    return { verdict: 'unknown', because: 'disagreed' }
  const deviations = nearest.deviations
    .filter((fact) => !leavesOut.includes(fact))
    .map((fact) => ({ fact, value: printValue(table[fact]!.kind, values[fact]!) }))
  return { verdict: 'sometimes', shown: { deviations, leavesOut, decisions } }
}

type Values = Readonly<Record<string, FactValue>>

/** Facts for which both assume a value where they are left out, and not the same; where one refuses, there is nothing to compare. */
function assumedUnlike(base: RuleSet, overlay: RuleSet, table: FactTable): readonly Assumed[] {
  const [below, above] = [base, overlay].map(({ assumptions }) => assumedFor(table, assumptions))
  const read = factsRead(base)
  return [...above!].flatMap(([fact, { value }]) => {
    // A base that does not look at it takes whatever is there, or nothing, alike.
    const before = below!.get(fact)?.value ?? (read.has(fact) ? undefined : value)
    if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) return []
    return [{ fact, base: before, overlay: value }]
  })
}

/** Facts of the base's own that the overlay took out can't be sent to it: they are what the base assumes, or there is nothing to compare. */
function unknownTo(
  overlay: RuleSet,
  base: RuleSet,
  table: FactTable,
  { formula, inputs, is }: Model,
): readonly Literal[] {
  const assumed = assumedFor(table, base.assumptions)
  return inputs.flatMap((fact) => {
    if (!Object.hasOwn(base.customFacts, fact) || Object.hasOwn(overlay.customFacts, fact))
      return []
    const before = assumed.get(fact)
    return [before === undefined ? -formula.always : is(fact, before.value)]
  })
}

const isLeftOut = (each: Assumed, below: Side, above: Side): Literal =>
  below.formula.all([below.is(each.fact, each.base), above.is(each.fact, each.overlay)])

/** That the fact is the same in both, as it is where a caller sends it. */
function sameIn(fact: string, below: Side, above: Side): Literal {
  const [one, other] = [below.columns.get(fact)!, above.columns.get(fact)!]
  const { formula } = below
  if (one.holds !== 'number' || other.holds !== 'number')
    return formula.all(
      one.holds === 'number' || other.holds === 'number'
        ? []
        : one.of.map((literal, index) => formula.same(literal, other.of[index]!)),
    )
  const equal = [
    below.atMost(one.number!, other.number!, 0),
    below.atMost(other.number!, one.number!, 0),
  ]
  return formula.any([
    formula.all([one.never, other.never]),
    formula.all([-one.never, -other.never, ...equal]),
  ])
}

/** That the one is not decided at least as strictly as the other was. */
function isLooser(formula: Side['formula'], was: Deciding, is: Deciding): readonly Literal[] {
  const drops = requirements.map((each) => formula.all([was.demands[each], -is.demands[each]]))
  return [-is.outcome.block, formula.any([was.outcome.block, ...drops])]
}

/** `an ordinary sign-in but for device.compliant true, without session.mfa, gets allow instead of challenge` */
export function loosenedText({ deviations, leavesOut, decisions }: Loosened): string {
  const changes = [
    ...deviations.map(({ fact, value }) => `${fact} ${JSON.stringify(value)}`),
    ...leavesOut.map((fact) => `without ${fact}`),
  ]
  const answer = ({ outcome, requirements: demanded }: Decision) => [outcome, ...demanded].join(' ')
  return `an ordinary sign-in${changes.length === 0 ? '' : ` ${deviations.length > 0 ? 'but for ' : ''}${changes.join(', ')}`} gets ${answer(decisions.overlay)} instead of ${answer(decisions.base)}`
}

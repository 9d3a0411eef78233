import { compile } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import { requirements, type Decision } from '../decision.ts'
import { facts as standardFacts, farAhead, longAgo, type FactTable, type SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { assumedFor } from '../sign-in.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'
import { usualBudget } from './verify.ts'
import { witnesses } from './witness.ts'

/**
 * What should be so of each two sign-ins that differ in one respect, whatever a pack is for. It is of sign-ins whose times all lie
 * from 1970 to the last day of 9999: what is assumed for a time that is left out is one of these two.
 */
export const pairLaws = {
  addedRole: 'who is given one more administrator role is never asked for less',
  laterTime: 'a later time never puts off registration that was due',
  leftOut: 'a fact that is left out is never looser than any value it could have had',
  unmentioned: 'a fact that no condition mentions never matters',
} as const

/** A law of pairs as it is for a pack, for all sign-ins that the parser admits. */
export type PairVerdict = {
  readonly law: keyof typeof pairLaws
  /** The facts in which the two differ. */
  readonly facts: readonly string[]
} & (
  | {
      readonly verdict: 'proved'
      /** Conclusions that the certifier went through. */
      readonly certified: number
    }
  | {
      readonly verdict: 'refuted'
      readonly pair: Pair
      /** The pack says what is taken for the fact that is left out, and why: its authors answer for that. */
      readonly excepted?: string
    }
  | { readonly verdict: 'unsupported'; readonly because: string }
  | { readonly verdict: 'unknown'; readonly because: 'budget' | 'certificate' }
)

/** Two sign-ins of which the second should not be decided less strictly than the first. */
export type Pair = {
  readonly first: SignIn
  readonly second: SignIn
  /** Facts in which the first deviates from the ordinary sign-in: as few as any pair that breaks the law. */
  readonly deviations: readonly string[]
  readonly decisions: readonly [Decision, Decision]
}

type Twin = ReturnType<Model['twin']>
type Provable = Pick<Pack, 'ruleSet' | 'baseline'>

/** What two sign-ins must be for a law to be broken. */
type Question = {
  readonly law: keyof typeof pairLaws
  readonly facts: readonly string[]
  readonly excepted?: string
  /** The second sign-in, and what must hold; undefined where no rule looks at what it takes. */
  readonly pose: (
    model: Model,
  ) => { readonly twin: Twin; readonly broken: readonly Literal[] } | undefined
}

/**
 * Proves the laws of pairs for a pack, or finds the nearest two sign-ins that break them. `budget` is in conflicts, for each
 * question; `tell` is told what is asked next.
 */
export function pairVerdicts(
  pack: Provable,
  budget = usualBudget,
  tell: (law: PairVerdict['law'], facts: readonly string[]) => void = () => {},
): readonly PairVerdict[] {
  const verdicts = orUnsupported(() => proving(pack, budget, tell))
  return verdicts instanceof Unsupported
    ? Object.keys(pairLaws).map((law) => ({
        law: law as keyof typeof pairLaws,
        facts: [],
        verdict: 'unsupported',
        because: verdicts.message,
      }))
    : verdicts
}

function proving(
  { ruleSet, baseline }: Provable,
  budget: number,
  tell: (law: PairVerdict['law'], facts: readonly string[]) => void,
): readonly PairVerdict[] {
  const { rules, conditions, assumptions } = ruleSet
  const table = factTable(ruleSet.customFacts)
  const ordinary = ordinarySignIn(table, baseline, assumptions)
  const isAdministrator = {
    fact: 'user.roles',
    operator: 'someFact:in',
    value: administratorRoles,
  }
  const fresh = () =>
    modelOf(table, ordinary, assumptions, [{ rules, conditions, asked: [isAdministrator] }])
  const decide = compile(ruleSet)
  return questionsOf(ruleSet, fresh().inputs, table).flatMap(
    ({ law, facts, excepted, pose }): readonly PairVerdict[] => {
      tell(law, facts)
      // Each of a model of its own: the second sign-ins of all others would be in the way.
      const model = fresh()
      const posed = pose(model)
      if (posed === undefined) return []
      const { twin, broken } = posed
      const unknown = (because: 'budget' | 'certificate') =>
        [{ law, facts, verdict: 'unknown', because }] as const
      const answer = model.formula.solve(broken, budget)
      if (answer === 'unknown') return unknown('budget')
      if (answer === 'unsatisfiable')
        return model.certify(broken) === undefined
          ? [{ law, facts, verdict: 'proved', certified: model.checked() }]
          : unknown('certificate')
      const found = witnesses(model, ordinary, budget)(broken)
      if (found === undefined || found === 'unknown') return unknown('budget')
      const values = found.signIn as Readonly<Record<string, FactValue>>
      const same = model.inputs.map((fact) => model.is(fact, values[fact]!))
      if (model.formula.solve([...broken, ...same], budget) !== 'satisfiable')
        return unknown('budget')
      const [first, second] = [model.signIn(), twin.signIn()]
      const decisions = [decide(first), decide(second)] as const
      if (!isLooser(law, ...decisions))
        throw new TypeError(`the prover found two sign-ins that keep a law: ${law}`)
      const pair = { first, second, deviations: found.deviations, decisions }
      return [{ law, facts, verdict: 'refuted', pair, ...(excepted !== undefined && { excepted }) }]
    },
  )
}

const isAssumedLongAgo = ({ origin }: FactTable[string]): boolean =>
  'value' in origin && origin.value === longAgo

/** That all times lie within those that are assumed for times that are left out. */
const inOurTimes = ({ inputs, columns }: Pick<Model, 'inputs' | 'columns'>, table: FactTable) =>
  inputs.flatMap((fact): readonly Literal[] => {
    const column = columns.get(fact)!
    const isTime = table[fact]!.kind.kind.startsWith('timestamp')
    if (!isTime || column.holds !== 'number') return []
    // What is assumed is before all others.
    const first = isAssumedLongAgo(table[fact]!) ? longAgo : longAgo + 1
    return [-column.atMost(first - 1), column.atMost(farAhead)]
  })

function questionsOf(
  { assumptions }: Pack['ruleSet'],
  inputs: readonly string[],
  table: FactTable,
): readonly Question[] {
  const declared = new Map(assumptions.map(({ fact, reason }) => [fact, reason]))
  const unmentioned = Object.keys(table).filter(
    (fact) => table[fact]!.origin.by !== 'engine' && !inputs.includes(fact),
  )
  /** Poses it of these facts, with what must hold beside all times being ours. */
  const of =
    (
      facts: readonly string[],
      broken: (model: Model, twin: Twin) => readonly Literal[] | undefined,
    ) =>
    (model: Model) => {
      const twin = model.twin(facts)
      const asked = broken(model, twin)
      if (asked === undefined) return undefined
      return { twin, broken: [...asked, ...inOurTimes(model, table), ...inOurTimes(twin, table)] }
    }
  const leftOut = [...assumedFor(table, assumptions)].filter(([fact]) => inputs.includes(fact))
  return [
    { law: 'addedRole', facts: ['user.roles'], pose: of(['user.roles'], roleAdded) },
    { law: 'laterTime', facts: ['at'], pose: of(['at'], isLater) },
    ...leftOut.map(([fact, { value }]): Question => {
      const excepted = declared.get(fact)
      return {
        law: 'leftOut',
        facts: [fact],
        ...(excepted !== undefined && { excepted }),
        pose: of([fact], (model, twin) => [twin.is(fact, value), ...looser(model, twin)]),
      }
    }),
    { law: 'unmentioned', facts: unmentioned, pose: of(unmentioned, decidedOtherwise) },
  ]
}

function roleAdded(model: Model, twin: Twin): readonly Literal[] | undefined {
  const { formula } = model
  const [fewer, more] = [model.columns.get('user.roles')!, twin.columns.get('user.roles')!]
  if (fewer.holds !== 'many' || more.holds !== 'many') return undefined
  const adds = fewer.of.map((before, index) => {
    const isGiven = formula.truth(
      administratorRoles.includes(fewer.classes[index]!.value as string),
    )
    return formula.any([
      formula.same(before, more.of[index]!),
      formula.all([isGiven, -before, more.of[index]!]),
    ])
  })
  return [...adds, ...looser(model, twin)]
}

function isLater(model: Model, twin: Twin): readonly Literal[] | undefined {
  const [before, after] = [model.columns.get('at'), twin.columns.get('at')]
  if (before?.holds !== 'number' || after?.holds !== 'number') return undefined
  const [was, is] = [model.parts[0]!.decided(), twin.parts[0]!.decided()]
  return [
    model.atMost(before.number!, after.number!, 0),
    was.demands.mfaRegistration,
    -is.demands.mfaRegistration,
    -is.outcome.block,
  ]
}

function decidedOtherwise({ formula, parts }: Model, twin: Twin): readonly Literal[] {
  const [was, is] = [parts[0]!.decided(), twin.parts[0]!.decided()]
  const same = requirements.map((each) => formula.same(was.demands[each], is.demands[each]))
  return [-formula.all([formula.same(was.outcome.block, is.outcome.block), ...same])]
}

/** That the second sign-in is not decided at least as strictly as the first. */
function looser({ formula, parts }: Model, twin: Twin): readonly Literal[] {
  const was = parts[0]!.decided()
  const is = twin.parts[0]!.decided()
  const drops = requirements.map((each) => formula.all([was.demands[each], -is.demands[each]]))
  return [-is.outcome.block, formula.any([was.outcome.block, ...drops])]
}

function isLooser(law: keyof typeof pairLaws, first: Decision, second: Decision): boolean {
  const demands = ({ requirements: demanded }: Decision, each: string) =>
    (demanded as readonly string[]).includes(each)
  if (second.outcome === 'block') return law === 'unmentioned' && first.outcome !== 'block'
  const dropped = requirements.filter((each) => demands(first, each) && !demands(second, each))
  if (law === 'laterTime') return dropped.includes('mfaRegistration')
  return first.outcome === 'block' || dropped.length > 0 || law === 'unmentioned'
}

/** Template ids of the built-in roles that administer something. */
const administratorRoles: readonly string[] = Object.entries(
  standardFacts['user.roles'].kind.form.names ?? {},
).flatMap(([name, id]) => (name.endsWith('Administrator') ? [id] : []))

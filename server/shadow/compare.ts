import {
  compiler,
  enforced,
  factsRead,
  factTable,
  load,
  outcomes,
  printValue,
  readSignIn,
  type Decision,
  type DecisionBody,
  type FactValue,
  type Fault,
  type Outcome,
  type Reason,
  type Rule,
  type RuleSet,
  type SignIn,
} from '../../engine/index.ts'
import type { Note } from '../observers/shadow/ring.ts'

/** What is compared with decisions that were told: another rule set, or the same with the rules that only report enforced. */
export const kinds = ['candidate', 'report'] as const
export type Kind = (typeof kinds)[number]

/** Where a difference leads to; a candidate may also refuse a sign-in, for want of a fact that it asks for. */
export const ends = [...outcomes, 'refused'] as const
export type End = (typeof ends)[number]

/** What became of a rule: it is a reason (or an advice) of the candidate's alone, of the live decision's alone, or says something else; or, of one that only reports, it applies. */
export const changes = ['added', 'removed', 'changed', 'applies'] as const
export type Change = (typeof changes)[number]

export const members = ['outcome', 'requirements', 'reasons', 'advice'] as const
export type Member = (typeof members)[number]

export type Compared = {
  readonly from: Outcome
  readonly to: End
  /** Nothing where the two decisions are one. */
  readonly differs: readonly Member[]
  readonly rules: readonly RuleChange[]
}
export type RuleChange = { readonly rule: string; readonly change: Change }

/** A comparison of which something is to be said, with what it rests on. */
export type Difference = Compared & {
  readonly live: DecisionBody
  /** The other decision as JSON text, or why there is none. */
  readonly other: { readonly json: string } | { readonly faults: readonly Fault[] }
  /** Facts that the rules which make the difference look at, as far as the candidate knows them. Nobody's identity is among them. */
  readonly facts: () => Readonly<Record<string, FactValue>>
}

export type Comparer = {
  readonly kind: Kind
  /** What decides beside. */
  readonly ruleSet: RuleSet
  /** Names of rules that may be told of. */
  readonly rules: readonly string[]
  /** Decides what was told once more; undefined if there is nothing to say. */
  readonly compare: (note: Note) => Difference | undefined
}

/** Names of the rules that a comparison can tell of, in the order in which they are counted. */
export const rulesCounted = (kind: Kind, live: RuleSet, candidate: RuleSet): readonly string[] =>
  kind === 'report'
    ? namesOf(live.reportRules)
    : [...new Set([...namesOf(live.rules), ...namesOf(candidate.rules)])].sort()

const namesOf = (rules: readonly Rule[]) => rules.map(({ name }) => name)

/** Compares the decisions of the live rule set with those of the candidate. */
export function comparer(kind: Kind, live: RuleSet, given: RuleSet): Comparer {
  const ruleSet = kind === 'report' ? enforced(live) : given
  const loaded = load(ruleSet)
  const table = factTable(ruleSet.customFacts)
  const textOf = decisionText()
  const applying = kind === 'report' ? applicable(live) : undefined
  return { kind, ruleSet, rules: rulesCounted(kind, live, ruleSet), compare }

  function compare({ body, now, text }: Note): Difference | undefined {
    const read = readSignIn(loaded, body, now)
    if (read.faults) {
      const told = JSON.parse(text) as DecisionBody
      const { outcome: from } = told
      const { faults } = read
      const compared = { from, to: 'refused', differs: ['outcome'], rules: [] } as const
      return { ...compared, live: told, other: { faults }, facts: () => ({}) }
    }
    const { signIn, assumed } = read
    const decision = loaded.decide(signIn)
    const rules = applying?.(signIn) ?? []
    const isSame = textOf(decision) === toldText(text)
    if (isSame && rules.length === 0) return undefined
    const told = JSON.parse(text) as DecisionBody
    const changed = isSame ? [] : changesOf(told, decision)
    return {
      from: told.outcome,
      to: decision.outcome,
      differs: isSame ? [] : differing(told, decision),
      rules: applying ? rules : changed,
      live: told,
      other: { json: loaded.print(decision, assumed, {}) },
      facts: () => factsOf([...rules, ...changed], signIn),
    }
  }

  function factsOf(of: readonly RuleChange[], signIn: SignIn): Readonly<Record<string, FactValue>> {
    const names = new Set(of.map(({ rule }) => rule))
    const read = [live, ruleSet].flatMap(({ rules, conditions, customFacts }) => [
      ...factsRead({
        rules: rules.filter(({ name }) => names.has(name)),
        conditions,
        customFacts,
      }),
    ])
    const values = signIn as Readonly<Record<string, FactValue>>
    return Object.fromEntries(
      [...new Set(read)]
        .sort()
        .flatMap((fact) =>
          table[fact] === undefined ? [] : [[fact, printValue(table[fact].kind, values[fact]!)]],
        ),
    )
  }
}

/** Tells which rules in report mode apply to a sign-in, whether or not a decision would name them. */
function applicable({ reportRules, conditions }: RuleSet) {
  const compiled = compiler(conditions)
  const tests = reportRules.map(({ name, conditions: when }) => ({
    told: { rule: name, change: 'applies' } as const,
    applies: compiled(when),
  }))
  return (signIn: SignIn): readonly RuleChange[] =>
    tests.flatMap(({ told, applies }) => (applies(signIn) ? [told] : []))
}

/** The text of a decision, which is made once for each that is kept. */
function decisionText(): (decision: Decision) => string {
  const texts = new WeakMap<Decision, string>()
  return (decision) => {
    const known = texts.get(decision)
    if (known !== undefined) return known
    const text = JSON.stringify(decision).slice(1, -1)
    if (Object.isFrozen(decision)) texts.set(decision, text)
    return text
  }
}

/** What of a decision that was told is the decision itself. Quotes inside JSON strings are escaped, so these are found nowhere else. */
const toldText = (text: string): string =>
  text.slice(text.indexOf('"outcome":'), text.indexOf(',"assumed":['))

/** Two ways to write the same are no difference. */
const differing = (live: DecisionBody, other: Decision): readonly Member[] =>
  members.filter((member) => JSON.stringify(live[member]) !== JSON.stringify(other[member]))

function changesOf(live: DecisionBody, other: Decision): readonly RuleChange[] {
  const [before, after] = [live, other].map(saidBy) as [Said, Said]
  const added = [...after.keys()].filter((rule) => !before.has(rule))
  return [
    ...added.map((rule) => ({ rule, change: 'added' }) as const),
    ...[...before].flatMap(([rule, said]): RuleChange[] => {
      const now = after.get(rule)
      if (now === undefined) return [{ rule, change: 'removed' }]
      return now === said ? [] : [{ rule, change: 'changed' }]
    }),
  ]
}

type Said = ReadonlyMap<string, string>
const saidBy = ({ reasons, advice }: Decision): Said =>
  new Map(
    ([...reasons, ...advice] as readonly Reason[]).map((each) => [each.rule, JSON.stringify(each)]),
  )

import { runCases } from '../case.ts'
import { evaluator } from '../compile/evaluate.ts'
import { termMaker } from '../compile/term.ts'
import { inWords, referencesWithin, type Condition } from '../condition.ts'
import { factTable } from '../custom-facts.ts'
import { combine, type Decide, type Decision, type Event, type Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import { keeps, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { factsRead, type RuleSet } from '../rule-set.ts'
import { signInParser } from '../sign-in.ts'
import { placeFinder, type Place } from '../written.ts'
import { prover } from './verify.ts'

/** An edit of one thing after which the invariant is proved, no promise is broken that was kept, and every case comes out as before. */
export type Mend = {
  readonly edit: 'delete' | 'negate' | 'removeRule' | 'enforceRule' | 'restoreRule' | 'addRule'
  /** The condition that is deleted or negated, in words; else the rule. */
  readonly what: string
  /** Where it stands; of a rule to add, the promise that it is made of. */
  readonly at: Place
  /** What a rule to add has in it, beside its name, title, control and source. */
  readonly rule?: { readonly conditions: unknown; readonly event: Event }
}

export type Mending = {
  readonly mend?: Mend
  /** Whether all such edits were tried; there is none where they were and none is given. */
  readonly triedAll: boolean
}

type Candidate = Omit<Mend, 'at'> & {
  readonly ruleSet: RuleSet
  /** Whether it is in a shared condition, on which other rules depend too. */
  readonly shared: boolean
  readonly at: () => Place
}

/** Rules looked at in a search. */
const mostLooks = 60_000
/** More proofs are not tried for one invariant; with thousands of rules each takes long. */
const proofsFor = (rules: number): number => Math.max(3, Math.min(20, Math.floor(6000 / rules)))

const order: readonly Mend['edit'][] = [
  'delete',
  'negate',
  'enforceRule',
  'restoreRule',
  'removeRule',
  'addRule',
]

/**
 * Looks for the smallest edit that mends a broken promise: a condition deleted or negated in one of the rules concerned, or in
 * a shared one that they refer to and the promise does not; a rule taken out, put back, or made of the promise. What is tried
 * depends on the pack alone.
 */
export function mending(pack: Pack, isProved: (invariant: Invariant) => boolean, budget: number) {
  const { ruleSet, invariants, written, cases } = pack
  const placeOf = placeFinder(written)
  const parse = signInParser(
    factTable(ruleSet.customFacts),
    ruleSet.assumptions,
    factsRead(ruleSet),
  )
  const decideBefore = deciderOf(ruleSet)
  const before = failing(decideBefore)

  return (invariant: Invariant, signIn: SignIn, concerned: readonly Rule[]): Mending => {
    const all = [...candidates(invariant, signIn, concerned)]
    const most = Math.floor(mostLooks / ruleSet.rules.length)
    const hopeful = all.slice(0, most).flatMap((candidate) => {
      const decide = deciderOf(candidate.ruleSet)
      if (!keeps(invariant.promise, decide(signIn))) return []
      const after = failing(decide)
      return after.isSubsetOf(before) ? [{ ...candidate, failing: after.size }] : []
    })
    // What also brings right the most cases is what was meant.
    const sorted = hopeful.toSorted(
      (a, b) =>
        a.failing - b.failing ||
        order.indexOf(a.edit) - order.indexOf(b.edit) ||
        Number(a.shared) - Number(b.shared),
    )
    const proofs = proofsFor(ruleSet.rules.length)
    const found = sorted.slice(0, proofs).find(({ ruleSet: edited }) => mends(edited, invariant))
    if (found === undefined) return { triedAll: all.length <= most && sorted.length <= proofs }
    const { edit, what, rule, at } = found
    return { mend: { edit, what, at: at(), ...(rule && { rule }) }, triedAll: true }
  }

  /** Cases that do not come out as they should. */
  function failing(decide: Decide): ReadonlySet<string> {
    const results = runCases(cases, parse, decide)
    return new Set(
      results.flatMap(({ case: each, problems }) => (problems.length > 0 ? [each.name] : [])),
    )
  }

  /** It is proved with these rules, and so is everything that was. */
  function mends(edited: RuleSet, invariant: Invariant): boolean {
    const { prove } = prover({ ...pack, ruleSet: edited }, budget)
    const others = invariants.filter((each) => each !== invariant && isProved(each))
    return [invariant, ...others].every((each) => prove(each).verdict === 'proved')
  }

  function* candidates(
    invariant: Invariant,
    signIn: SignIn,
    concerned: readonly Rule[],
  ): Generator<Candidate> {
    const { rules, conditions } = ruleSet
    for (const rule of concerned) {
      const file = written.rules[rule.name]!
      for (const each of edits(rule.conditions, '/conditions'))
        yield {
          ...each,
          shared: false,
          at: () => placeOf(file, each.pointer),
          ruleSet: withRules([
            ...rules.filter((other) => other !== rule),
            { ...rule, conditions: each.edited },
          ]),
        }
    }
    // To change what the promise is about would be no way to keep it.
    const fixed = referencesWithin(invariant.when, conditions)
    const shared = new Set(
      concerned.flatMap((rule) => [...referencesWithin(rule.conditions, conditions)]),
    )
    for (const name of shared) {
      if (fixed.has(name)) continue
      for (const each of edits(conditions[name]!, pointerTo('', name)))
        yield {
          ...each,
          shared: true,
          at: () => placeOf(written.conditions[name]!, each.pointer),
          ruleSet: { ...ruleSet, conditions: { ...conditions, [name]: each.edited } },
        }
    }
    const decision = decideBefore(signIn)
    const reasons = new Set<string>(decision.reasons.map(({ rule }) => rule))
    for (const rule of concerned)
      if (reasons.has(rule.name))
        yield {
          edit: 'removeRule',
          what: rule.name,
          shared: false,
          at: () => placeOf(written.rules[rule.name]!, '/name'),
          ruleSet: withRules(rules.filter((other) => other !== rule)),
        }
    yield* idle()
    yield* ofPromise(invariant, decision)
  }

  /** Rules that are there and do not decide: in report mode, or taken out of the base. */
  function* idle(): Generator<Candidate> {
    const { rules, reportRules } = ruleSet
    for (const rule of reportRules)
      yield {
        edit: 'enforceRule',
        what: rule.name,
        shared: false,
        at: () => placeOf(written.rules[rule.name]!, '/mode'),
        ruleSet: withRules([...rules, rule]),
      }
    const { base } = pack
    for (const rule of base?.ruleSet.rules ?? [])
      if (![...rules, ...reportRules].some(({ name }) => name === rule.name))
        yield {
          edit: 'restoreRule',
          what: rule.name,
          shared: false,
          at: () => placeFinder(base!.written)(base!.written.rules[rule.name]!, '/name'),
          ruleSet: withRules([...rules, rule]),
        }
  }

  /** A rule that does what is promised, where it is promised. */
  function* ofPromise(
    { name, when, without, promise }: Invariant,
    decision: Decision,
  ): Generator<Candidate> {
    const event = eventFor(promise, decision)
    // Rules do not know whether a fact was left out.
    if (event === undefined || without !== undefined) return
    const file = written.invariants[name]!
    const { when: conditions } = (
      JSON.parse(written.texts[file]!.replace(/^\uFEFF/, '')) as Record<string, { when: unknown }>
    )[name]!
    yield {
      edit: 'addRule',
      what: `keep-${name}`,
      shared: false,
      rule: { conditions, event },
      at: () => placeOf(file, pointerTo(pointerTo('', name), 'when')),
      ruleSet: withRules([
        ...ruleSet.rules,
        { name: `keep-${name}`, title: '', control: '', source: '', conditions: when, event },
      ]),
    }
  }

  function withRules(rules: readonly Rule[]): RuleSet {
    return { ...ruleSet, rules: rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
  }
}

/** The effect that keeps a promise wherever it applies, if there is one. */
function eventFor(promise: Invariant['promise'], decision: Decision): Event | undefined {
  const block = { type: 'block', params: { code: 'promised' } } as const
  if ('requires' in promise) {
    const demanded: readonly string[] = decision.requirements
    const [requirement, second] = promise.requires.filter((each) => !demanded.includes(each))
    return requirement === undefined || second !== undefined
      ? undefined
      : { type: 'challenge', params: { requirement, code: 'promised' } }
  }
  if ('exactly' in promise) return promise.exactly === 'block' ? block : undefined
  return 'atLeast' in promise && promise.atLeast === 'block' ? block : undefined
}

type Edit = {
  readonly edit: 'delete' | 'negate'
  readonly what: string
  readonly pointer: string
  readonly edited: Condition
}

/** The condition with each of its comparisons and references deleted, where others stand beside it, or negated. */
function* edits(condition: Condition, pointer: string): Generator<Edit> {
  if ('all' in condition || 'any' in condition) {
    const [kind, members] =
      'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const)
    const joined = (parts: readonly Condition[]): Condition =>
      kind === 'all' ? { all: parts } : { any: parts }
    for (const [index, member] of members.entries()) {
      const at = pointerTo(pointerTo(pointer, kind), index)
      if (members.length > 1)
        yield {
          edit: 'delete',
          what: inWords(member),
          pointer: at,
          edited: joined(members.toSpliced(index, 1)),
        }
      for (const each of edits(member, at))
        yield { ...each, edited: joined(members.with(index, each.edited)) }
    }
    return
  }
  if ('not' in condition) {
    yield { edit: 'negate', what: inWords(condition), pointer, edited: condition.not }
    if ('condition' in condition.not || 'fact' in condition.not) return
    for (const each of edits(condition.not, pointerTo(pointer, 'not')))
      yield { ...each, edited: { not: each.edited } }
    return
  }
  yield { edit: 'negate', what: inWords(condition), pointer, edited: { not: condition } }
}

/** Decides without compiling, for rules that are asked a few times. */
function deciderOf({ rules, conditions }: RuleSet): Decide {
  const [termOf, testOf] = [termMaker(conditions), evaluator()]
  const tests = rules.map((rule) => ({ rule, test: testOf(termOf(rule.conditions)) }))
  return (signIn) =>
    combine(
      tests.flatMap(({ rule, test }) => (test(signIn) ? [rule] : [])),
      signIn,
    )
}

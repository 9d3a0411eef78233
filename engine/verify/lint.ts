import { finder, strategyFor } from '../compile/compile.ts'
import { evaluator } from '../compile/evaluate.ts'
import { termMaker, type Term } from '../compile/term.ts'
import type { Condition } from '../condition.ts'
import { factTable } from '../custom-facts.ts'
import type { Event, Rule } from '../decision.ts'
import { changed } from '../explain/changes.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import type { Pack } from '../pack.ts'
import type { RuleSet } from '../rule-set.ts'
import { placeFinder, type Place } from '../written.ts'
import { climber, type Climber } from './climb.ts'
import { encoding, type Encoding } from './encoding.ts'
import type { Formula } from './formula.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
import { removable, without } from './removable.ts'
import { Unsupported } from './test.ts'
import { usualBudget } from './verify.ts'

/** Something in a rule or shared condition that can be left out, proved for all sign-ins. */
export type Needless = { readonly at: Place } &
  /** No sign-in, or every one. */
  (
    | { readonly kind: 'neverApplies' | 'alwaysApplies'; readonly rule: string }
    /** Wherever the rule applies, one of these does, whose effect is at least that of the rule. */
    | { readonly kind: 'covered'; readonly rule: string; readonly by: readonly string[] }
    /** A part of a condition; without it the condition holds for the same sign-ins. */
    | { readonly kind: 'redundant'; readonly in: string; readonly part: Condition }
  )

export type Lint = {
  readonly needless: readonly Needless[]
  /** What could not be looked at, and why. */
  readonly skipped: readonly string[]
}

type Lints = Pick<Pack, 'ruleSet' | 'baseline' | 'written'>

/**
 * What of a pack's rules can be left out. What takes more conflicts than the budget allows, or whose proof does not hold up, is not
 * said. Rules that only report are not looked at.
 */
export function lint(pack: Lints, budget = usualBudget): Lint {
  const { ruleSet, baseline, written } = pack
  const table = factTable(ruleSet.customFacts)
  const { rules, conditions, assumptions } = ruleSet
  const ordinary = ordinarySignIn(table, baseline, assumptions)
  const placeOf = placeFinder(written)
  const skipped = new Set<string>()
  const orSkipped = <T>(ask: () => T): T | undefined => {
    const answer = orUnsupported(ask)
    if (!(answer instanceof Unsupported)) return answer
    skipped.add(answer.message)
    return undefined
  }
  const climb = climber(table, ordinary)
  const termOf = termMaker(conditions)
  const terms = rules.map(({ conditions: root }) => termOf(root))
  const applyingTo = applier(terms)
  const quiet = quietest(table, ordinary, terms, applyingTo, climb)
  const partsOf = partFinder(table, ruleSet, ordinary, termOf, climb, budget)
  const samples = new Map<Condition, SignIn>()
  const parts = [
    ...rules.map(({ name, conditions: root }) => ({
      in: name,
      root,
      file: written.rules[name]!,
      pointer: '/conditions',
    })),
    ...Object.entries(conditions).map(([name, root]) => ({
      in: name,
      root,
      file: written.conditions[name]!,
      pointer: pointerTo('', name),
    })),
  ].flatMap(({ in: name, root, file, pointer }): readonly Needless[] => {
    const found = orSkipped(() => partsOf(root, pointer, quiet))
    if (found?.sample !== undefined) samples.set(root, found.sample)
    return (found?.redundant ?? []).map(({ part, at }) => ({
      kind: 'redundant',
      in: name,
      part,
      at: placeOf(file, at),
    }))
  })
  const whole = orSkipped(() => {
    const model = modelOf(table, ordinary, assumptions, [{ rules, conditions }])
    const sampleOf = ({ conditions: root }: Rule) => samples.get(root)
    return needlessRules(model, ruleSet, { sampleOf, terms, applyingTo, climb }, budget)
  })
  const placed = (whole ?? []).map((found) => ({
    ...found,
    at: placeOf(written.rules[found.rule]!, '/name'),
  }))
  return { needless: [...placed, ...parts], skipped: [...skipped] }
}

/** Finds what can be left out of one condition, and a sign-in for which it holds. Of one that never holds nothing is said. */
function partFinder(
  table: FactTable,
  { assumptions }: RuleSet,
  ordinary: SignIn,
  termOf: (condition: Condition) => Term,
  climb: Climber,
  budget: number,
) {
  return (root: Condition, pointer: string, quiet: SignIn) => {
    const whole = termOf(root)
    let made: Encoding | undefined
    const asked = () => (made ??= encoding(table, [whole], ordinary, assumptions))
    const sample = climb.toHold(quiet, [whole]) ?? proved(asked(), whole)
    if (sample === undefined) return { redundant: [] }
    const testOf = evaluator()
    const removed = new Set<string>()
    let now = whole
    const redundant: { readonly part: Condition; readonly at: string }[] = []
    for (const { part, at, hold, fail } of removable(root, pointer)) {
      if (redundant.some((above) => at.startsWith(`${above.at}/`))) continue
      const rest = without(root, pointer, new Set([...removed, at]))
      if (rest === undefined) continue
      const term = termOf(rest)
      const shown = climb.toHold(sample, hold.map(termOf), fail.map(termOf))
      if (shown !== undefined && testOf(now)(shown) !== testOf(term)(shown)) continue
      const { formula, literalOf, certify } = asked()
      const differs = -formula.same(literalOf(now), literalOf(term))
      if (formula.solve([differs], budget) !== 'unsatisfiable' || certify([differs])) continue
      redundant.push({ part, at })
      // The next one is compared with what is left, so that all of them can go together.
      removed.add(at)
      now = term
    }
    return { redundant, sample }
  }

  function proved({ formula, literalOf, signIn }: Encoding, whole: Term): SignIn | undefined {
    return formula.solve([literalOf(whole)], budget) === 'satisfiable' ? signIn() : undefined
  }
}

type NeedlessRule =
  Exclude<Needless, { readonly kind: 'redundant' }> extends infer N
    ? N extends unknown
      ? Omit<N, 'at'>
      : never
    : never

function needlessRules(
  model: Model,
  { rules }: RuleSet,
  { sampleOf, terms, applyingTo, climb }: Sampling,
  budget: number,
): readonly NeedlessRule[] {
  const { formula, certify } = model
  const applies = rules.map(({ name }) => model.parts[0]!.decided().applies.get(name)!)
  const groups = new Map<string, ReturnType<typeof group>>()
  for (const { event } of rules)
    if (!groups.has(keyOf(event))) groups.set(keyOf(event), group(event))
  // What some sign-in that was found shows already need not be asked.
  const [seen, seenNot, seenAlone] = [new Set<number>(), new Set<number>(), new Set<number>()]
  for (const rule of rules) {
    const sample = sampleOf(rule)
    if (sample !== undefined) look(applyingTo(sample))
  }
  for (const [index, rule] of rules.entries()) {
    const sample = sampleOf(rule)
    if (sample !== undefined && !seenAlone.has(index)) lookAround(index, sample)
  }
  const possible = (...literals: readonly Literal[]): boolean | undefined => {
    const answer = formula.solve(literals, budget)
    if (answer === 'satisfiable')
      look([...rules.keys()].filter((index) => formula.isTrue(applies[index]!)))
    return answer === 'unknown' ? undefined : answer === 'satisfiable'
  }
  const isProved = (...literals: readonly Literal[]) =>
    possible(...literals) === false && certify(literals) === undefined

  return rules.flatMap((rule, index): readonly NeedlessRule[] => {
    const { name } = rule
    const literal = applies[index]!
    const { members, besides } = groups.get(keyOf(rule.event))!
    if (!seenAlone.has(index) && possible(...besides(index), literal) === false) {
      if (!seen.has(index) && isProved(literal)) return [{ kind: 'neverApplies', rule: name }]
      const by = covering(index, members)
      if (by !== undefined) return [{ kind: 'covered', rule: name, by }]
    }
    return !seenNot.has(index) && isProved(-literal) ? [{ kind: 'alwaysApplies', rule: name }] : []
  })

  /** The rules whose effect is at least this one. */
  function group(event: Event) {
    const members = rules.flatMap((other, index) => (isAtLeast(other.event, event) ? [index] : []))
    const literals = members.map((index) => applies[index]!)
    const others = besidesOf(formula, literals)
    const isMember: ReadonlySet<number> = new Set(members)
    return { members, isMember, besides: (index: number) => others(members.indexOf(index)) }
  }

  /** These rules apply to some sign-in, and no others. */
  function look(applying: readonly number[]): void {
    const those = new Set(applying)
    for (const index of rules.keys()) (those.has(index) ? seen : seenNot).add(index)
    for (const { members } of groups.values()) {
      const within = members.filter((index) => those.has(index))
      if (within.length === 1) seenAlone.add(within[0]!)
    }
  }

  /** Whether changes of a sign-in to which it applies keep the others away. */
  function lookAround(index: number, sample: SignIn): void {
    const { isMember } = groups.get(keyOf(rules[index]!.event))!
    const othersOf = (signIn: SignIn): readonly number[] | undefined => {
      const applying = applyingTo(signIn)
      if (!applying.includes(index)) return undefined
      return applying.filter((other) => isMember.has(other) && other !== index)
    }
    let [signIn, left] = [sample, Infinity]
    for (;;) {
      const others = othersOf(signIn) ?? []
      if (others.length === 0 || others.length >= left) break
      left = others.length
      const looked = [index, ...others].map((each) => terms[each]!)
      signIn = climb.nearer(signIn, looked, (next) => othersOf(next)?.length ?? Infinity).signIn
    }
    look(applyingTo(signIn))
  }

  /** As few others as cover it. */
  function covering(index: number, members: readonly number[]): readonly string[] | undefined {
    const others = members.filter((each) => each !== index)
    const ask = (some: readonly number[]) => {
      const literals = [applies[index]!, ...some.map((each) => -applies[each]!)]
      if (formula.solve(literals, budget) !== 'unsatisfiable') return undefined
      const core = new Set(formula.core())
      return some.filter((each) => core.has(-applies[each]!))
    }
    let kept = ask(others)
    for (const each of kept ?? []) kept = ask(kept!.filter((other) => other !== each)) ?? kept
    if (kept === undefined) return undefined
    const literals = [applies[index]!, ...kept.map((each) => -applies[each]!)]
    return isProved(...literals) ? kept.map((each) => rules[each]!.name) : undefined
  }
}

/** Ways to sign-ins that are cheaper than asking the prover. */
type Sampling = {
  /** One to which the rule applies, where one was found. */
  readonly sampleOf: (rule: Rule) => SignIn | undefined
  readonly terms: readonly Term[]
  readonly applyingTo: (signIn: SignIn) => readonly number[]
  readonly climb: Climber
}

/** Tells which of the rules apply. */
function applier(terms: readonly Term[]): (signIn: SignIn) => readonly number[] {
  const find = finder(terms, strategyFor(terms.length))
  const numbers = new Int32Array(terms.length)
  return (signIn) => [...numbers.subarray(0, find(signIn, numbers))]
}

/** A sign-in to which few rules apply. */
function quietest(
  table: FactTable,
  ordinary: SignIn,
  terms: readonly Term[],
  applyingTo: (signIn: SignIn) => readonly number[],
  climb: Climber,
): SignIn {
  // Where something never happened yet, what is computed from its time follows from one other fact.
  const never = Object.keys(table).flatMap((fact) =>
    table[fact]!.kind.kind === 'timestampOrNever' ? [{ fact, to: null }] : [],
  )
  const start = changed(ordinary, never, table)
  const noisy = applyingTo(start).map((index) => terms[index]!)
  return climb.nearer(start, noisy, (signIn) => applyingTo(signIn).length).signIn
}

const keyOf = ({ type, params }: Event): string =>
  JSON.stringify([
    type,
    'requirement' in params && params.requirement,
    'advice' in params && params.advice,
  ])

const isAtLeast = (event: Event, than: Event): boolean =>
  keyOf(event) === keyOf(than) || (event.type === 'block' && than.type === 'challenge')

/** Tells of each place the literals that hold together where no literal at another place does: some gates over many of them. */
function besidesOf(
  formula: Formula,
  literals: readonly Literal[],
): (place: number) => readonly Literal[] {
  const levels: (readonly Literal[])[] = [literals]
  for (let level = literals; level.length > 1; levels.push(level)) {
    const below = level
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, index) =>
      formula.any(below.slice(2 * index, 2 * index + 2)),
    )
  }
  return (place) =>
    levels
      .flatMap((level, height) => {
        const beside = level[(place >> height) ^ 1]
        return beside === undefined ? [] : [-beside]
      })
      .toReversed()
}

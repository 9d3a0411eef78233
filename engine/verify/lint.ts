import { finder, strategyFor } from '../compile/compile.ts'
import { evaluator } from '../compile/evaluate.ts'
import { termMaker, type Term } from '../compile/term.ts'
import type { Condition } from '../condition.ts'
import { factTable } from '../custom-facts.ts'
import type { Event, Rule } from '../decision.ts'
import { changed, changer, type Change } from '../explain/changes.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import type { Pack } from '../pack.ts'
import { factsRead, type RuleSet } from '../rule-set.ts'
import { placeFinder, type Place } from '../written.ts'
import { encoding } from './encoding.ts'
import type { Formula } from './formula.ts'
import { modelOf, orUnsupported, type Model } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import type { Literal } from './solver.ts'
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
  const partsOf = partFinder(table, ruleSet, ordinary, budget)
  const samples: SignIn[] = []
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
    const found = orSkipped(() => partsOf(root, pointer))
    if (found?.sample !== undefined) samples.push(found.sample)
    return (found?.redundant ?? []).map(({ part, at }) => ({
      kind: 'redundant',
      in: name,
      part,
      at: placeOf(file, at),
    }))
  })
  const whole = orSkipped(() => {
    const model = modelOf(table, ordinary, assumptions, [{ rules, conditions }])
    return needlessRules(model, ruleSet, samples, budget)
  })
  const placed = (whole ?? []).map((found) => ({
    ...found,
    at: placeOf(written.rules[found.rule]!, '/name'),
  }))
  return { needless: [...placed, ...parts], skipped: [...skipped] }
}

/** Finds what can be left out of one condition, and a sign-in for which it holds. Of one that never holds nothing is said. */
function partFinder(table: FactTable, ruleSet: RuleSet, ordinary: SignIn, budget: number) {
  const { conditions, assumptions } = ruleSet
  return (root: Condition, pointer: string) => {
    const termOf = termMaker(conditions)
    const whole = termOf(root)
    const { formula, literalOf, certify, signIn } = encoding(table, [whole], ordinary, assumptions)
    if (formula.solve([literalOf(whole)], budget) !== 'satisfiable') return { redundant: [] }
    const sample = signIn()
    const shows = differing(table, ruleSet, root, sample)
    const removed = new Set<string>()
    let now = whole
    const redundant: { readonly part: Condition; readonly at: string }[] = []
    for (const { part, at } of removable(root, pointer)) {
      if (redundant.some((above) => at.startsWith(`${above.at}/`))) continue
      const rest = without(root, pointer, new Set([...removed, at]))
      if (rest === undefined) continue
      const term = termOf(rest)
      if (shows(part, now, term)) continue
      const differs = -formula.same(literalOf(now), literalOf(term))
      if (formula.solve([differs], budget) !== 'unsatisfiable' || certify([differs])) continue
      redundant.push({ part, at })
      // The next one is compared with what is left, so that all of them can go together.
      removed.add(at)
      now = term
    }
    return { redundant, sample }
  }
}

/** Whether some change of a sign-in by the facts of a part shows that two conditions differ; asking the prover takes longer. */
function differing(table: FactTable, ruleSet: RuleSet, root: Condition, sample: SignIn) {
  const testOf = evaluator()
  const only = (conditions: Condition): RuleSet => ({
    ...ruleSet,
    rules: [{ conditions, event: { params: {} } } as Rule],
  })
  const changes = new Map<string, readonly Change[]>()
  // Of times not every change is a sign-in that there can be.
  const facts = [...factsRead(only(root))].filter(
    (fact) => fact !== 'at' && table[fact]!.isPast === undefined,
  )
  for (const list of changer(only(root), table, facts)(sample))
    if (list[0] !== undefined) changes.set(list[0].fact, list)
  return (part: Condition, one: Term, other: Term): boolean => {
    const [holds, holdsToo] = [testOf(one), testOf(other)]
    for (const fact of factsRead(only(part)))
      for (const change of changes.get(fact) ?? []) {
        const signIn = changed(sample, [change], table)
        if (holds(signIn) !== holdsToo(signIn)) return true
      }
    return false
  }
}

/** Every member of every list, the outer ones first. */
function* removable(
  condition: Condition,
  pointer: string,
): Generator<{ readonly part: Condition; readonly at: string }> {
  if ('not' in condition) yield* removable(condition.not, pointerTo(pointer, 'not'))
  const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : undefined
  if (kind === undefined) return
  const members = (condition as Readonly<Record<string, readonly Condition[]>>)[kind]!
  for (const [index, part] of members.entries()) {
    const at = pointerTo(pointerTo(pointer, kind), index)
    if (members.length > 1) yield { part, at }
    yield* removable(part, at)
  }
}

/** The condition without some of its parts; undefined where a list would have none left. */
function without(
  condition: Condition,
  pointer: string,
  removed: ReadonlySet<string>,
): Condition | undefined {
  if ('not' in condition) {
    const not = without(condition.not, pointerTo(pointer, 'not'), removed)
    return not && { not }
  }
  const members = (kind: 'all' | 'any', list: readonly Condition[]) => {
    const kept: Condition[] = []
    for (const [index, member] of list.entries()) {
      const at = pointerTo(pointerTo(pointer, kind), index)
      if (removed.has(at)) continue
      const rest = without(member, at, removed)
      if (rest === undefined) return undefined
      kept.push(rest)
    }
    return kept.length === 0 ? undefined : kept
  }
  if ('all' in condition) {
    const all = members('all', condition.all)
    return all && { all }
  }
  if ('any' in condition) {
    const any = members('any', condition.any)
    return any && { any }
  }
  return condition
}

type NeedlessRule =
  Exclude<Needless, { readonly kind: 'redundant' }> extends infer N
    ? N extends unknown
      ? Omit<N, 'at'>
      : never
    : never

function needlessRules(
  model: Model,
  { rules, conditions }: RuleSet,
  samples: readonly SignIn[],
  budget: number,
): readonly NeedlessRule[] {
  const { formula, certify } = model
  const applies = rules.map(({ name }) => model.parts[0]!.decided().applies.get(name)!)
  const groups = new Map<string, ReturnType<typeof group>>()
  for (const { event } of rules)
    if (!groups.has(keyOf(event))) groups.set(keyOf(event), group(event))
  // What some sign-in that was found shows already need not be asked.
  const [seen, seenNot, seenAlone] = [new Set<number>(), new Set<number>(), new Set<number>()]
  const find = finder(rules.map(termOfRule(conditions)), strategyFor(rules.length))
  const numbers = new Int32Array(rules.length)
  for (const sample of samples) look([...numbers.subarray(0, find(sample, numbers))])
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
    if (!seenAlone.has(index) && possible(literal, ...besides(index)) === false) {
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
    return { members, besides: (index: number) => others(members.indexOf(index)) }
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

const termOfRule = (conditions: RuleSet['conditions']) => {
  const termOf = termMaker(conditions)
  return ({ conditions: root }: Rule) => termOf(root)
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
    levels.flatMap((level, height) => {
      const beside = level[(place >> height) ^ 1]
      return beside === undefined ? [] : [-beside]
    })
}

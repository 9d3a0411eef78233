import { load, type Loaded } from './answer.ts'
import { mergeSignIns, runCases, type Case, type Json } from './case.ts'
import { compiler } from './compile/compile.ts'
import { factTable } from './custom-facts.ts'
import { atLeastAsStrict, type Decision } from './decision.ts'
import type { Location } from './fault.ts'
import { facts, type FactTable, type SignIn } from './facts.ts'
import { keeps } from './invariant.ts'
import type { FactValue, Kind } from './kinds.ts'
import type { Pack } from './pack.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { isObject, pointerOf } from './sign-in.ts'
import { toldApart } from './told-apart.ts'

/** Something that a pack does and should not, found by trying. */
export type Finding = {
  readonly kind: 'case' | 'invariant' | 'absence' | 'overlay'
  /** The case, the invariant, the fact or the overlay that is concerned. */
  readonly name: string
  readonly at?: Location
  readonly details: readonly string[]
}

/**
 * Tries a pack on its cases, and in full on each of them with one fact changed to every value that its rules tell apart:
 * the cases hold; the invariants hold; leaving a fact out is never looser than sending it; and always in full, what of an
 * overlay does not say that it loosens does not. A sample, not a proof; but a pack that fails the quick one never goes live.
 */
export function selfTest(pack: Pack, how: 'quick' | 'full'): readonly Finding[] {
  const loaded = load(pack.ruleSet)
  const full = how === 'full'
  return [
    ...caseFindings(pack, loaded),
    ...invariantFindings(pack, loaded, full),
    ...(full ? absenceFindings(pack, loaded) : []),
    ...overlayFindings(pack),
  ]
}

function* caseFindings({ cases }: Pack, { parse, decide }: Loaded): Generator<Finding> {
  for (const { case: each, problems } of runCases(cases, parse, decide))
    if (problems.length > 0)
      yield { kind: 'case', name: each.name, ...atOf(each), details: problems }
}

function* invariantFindings(pack: Pack, loaded: Loaded, full: boolean): Generator<Finding> {
  const compiled = compiler(pack.ruleSet.conditions)
  const tests = pack.invariants.map((invariant) => ({
    invariant,
    applies: compiled(invariant.when),
    broken: false,
  }))
  for (const { of, signIn } of full
    ? variations(pack.cases, [pack.ruleSet])
    : unchanged(pack.cases)) {
    const decided = decideJson(loaded, signIn)
    if (decided === undefined) continue
    for (const test of tests) {
      const { invariant, applies } = test
      if (test.broken || !applies(decided.signIn) || keeps(invariant.promise, decided.decision))
        continue
      test.broken = true // one sign-in that breaks it is enough
      yield {
        kind: 'invariant',
        name: invariant.name,
        ...atOf(invariant),
        details: [invariant.title, `the decision is ${decided.decision.outcome} for ${of}`],
      }
    }
  }
}

function* absenceFindings(pack: Pack, loaded: Loaded): Generator<Finding> {
  const table = factTable(pack.ruleSet.customFacts)
  const declared = new Set(pack.ruleSet.assumptions.map(({ fact }) => fact))
  for (const fact of factsRead(pack.ruleSet)) {
    const { origin, kind } = table[fact]!
    if (origin.by !== 'caller' || origin.absence !== 'assumed' || declared.has(fact)) continue
    const looser = firstLooser(fact, kind)
    if (looser !== undefined) yield { kind: 'absence', name: fact, details: [looser] }
  }

  function firstLooser(fact: string, kind: Kind): string | undefined {
    const values = toldApart(pack.ruleSet, fact, kind)
    for (const { name, signIn } of pack.cases) {
      const without = decideJson(loaded, put(signIn, fact, undefined))
      for (const value of values) {
        const sent = decideJson(loaded, put(signIn, fact, value))
        if (without && sent && !atLeastAsStrict(without.decision, sent.decision))
          return `left out, the case "${name}" gets ${without.decision.outcome}; with ${JSON.stringify(value)} it gets ${sent.decision.outcome}`
      }
    }
    return undefined
  }
}

/** Each layer against the one below: what does not say that it loosens decides all variations at least as strictly. */
function* overlayFindings(pack: Pack): Generator<Finding> {
  const { base, strictPart, cases } = pack
  if (base === undefined || strictPart === undefined) return
  yield* overlayFindings(base)
  const [below, above] = [load(base.ruleSet), load(strictPart)]
  const known = new Set(Object.keys(factTable(base.ruleSet.customFacts)))
  const own = cases.find(({ signIn }) => signIn['custom'] !== undefined)?.signIn['custom']
  let compared = 0
  for (const { of, signIn } of variations(base.cases, [base.ruleSet, strictPart])) {
    const before = decideJson(
      below,
      withCustom(signIn, (fact) => known.has(fact)),
    )
    if (before === undefined) continue
    const after = decideJson(
      above,
      own === undefined ? signIn : mergeSignIns({ custom: own }, signIn),
    )
    if (after === undefined) continue // refused: that is never looser
    compared++
    if (atLeastAsStrict(after.decision, before.decision)) continue
    yield {
      kind: 'overlay',
      name: pack.ruleSet.id,
      details: [
        `no override of it says that it loosens, and ${of} gets ${after.decision.outcome} instead of ${before.decision.outcome}`,
      ],
    }
    return
  }
  if (compared === 0 && base.cases.length > 0)
    yield {
      kind: 'overlay',
      name: pack.ruleSet.id,
      details: ['it refuses every sign-in of its base, so nothing could be compared'],
    }
}

/** The sign-in with only those facts of a pack's own that are known. */
function withCustom(signIn: Json, known: (fact: string) => boolean): Json {
  const { custom, ...standard } = signIn
  const kept = Object.entries(isObject(custom) ? custom : {}).filter(([name]) =>
    known(`custom.${name}`),
  )
  return kept.length === 0 ? standard : { ...standard, custom: Object.fromEntries(kept) }
}

const unchanged = (cases: readonly Case[]) =>
  cases.map(({ name, signIn }) => ({ of: `the case "${name}"`, signIn }))

/** Every case as it is, and with one fact left out or changed to each value that the rules tell apart. */
function* variations(
  cases: readonly Case[],
  ruleSets: readonly RuleSet[],
): Generator<{ readonly of: string; readonly signIn: Json }> {
  const changes = new Map<
    string,
    { readonly fact: string; readonly value: FactValue | undefined }
  >()
  for (const ruleSet of ruleSets) {
    const table = factTable(ruleSet.customFacts)
    for (const fact of factsRead(ruleSet)) {
      const { origin, kind } = table[fact]!
      if (origin.by === 'engine') continue
      for (const value of [undefined, ...toldApart(ruleSet, fact, kind)])
        changes.set(`${fact} ${JSON.stringify(value)}`, { fact, value })
    }
  }
  for (const { name, signIn } of cases) {
    yield { of: `the case "${name}"`, signIn }
    for (const { fact, value } of changes.values())
      yield {
        of: `the case "${name}" ${value === undefined ? `without ${fact}` : `with ${fact} ${JSON.stringify(value)}`}`,
        signIn: put(signIn, fact, value),
      }
  }
}

/** Of a class its members' fact, and of that its class: either tells the other. Facts of a pack's own have none. */
function twinOf(fact: string): string | undefined {
  const origin = (facts as FactTable)[fact]?.origin
  if (origin?.by === 'class') return origin.of
  return origin?.by === 'caller' && origin.absence === 'classified' ? origin.class : undefined
}

/** The sign-in with one fact set, or left out; a class and its member never both. */
function put(signIn: Json, fact: string, value: FactValue | undefined): Json {
  const [area = '', member] = pointerOf(fact).slice(1).split('/')
  if (member === undefined) return value === undefined ? signIn : { ...signIn, [area]: value }
  const before = signIn[area]
  const twin = twinOf(fact)?.split('.')[1]
  const kept = Object.entries(isObject(before) ? before : {}).filter(
    ([name]) => name !== member && name !== twin,
  )
  return {
    ...signIn,
    [area]: Object.fromEntries(value === undefined ? kept : [...kept, [member, value]]),
  }
}

function decideJson(
  { parse, decide }: Loaded,
  json: Json,
): { readonly signIn: SignIn; readonly decision: Decision } | undefined {
  const parsed = parse(json)
  return parsed.faults ? undefined : { signIn: parsed.signIn, decision: decide(parsed.signIn) }
}

const atOf = ({ at }: { readonly at?: Location }) => (at ? { at } : {})

import type { Loaded } from './answer.ts'
import { mergeSignIns, runCases, type Json } from './case.ts'
import { changedReader, readAlike, type Change } from './changed.ts'
import { compile, compiler } from './compile/compile.ts'
import { factTable } from './custom-facts.ts'
import { atLeastAsStrict, type Decide } from './decision.ts'
import type { Location } from './fault.ts'
import { keeps } from './invariant.ts'
import type { Kind } from './kinds.ts'
import type { Pack } from './pack.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { isObject, signInParser } from './sign-in.ts'
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
  const { ruleSet } = pack
  const tried = {
    parse: signInParser(factTable(ruleSet.customFacts), ruleSet.assumptions, factsRead(ruleSet)),
    decide: compile(ruleSet),
  }
  const full = how === 'full'
  return [
    ...caseFindings(pack, tried),
    ...invariantFindings(pack, tried, full),
    ...(full ? absenceFindings(pack, tried) : []),
    ...overlayFindings(pack, tried.decide),
  ]
}

type Tried = Pick<Loaded, 'parse' | 'decide'>

function* caseFindings({ cases }: Pack, { parse, decide }: Tried): Generator<Finding> {
  for (const { case: each, problems } of runCases(cases, parse, decide))
    if (problems.length > 0)
      yield { kind: 'case', name: each.name, ...atOf(each), details: problems }
}

function* invariantFindings(pack: Pack, { decide }: Tried, full: boolean): Generator<Finding> {
  const compiled = compiler(pack.ruleSet.conditions)
  const tests = pack.invariants.map((invariant) => ({
    invariant,
    applies: compiled(invariant.when),
    broken: false,
  }))
  const changes = full ? changesFor([pack.ruleSet]) : []
  const read = changedReader(pack.ruleSet)
  for (const { name, signIn: sent } of pack.cases) {
    const reading = read(sent)
    for (const change of [undefined, ...changes]) {
      const signIn = reading(change)
      if (signIn === undefined) continue
      const decision = decide(signIn)
      for (const test of tests) {
        const { invariant, applies } = test
        if (test.broken || !applies(signIn) || keeps(invariant.promise, decision)) continue
        test.broken = true // one sign-in that breaks it is enough
        yield {
          kind: 'invariant',
          name: invariant.name,
          ...atOf(invariant),
          details: [
            invariant.title,
            `the decision is ${decision.outcome} for ${said(name, change)}`,
          ],
        }
      }
    }
  }
}

function* absenceFindings(pack: Pack, { decide }: Tried): Generator<Finding> {
  const read = changedReader(pack.ruleSet)
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
    const changes = values.map((value) => ({ fact, value }))
    for (const { name, signIn } of pack.cases) {
      const reading = read(signIn)
      const absent = reading({ fact, value: undefined })
      if (absent === undefined) continue
      const without = decide(absent)
      for (const change of changes) {
        const present = reading(change)
        if (present === undefined) continue
        const sent = decide(present)
        if (!atLeastAsStrict(without, sent))
          return `left out, the case "${name}" gets ${without.outcome}; with ${JSON.stringify(change.value)} it gets ${sent.outcome}`
      }
    }
    return undefined
  }
}

/** Each layer against the one below: what does not say that it loosens decides all variations at least as strictly. */
function* overlayFindings(pack: Pack, decide: Decide): Generator<Finding> {
  const { base, strictPart, cases } = pack
  if (base === undefined || strictPart === undefined) return
  const below = compile(base.ruleSet)
  yield* overlayFindings(base, below)
  const isWhole = strictPart.revision === pack.ruleSet.revision
  const above = isWhole ? decide : compile(strictPart)
  const [readBelow, readAbove] = [changedReader(base.ruleSet), changedReader(strictPart)]
  const known = factTable(base.ruleSet.customFacts)
  const own = cases.find(({ signIn }) => signIn['custom'] !== undefined)?.signIn['custom']
  // Of facts that the base does not know its sign-ins say nothing, and what the overlay requires of its own they say as its cases do.
  const changes = [undefined, ...changesFor([base.ruleSet, strictPart])].map((change) => ({
    change,
    forBase: change && Object.hasOwn(known, change.fact) ? change : undefined,
    forOverlay: change && orOwn(change, own),
  }))
  const areOneReading = own === undefined && readAlike(base.ruleSet, strictPart)
  let compared = 0
  for (const { name, signIn } of base.cases) {
    const before = readBelow(withCustom(signIn, (fact) => Object.hasOwn(known, fact)))
    const after = areOneReading
      ? undefined
      : readAbove(own === undefined ? signIn : mergeSignIns({ custom: own }, signIn))
    for (const { change, forBase, forOverlay } of changes) {
      const asBase = before(forBase)
      if (asBase === undefined) continue
      const asOverlay = after === undefined ? asBase : after(forOverlay)
      if (asOverlay === undefined) continue // refused: that is never looser
      compared++
      const [expected, got] = [below(asBase), above(asOverlay)]
      if (atLeastAsStrict(got, expected)) continue
      yield {
        kind: 'overlay',
        name: pack.ruleSet.id,
        details: [
          `no override of it says that it loosens, and ${said(name, change)} gets ${got.outcome} instead of ${expected.outcome}`,
        ],
      }
      return
    }
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

/** What an overlay's cases say of a fact of its own stands for it where it would be left out. */
function orOwn(change: Change, own: unknown): Change {
  const [area, member = ''] = change.fact.split('.')
  const stands = area === 'custom' && change.value === undefined && isObject(own)
  return stands && Object.hasOwn(own, member) ? { ...change, value: own[member] } : change
}

/** Every fact that these rule sets look at, left out and as each value that their rules tell apart. */
function changesFor(ruleSets: readonly RuleSet[]): readonly Change[] {
  const changes = new Map<string, Change>()
  for (const ruleSet of ruleSets) {
    const table = factTable(ruleSet.customFacts)
    for (const fact of factsRead(ruleSet)) {
      const { origin, kind } = table[fact]!
      if (origin.by === 'engine') continue
      for (const value of [undefined, ...toldApart(ruleSet, fact, kind)])
        changes.set(`${fact} ${JSON.stringify(value)}`, { fact, value })
    }
  }
  return [...changes.values()]
}

function said(name: string, change: Change | undefined): string {
  if (change === undefined) return `the case "${name}"`
  const { fact, value } = change
  return `the case "${name}" ${value === undefined ? `without ${fact}` : `with ${fact} ${JSON.stringify(value)}`}`
}

const atOf = ({ at }: { readonly at?: Location }) => (at ? { at } : {})

import {
  atLeastAsStrict,
  outcomes,
  requirements,
  type Decide,
  type Decision,
  type Outcome,
  type Requirement,
} from './decision.ts'
import type { FactTable } from './facts.ts'
import { didYouMean, pointerTo, faultText, type Location } from './fault.ts'
import { names, type Reader } from './reader.ts'
import { isObject, type SignInParser } from './sign-in.ts'

/** One sign-in with the decision that it must get: test, documentation and seed of the benchmarks at once. */
export type Case = {
  readonly name: string
  /** As a caller would send it: the pack's baseline with this case's changes. */
  readonly signIn: Json
  readonly expect: Expectation
  readonly at?: Location
  /** Written for a base pack: an overlay may be stricter than it says. */
  readonly inherited?: true
}

export type Json = Readonly<Record<string, unknown>>

export type Expectation = {
  readonly outcome: Outcome
  readonly requirements: readonly Requirement[]
  readonly advice: readonly string[]
  /** Reason codes, in no particular order. */
  readonly codes: readonly string[]
}

export type CaseResult = {
  readonly case: Case
  readonly decision?: Decision
  /** What differs; empty when the case holds. */
  readonly problems: readonly string[]
}

/** Reads a pack's cases.json: `{baseline, cases: [{name, with, without, expect}]}`. */
export function parseCases(
  reader: Reader,
  input: unknown,
  inherited: Json,
  facts: FactTable,
): { readonly given: Json; readonly baseline: Json; readonly cases: readonly Case[] } {
  const file = reader.object(input, '', { required: ['cases'], optional: ['$schema', 'baseline'] })
  const given = file?.['baseline']
  if (given !== undefined && !isObject(given))
    reader.fault('/baseline', 'a sign-in (an object)', given)
  const baseline = isObject(given) ? mergeSignIns(inherited, given) : inherited
  const cases = reader.list(file?.['cases'] ?? [], '/cases').flatMap(([value, pointer]) => {
    const found = parseCase(reader, value, pointer, baseline, facts)
    return found ? [found] : []
  })
  return { given: isObject(given) ? given : {}, baseline, cases }
}

function parseCase(
  reader: Reader,
  input: unknown,
  pointer: string,
  baseline: Json,
  facts: FactTable,
): Case | undefined {
  const given = reader.object(input, pointer, {
    required: ['name', 'expect'],
    optional: ['with', 'without', 'source'],
  })
  if (given === undefined) return undefined
  const name = reader.text(given['name'], pointerTo(pointer, 'name'))
  const patch = given['with'] ?? {}
  if (!isObject(patch))
    return reader.fault(pointerTo(pointer, 'with'), 'changes to the baseline (an object)', patch)
  const without = reader
    .list(given['without'] ?? [], pointerTo(pointer, 'without'))
    .flatMap(([fact, at]) => parseFactName(reader, fact, at, facts))
  const expect = parseExpectation(reader, given['expect'], pointerTo(pointer, 'expect'))
  if (name === undefined || expect === undefined) return undefined
  const at = reader.source.locate(pointer)
  return {
    name,
    signIn: leaveOut(mergeSignIns(baseline, patch), without),
    expect,
    ...(at && { at }),
  }
}

/** A fact, or a whole area. */
function parseFactName(reader: Reader, name: unknown, at: string, facts: FactTable): string[] {
  const known = Object.keys(facts).flatMap((fact) => [fact, fact.split('.')[0]!])
  if (typeof name === 'string' && known.includes(name)) return [name]
  reader.fault(at, 'a fact or an area of facts', name, didYouMean(name, known))
  return []
}

function parseExpectation(
  reader: Reader,
  input: unknown,
  pointer: string,
): Expectation | undefined {
  const given = reader.object(input, pointer, {
    required: ['outcome'],
    optional: ['requirements', 'advice', 'codes'],
  })
  if (given === undefined) return undefined
  const outcome = reader.oneOf(
    given['outcome'],
    pointerTo(pointer, 'outcome'),
    outcomes,
    'an outcome',
  )
  const strings = (member: string) =>
    reader
      .list(given[member] ?? [], pointerTo(pointer, member))
      .flatMap(([value, at]) => reader.text(value, at, names.camel) ?? [])
  const demanded = reader
    .list(given['requirements'] ?? [], pointerTo(pointer, 'requirements'))
    .flatMap(([value, at]) => reader.oneOf(value, at, requirements, 'a requirement') ?? [])
  const expect = outcome && {
    outcome,
    requirements: demanded,
    advice: strings('advice'),
    codes: strings('codes'),
  }
  if (expect && (outcome === 'challenge') !== demanded.length > 0)
    return reader.fault(
      pointer,
      'requirements with a challenge, and with nothing else',
      `${outcome} with ${demanded.length}`,
      { said: true },
    )
  if (expect && (outcome !== 'allow') !== expect.codes.length > 0)
    return reader.fault(
      pointer,
      'reason codes with every outcome but allow',
      `${outcome} with ${expect.codes.length}`,
      { said: true },
    )
  return expect
}

/** Decides each case and says what came out otherwise than expected. */
export function runCases(
  cases: readonly Case[],
  parse: SignInParser,
  decide: Decide,
): readonly CaseResult[] {
  return cases.map((each) => {
    const parsed = parse(each.signIn)
    if (parsed.faults) return { case: each, problems: parsed.faults.map(faultText) }
    const decision = decide(parsed.signIn)
    return {
      case: each,
      decision,
      problems: each.inherited
        ? loosened(each.expect, decision)
        : differences(each.expect, decision),
    }
  })
}

/** What differs between the decision expected and the one that came; empty when they agree. */
export function differences(expect: Expectation, decision: Decision): readonly string[] {
  const got: Expectation = {
    outcome: decision.outcome,
    requirements: decision.requirements,
    advice: decision.advice.map(({ advice }) => advice),
    codes: decision.reasons.map(({ code }) => code),
  }
  return (['outcome', 'requirements', 'advice', 'codes'] as const).flatMap((member) => {
    const [wanted, came] = [said(expect[member]), said(got[member])]
    return wanted === came ? [] : [`${member}: expected ${wanted}, got ${came}`]
  })
}

/** What is less strict than expected. */
function loosened(expect: Expectation, decision: Decision): readonly string[] {
  return atLeastAsStrict(decision, expect)
    ? []
    : differences({ ...expect, advice: decision.advice.map(({ advice }) => advice) }, decision)
}

const said = (value: string | readonly string[]): string =>
  typeof value === 'string' ? value : `[${[...new Set(value)].sort().join(', ')}]`

/** Objects are merged member by member, everything else is replaced. */
export function mergeSignIns(base: Json, patch: Json): Json {
  const merged = new Map(Object.entries(base))
  for (const [name, value] of Object.entries(patch)) {
    const below = merged.get(name)
    merged.set(name, isObject(below) && isObject(value) ? mergeSignIns(below, value) : value)
  }
  return Object.fromEntries(merged)
}

/** Removes facts by id; an area left empty goes too. */
function leaveOut(signIn: Json, facts: readonly string[]): Json {
  return facts.reduce((rest, fact) => {
    const [area, member] = fact.split('.') as [string, string | undefined]
    const kept = Object.entries(rest).flatMap(([name, value]): [string, unknown][] => {
      if (name !== area) return [[name, value]]
      if (member === undefined || !isObject(value)) return []
      const members = Object.entries(value).filter(([each]) => each !== member)
      return members.length === 0 ? [] : [[name, Object.fromEntries(members)]]
    })
    return Object.fromEntries(kept)
  }, signIn)
}

import { inspect, isDeepStrictEqual } from 'node:util'
import { Engine } from 'json-rules-engine'
import { expect } from 'vitest'
import { compileRules, refused, RefusedRules, type CompiledRules } from '../engine/index.ts'
import type { JsonRules } from './json-rules.ts'

/** `compileRules` held to json-rules-engine 7.3.1, one engine per run: loading, failing, results to the last member, events. */

/** What was compared, so that nobody takes a test that compared nothing for a proof. */
export const tally = {
  ruleSets: 0,
  refusedByBoth: 0,
  refusedByUsAlone: 0,
  /** The reasons for that, by their names. */
  reasons: new Map<string, number>(),
  comparisons: 0,
  failed: 0,
  results: 0,
  held: 0,
}

export function tallyText(): string {
  const { ruleSets, refusedByBoth, refusedByUsAlone, comparisons, failed, results, held } = tally
  const reasons = [...tally.reasons].map(([name, count]) => `${name} ${count}`).join(', ')
  return `${comparisons} comparisons with json-rules-engine (${failed} of them failures, ${results} rule results, ${held} held); of ${ruleSets} rule sets both refuse ${refusedByBoth}, and only we ${refusedByUsAlone} (${reasons})`
}

/** Compares loading, and every run if both take the rules. */
export async function check(given: JsonRules, runs: readonly unknown[]): Promise<void> {
  tally.ruleSets++
  const theirs = loadingError(given)
  const ours = load(given)
  if (ours instanceof RefusedRules) {
    const reasons = ours.faults.map(({ hint }) => hint)
    const known = Object.entries(refused).filter(([, { hint }]) => reasons.includes(hint))
    if (theirs !== undefined) tally.refusedByBoth++
    else {
      tally.refusedByUsAlone++
      for (const [name] of known) tally.reasons.set(name, (tally.reasons.get(name) ?? 0) + 1)
    }
    // Where a reason is ours alone we may have looked no further.
    if (known.length === 0) expect(reasons).toContain(theirs)
    return
  }
  expect(theirs, 'json-rules-engine refuses what we take').toBeUndefined()
  for (const facts of runs) await compareRun(given, ours, facts)
}

function load(given: JsonRules): CompiledRules | RefusedRules {
  const { rules, options } = duplicate(given)
  try {
    return compileRules(rules, { ...options, facts: given.options.facts ?? {} })
  } catch (error) {
    if (error instanceof RefusedRules) return error
    throw error
  }
}

async function compareRun(given: JsonRules, ours: CompiledRules, facts: unknown): Promise<void> {
  tally.comparisons++
  const theirs = await original(given, facts)
  const run = attempt(() => ours.run(facts))
  const events = attempt(() => ours.events(facts))
  if ('error' in theirs) {
    tally.failed++
    if (!('error' in run)) expect.unreachable(`we do not fail with ${String(theirs.error)}`)
    if (!('error' in events)) expect.unreachable(`events do not fail with ${String(theirs.error)}`)
    expect(errorText(events.error)).toEqual(errorText(run.error))
    const possible = await couldFailWith(errorText(run.error), given, facts)
    expect(possible, `json-rules-engine never meets ${String(run.error)}`).toBe(true)
    return
  }
  if ('error' in run) throw run.error
  if ('error' in events) throw events.error
  expectSame(run.value, theirs.value)
  expectSame(events.value, run.value.events)
  const lists = [
    [run.value.results, run.value.events],
    [run.value.failureResults, run.value.failureEvents],
  ] as const
  for (const [results, events] of lists)
    expect(results.every(({ event }, index) => event === events[index])).toBe(true)
  tally.results += run.value.results.length + run.value.failureResults.length
  tally.held += events.value.length
}

/** Equal to the last member and prototype, in the same order of members too. */
function expectSame(ours: unknown, theirs: unknown): void {
  // Not `toStrictEqual`: that looks at a member named constructor, and finds that NaN is not NaN.
  if (!isDeepStrictEqual(ours, theirs)) {
    expect(inspect(ours, { depth: null })).toBe(inspect(theirs, { depth: null }))
    expect.unreachable('they look alike and differ')
  }
  expect(jsonText(ours)).toBe(jsonText(theirs))
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))
}

type Attempt<T> = { readonly value: T } | { readonly error: unknown }

function attempt<T>(make: () => T): Attempt<T> {
  try {
    return { value: make() }
  } catch (error) {
    return { error }
  }
}

/** The message with which json-rules-engine refuses to load the rules, if it does. */
export function loadingError(given: JsonRules): string | undefined {
  try {
    engineOf(given)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

type Emitter = {
  on: (event: string, handle: (event: unknown, almanac: unknown, result: Result) => void) => void
}
type Result = { readonly event: unknown; readonly toJSON: (stringify: false) => unknown }

/** A fresh engine, and which rule each result is of. The facts added to it are the caller's, the rest is its own. */
function engineOf(given: JsonRules) {
  const { rules, options } = duplicate(given)
  const { facts = {} } = given.options
  const { conditions = {}, factPriorities = {}, ...flags } = options
  const engine = new Engine([], flags)
  for (const [name, condition] of Object.entries(conditions))
    engine.setCondition(name, condition as never)
  for (const [fact, value] of Object.entries(facts)) {
    const priority = Object.hasOwn(factPriorities, fact) ? { priority: factPriorities[fact]! } : {}
    engine.addFact(fact, value, priority)
  }
  for (const rule of rules) engine.addRule(rule as never)
  const ruleOf = new Map<Result, number>()
  const own = (engine as unknown as { rules: (Emitter & { priority: number })[] }).rules
  for (const [index, rule] of own.entries())
    for (const outcome of ['success', 'failure'])
      rule.on(outcome, (_event, _almanac, result) => void ruleOf.set(result, index))
  const place = (result: Result) => ruleOf.get(result)!
  /** By priority, then in the order of the rules: that of json-rules-engine is the order of completion. */
  const inOrder = (results: readonly Result[]) =>
    results.toSorted(
      (one, other) =>
        own[place(other)]!.priority - own[place(one)]!.priority || place(one) - place(other),
    )
  return { engine, inOrder }
}

/** What json-rules-engine makes of one run. */
export async function original(given: JsonRules, facts: unknown): Promise<Attempt<object>> {
  try {
    const { engine, inOrder } = engineOf(given)
    const run = await engine.run(facts as never)
    const results = inOrder(run.results as unknown as Result[])
    const failureResults = inOrder(run.failureResults as unknown as Result[])
    expect(new Set(run.events)).toEqual(new Set(results.map(({ event }) => event)))
    return {
      value: {
        events: results.map(({ event }) => event),
        failureEvents: failureResults.map(({ event }) => event),
        results: results.map((result) => result.toJSON(false)),
        failureResults: failureResults.map((result) => result.toJSON(false)),
      },
    }
  } catch (error) {
    return { error }
  }
}

/** Messages of a TypeError come from the JavaScript engine and name variables of the failing code. */
function errorText(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string }
  return name === 'TypeError' ? name : `${name}: ${message} ${code ?? ''}`
}

/** Whether json-rules-engine meets that error in some condition, reference or parameter of these rules when that stands alone. */
async function couldFailWith(error: string, given: JsonRules, facts: unknown): Promise<boolean> {
  const type = 'alone'
  const always = { all: [] }
  const rules: unknown[] = [{ conditions: always, event: { type } }]
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const own = value as Record<string, unknown>
    const { priority: _, all: _all, any: _any, not: _not, ...alone } = own
    if (Object.hasOwn(own, 'condition'))
      rules.push({ conditions: { condition: own['condition'] }, event: { type } })
    else if (Object.hasOwn(own, 'fact') && Object.hasOwn(own, 'value'))
      rules.push({ conditions: { all: [alone] }, event: { type } })
    else if (Object.hasOwn(own, 'params'))
      for (const [member, each] of Object.entries(own['params'] ?? {}))
        rules.push({ conditions: always, event: { type, params: { [member]: each } } })
    Object.values(own).forEach(visit)
  }
  visit([given.rules, given.options.conditions])
  for (const rule of rules) {
    const outcome = await original({ ...given, rules: [rule] }, facts)
    if ('error' in outcome && errorText(outcome.error) === error) return true
  }
  return false
}

/** A deep copy with the same prototypes, members and identities: json-rules-engine writes into what it is given. */
function duplicate<T>(value: T, seen = new Map<object, object>()): T {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known as T
  const made = (Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value))) as object
  seen.set(value, made)
  for (const key of Reflect.ownKeys(value)) {
    const member = Object.getOwnPropertyDescriptor(value, key)!
    if ('value' in member) member.value = duplicate(member.value as unknown, seen)
    Object.defineProperty(made, key, member)
  }
  return made as T
}

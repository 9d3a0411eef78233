import type { Fault } from '../fault.ts'
import { testMaker } from './decide.ts'
import { eventMaker, type RuleEvent } from './event.ts'
import { fastTest } from './fast.ts'
import { given, type Scope } from './lookup.ts'
import type { CompileRulesOptions } from './options.ts'
import { copy } from './plain.ts'
import { readRules } from './read-rules.ts'
import type { ConditionJson } from './show.ts'
import { traceMaker } from './trace.ts'

export type { RuleEvent } from './event.ts'
export type { CompileRulesOptions } from './options.ts'
export { refused } from './refusals.ts'
export { RefusedRules } from './report.ts'
export type { ConditionJson } from './show.ts'

/** What became of one rule, as `RuleResult.toJSON` of json-rules-engine gives it. */
export type RuleResultJson = {
  readonly conditions: ConditionJson
  /** The very object among the events of the run. */
  readonly event: RuleEvent
  readonly priority: number
  readonly name: unknown
  readonly result: boolean
}

/** In each list: by priority of the rule, the highest first, then in the order of the rules. */
export type RunResult = {
  readonly events: readonly RuleEvent[]
  readonly failureEvents: readonly RuleEvent[]
  readonly results: readonly RuleResultJson[]
  readonly failureResults: readonly RuleResultJson[]
}

/**
 * Evaluation fails exactly when json-rules-engine's `run` rejects: on any error in a condition that is reached, also beside
 * one that has decided already. Of several errors it throws the first in the order of the rules and of their conditions,
 * where json-rules-engine rejects with the one that came first in its queue of promises; messages of a TypeError are
 * those of our operators. A fact that is a function, a promise or a `Fact` is an error with the code UNSUPPORTED_FACT.
 */
export type CompiledRules = {
  /** Every rule, with what was compared and what was skipped. */
  readonly run: (facts?: unknown) => RunResult
  /** The events of the rules that hold: `run(facts).events`, without the rest. */
  readonly events: (facts?: unknown) => readonly RuleEvent[]
  /** What fails when it is reached, or means something else than it seems to; in json-rules-engine too. */
  readonly warnings: readonly Fault[]
}

/**
 * Compiles rules in json-rules-engine's form to mean to the letter what 7.3.1 means by them, over facts that are plain
 * values, and synchronously. What could not mean exactly the same is refused.
 *
 * Not supported: operators and decorators of one's own, path resolvers, facts that are computed, event handlers, `stop`,
 * and order by completion within one priority. Objects are kept out of the rules by copying, and the rules are never
 * written to; json-rules-engine writes parsed priorities into them.
 * @throws RefusedRules with all faults and their places
 */
export function compileRules(
  rules: readonly unknown[],
  options: CompileRulesOptions,
): CompiledRules {
  // Left out in JavaScript, they are refused with the reason like any other that are not whole.
  const { trees, warnings } = readRules(rules, Object(options) as CompileRulesOptions)
  const scope: Scope = {
    facts: new Map(Object.entries(options.facts ?? {})),
    allowUndefinedFacts: options.allowUndefinedFacts,
    allowUndefinedConditions: options.allowUndefinedConditions ?? false,
  }
  const testOf = testMaker(scope)
  const traceOf = traceMaker(scope)
  const compiled = trees.map(({ root, event, priority, name }) => ({
    priority,
    name,
    test: testOf(root),
    trace: traceOf(root),
    makeEvent: eventMaker(event, scope),
    mayFail: event.reads.length > 0,
  }))

  const mayFail = compiled.some((rule) => rule.mayFail)
  const fast = mayFail ? undefined : fastTest(trees, scope)

  return { run, events, warnings }

  function run(facts?: unknown): RunResult {
    const known = given(facts)
    const all = compiled.map(({ priority, name, trace, makeEvent }): RuleResultJson => {
      const { held, shows } = trace(known)
      return {
        conditions: shows,
        event: makeEvent(known),
        priority,
        name: copy(name),
        result: held,
      }
    })
    const results = all.filter(({ result }) => result)
    const failureResults = all.filter(({ result }) => !result)
    return {
      events: results.map(({ event }) => event),
      failureEvents: failureResults.map(({ event }) => event),
      results,
      failureResults,
    }
  }

  function events(facts?: unknown): readonly RuleEvent[] {
    const known = given(facts)
    const held = fast?.(known)
    if (held !== undefined) return held.map((number) => compiled[number]!.makeEvent(known))
    return compiled.flatMap(({ test, makeEvent, mayFail }) => {
      const held = test(known)
      // The event of a rule that does not hold is made too where that may fail.
      const event = held || mayFail ? makeEvent(known) : undefined
      return held && event ? [event] : []
    })
  }
}

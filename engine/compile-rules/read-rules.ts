import { pointerTo, type Fault } from '../fault.ts'
import type { CompileRulesOptions } from './options.ts'
import { isUnsettled } from './lookup.ts'
import { isPlainObject, readPlain } from './plain.ts'
import { parsed, readPriority } from './priority.ts'
import { conditionReader } from './read-condition.ts'
import { readEvent } from './read-event.ts'
import { refused, rejected } from './refusals.ts'
import { RefusedRules, reporter, type Report } from './report.ts'
import type { RuleTree } from './tree.ts'

/**
 * Reads rules in json-rules-engine's form, once. Pointers are into `{ rules, conditions, facts, … }`.
 * @throws RefusedRules with all faults
 */
export function readRules(
  rules: readonly unknown[],
  options: CompileRulesOptions,
): { readonly trees: readonly RuleTree[]; readonly warnings: readonly Fault[] } {
  const faults: Fault[] = []
  const warnings: Fault[] = []
  const report = reporter(faults)
  const conditions = new Map(Object.entries(options.conditions ?? {}))
  if (typeof options.allowUndefinedFacts !== 'boolean')
    report(refused.allowUndefinedFacts, '/allowUndefinedFacts', options.allowUndefinedFacts)
  readFacts(options.facts ?? {}, report)
  const factPriorities = readFactPriorities(options, report)
  const read = conditionReader(conditions, factPriorities, report, reporter(warnings))

  for (const name of conditions.keys()) {
    if (name === '') report(rejected.sharedName, '/conditions/', name)
    read.shared(name)
  }
  if (!Array.isArray(rules)) report(refused.rules, '/rules', rules)
  const list: readonly unknown[] = Array.isArray(rules) ? rules : []
  const trees = Array.from(list, (rule, index) => readRule(rule, pointerTo('/rules', index)))
  if (faults.length > 0) throw new RefusedRules(faults)
  const inOrder = trees
    .filter((tree) => tree !== undefined)
    .sort((one, other) => other.priority - one.priority)
  return { trees: inOrder, warnings }

  function readRule(rule: unknown, pointer: string): RuleTree | undefined {
    if (!rule) return report(rejected.rule, pointer, rule)
    if (!Object.hasOwn(rule, 'event')) return report(rejected.event, pointer, rule)
    if (!Object.hasOwn(rule, 'conditions')) return report(rejected.conditions, pointer, rule)
    if (!isPlainObject(rule)) return report(refused.plain, pointer, rule)
    for (const handler of ['onSuccess', 'onFailure'])
      if (rule[handler]) report(refused.handler, pointerTo(pointer, handler), rule[handler])

    const at = pointerTo(pointer, 'conditions')
    const root = rule['conditions']
      ? read.rule(rule['conditions'], at)
      : report(refused.noConditions, at, rule['conditions'])
    const replaceFacts = options.replaceFactsInEventParams ?? false
    const event = readEvent(rule['event'], pointerTo(pointer, 'event'), replaceFacts, report)
    const priority = readRulePriority(rule['priority'], pointerTo(pointer, 'priority'), report)
    const name = readPlain(rule['name'], pointerTo(pointer, 'name'), report)
    return root && event && { root, event, priority, name: name || name === 0 ? name : undefined }
  }
}

function readRulePriority(value: unknown, pointer: string, report: Report): number {
  const priority = parsed(readPriority(value, pointer, report) || 1)
  if (Number.isNaN(priority)) report(refused.rulePriority, pointer, value)
  if (priority <= 0) report(rejected.priority, pointer, value)
  return priority
}

function readFacts(facts: Readonly<Record<string, unknown>>, report: Report): void {
  for (const [fact, value] of Object.entries(facts)) {
    if (fact === '') report(rejected.factName, '/facts/', fact)
    if (isUnsettled(value)) report(refused.asyncFact, pointerTo('/facts', fact), value)
  }
}

function readFactPriorities(
  { facts = {}, factPriorities = {} }: CompileRulesOptions,
  report: Report,
): ReadonlyMap<string, number> {
  const read = Object.entries(factPriorities).map(([fact, value]) => {
    const pointer = pointerTo('/factPriorities', fact)
    if (!Object.hasOwn(facts, fact)) report(refused.factPriority, pointer, fact)
    return [fact, parsed(readPriority(value, pointer, report) || 1) || 1] as const
  })
  return new Map(read)
}

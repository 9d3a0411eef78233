import { facts, faultText, parsePack, type Condition, type Deciding } from '../engine/index.ts'
import { packOf } from './packs.ts'

/** The rule set of a pack that has no faults. */
export function parsed(source: Readonly<Record<string, unknown>>) {
  const pack = parsePack(packOf(source))
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack.ruleSet
}

/** The rule set as its author would have written it: times in ISO 8601, and constants in lists where that is wanted; rules in report mode by name. */
export function files(
  set: Deciding,
  priorities: readonly number[],
  inLists = false,
  reporting: ReadonlySet<string> = new Set(),
): Readonly<Record<string, unknown>> {
  const lists: Record<string, unknown> = {}
  const written = (condition: Condition): unknown => {
    if ('all' in condition) return { all: condition.all.map(written) }
    if ('any' in condition) return { any: condition.any.map(written) }
    if ('not' in condition) return { not: written(condition.not) }
    if ('condition' in condition) return condition
    const { kind } = facts[condition.fact as keyof typeof facts]
    const isTime = kind.kind === 'timestamp' || kind.kind === 'timestampOrNever'
    const iso = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(iso)
      return isTime && typeof value === 'number' ? new Date(value).toISOString() : value
    }
    const value = iso(condition.value)
    if (!inLists || !Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      return { ...condition, value }
    const list = `list${Object.keys(lists).length}`
    lists[list] = { description: 'a list', values: value.map((each) => ({ value: each })) }
    return { ...condition, value: { list } }
  }
  const ruleFiles = set.rules.map((rule, index) => [
    `rules/${rule.name}.json`,
    {
      ...rule,
      ...(reporting.has(rule.name) && { mode: 'report' }),
      conditions: written(rule.conditions),
      ...(priorities[index] !== undefined && { priority: priorities[index] }),
    },
  ])
  const conditions = Object.entries(set.conditions).map(([name, each]) => [name, written(each)])
  return {
    'conditions.json': Object.fromEntries(conditions),
    'lists.json': lists,
    ...Object.fromEntries(ruleFiles),
  }
}

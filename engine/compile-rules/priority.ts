import { refused } from './refusals.ts'
import type { Report } from './report.ts'

/** A priority as it is written: what can be looked at without calling a method of it. */
export type Priority = string | number | bigint | boolean | null | undefined

export function readPriority(value: unknown, pointer: string, report: Report): Priority {
  if (
    (typeof value === 'object' && value !== null) ||
    ['function', 'symbol'].includes(typeof value)
  )
    return report(refused.priorityValue, pointer, value)
  return value as Priority
}

/** The whole number that the text of a priority begins with, or NaN. */
export function parsed(priority: Priority): number {
  return Number.parseInt(String(priority), 10)
}

/** Places by the priorities that stand there, highest first, each group in order; undefined where no order is defined. */
export function grouped(priorities: readonly string[]): readonly (readonly number[])[] | undefined {
  const groups = new Map<string, number[]>()
  priorities.forEach((priority, place) => {
    const group = groups.get(priority)
    if (group === undefined) groups.set(priority, [place])
    else group.push(place)
  })
  if (priorities.length < 2) return [...groups.values()] // what is alone is not put in order
  const names = [...groups.keys()]
  // json-rules-engine collects the groups in an object, which has these members already.
  if (names.some((name) => name in Object.prototype)) return undefined
  const numbers = new Set(names.map(Number))
  if (names.length > 1 && (numbers.has(Number.NaN) || numbers.size < names.length)) return undefined
  return names.sort((one, other) => Number(other) - Number(one)).map((name) => groups.get(name)!)
}

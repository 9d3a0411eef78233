import { pointerTo } from '../fault.ts'
import { refused } from './refusals.ts'
import type { Report } from './report.ts'

/** Conditions (through references too) and values may nest this deep. */
export const deepest = 500

export type PlainObject = { readonly [member: string]: unknown }

/** An object as JSON.parse or a literal makes it: nothing inherited, computed or hidden, so reading it once is enough. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === null || prototype === Object.prototype) &&
    Reflect.ownKeys(value).every((key) => isPlainMember(value, key))
  )
}

export function isPlainArray(value: unknown): value is readonly unknown[] {
  return (
    Array.isArray(value) &&
    Object.getPrototypeOf(value) === Array.prototype &&
    Reflect.ownKeys(value).length === value.length + 1 &&
    Array.from(value.keys()).every((index) => isPlainMember(value, String(index)))
  )
}

function isPlainMember(holder: object, key: string | symbol): boolean {
  if (typeof key === 'symbol') return false
  const member = Object.getOwnPropertyDescriptor(holder, key)
  return member !== undefined && 'value' in member && member.enumerable === true
}

/** The value as json-rules-engine would copy it, or a fault where its copy could not be ours. */
export function readPlain(value: unknown, pointer: string, report: Report): unknown {
  const faultless = (value: unknown, pointer: string, depth: number): boolean => {
    if (typeof value === 'function') return report(refused.plain, pointer, value) ?? false
    if (typeof value !== 'object' || value === null) return true
    if (depth > deepest) return report(refused.depth, pointer, value) ?? false
    if (!isPlainArray(value) && !isPlainObject(value))
      return report(refused.plain, pointer, value) ?? false
    if (Object.hasOwn(value, '__proto__')) return report(refused.proto, pointer, value) ?? false
    return Object.entries(value).every(([member, each]) =>
      faultless(each, pointerTo(pointer, member), depth + 1),
    )
  }
  return faultless(value, pointer, 0) ? copy(value) : undefined
}

/**
 * A copy of plain data as `clone` 2.1.2 makes it, which json-rules-engine copies rules with for every run: members named
 * like those that every object has (`constructor`, `toString`) are left out.
 */
export function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  const prototype = Object.getPrototypeOf(value) as object | null
  const made = Object.create(prototype) as Record<string, unknown>
  for (const [member, each] of Object.entries(value))
    if (prototype === null || !Object.hasOwn(prototype, member)) made[member] = copy(each)
  return made
}

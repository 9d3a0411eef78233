import { pointerTo } from '../fault.ts'
import { deepest, isPlainObject, type PlainObject } from './plain.ts'
import { refused, rejected, warned } from './refusals.ts'
import type { Report } from './report.ts'

/** In this order json-rules-engine looks for lists; the first found is evaluated, and shown. */
export const branches = ['any', 'all', 'not'] as const

const kinds = [...branches, 'condition', 'fact'] as const
type Kind = (typeof kinds)[number]

export function branchIn(own: PlainObject): (typeof branches)[number] | undefined {
  return branches.find((kind) => Object.hasOwn(own, kind))
}

/** An object that is to be a condition. `input` is nothing that counts as false. */
export function readObject(
  input: unknown,
  pointer: string,
  depth: number,
  report: Report,
): PlainObject | undefined {
  if (typeof input === 'function') return report(refused.plain, pointer, input)
  if (typeof input !== 'object' || Array.isArray(input))
    return report(rejected.fact, pointer, input)
  if (!isPlainObject(input)) return report(refused.plain, pointer, input)
  if (Object.hasOwn(input, '__proto__')) return report(refused.proto, pointer, input)
  if (depth >= deepest) return report(refused.depth, pointer, input)
  return input
}

/** The object at the root of a rule or of a shared condition: no comparison. */
export function readRoot(
  input: unknown,
  pointer: string,
  depth: number,
  report: Report,
): PlainObject | undefined {
  const isRoot = [...branches, 'condition'].some((kind) => Object.hasOwn(input as object, kind))
  return isRoot ? readObject(input, pointer, depth, report) : report(rejected.root, pointer, input)
}

export function warnOfDropped(
  own: PlainObject,
  used: Kind | undefined,
  pointer: string,
  warn: Report,
): void {
  for (const kind of kinds)
    if (kind !== used && Object.hasOwn(own, kind))
      warn(warned.dropped, pointerTo(pointer, kind), own[kind])
}

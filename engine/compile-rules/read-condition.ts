import { pointerTo } from '../fault.ts'
import { deepest, isPlainArray, readPlain, type PlainObject } from './plain.ts'
import { grouped, parsed, readPriority, type Priority } from './priority.ts'
import { readLeaf } from './read-leaf.ts'
import { branchIn, readObject, readRoot, warnOfDropped } from './read-object.ts'
import { resolved, type Shared } from './reference.ts'
import { refused, rejected, warned } from './refusals.ts'
import type { Report } from './report.ts'
import type { Branch, Node, Reference } from './tree.ts'

export type ConditionReader = {
  /** The condition of a rule. Undefined when it has a fault. */
  readonly rule: (input: unknown, pointer: string) => Node | undefined
  /** Reads a shared condition, for its faults. */
  readonly shared: (name: string) => void
}

/** Reads conditions and what they refer to. `factPriorities` are those of the facts added to the engine. */
export function conditionReader(
  conditions: ReadonlyMap<string, unknown>,
  factPriorities: ReadonlyMap<string, number>,
  report: Report,
  warn: Report,
): ConditionReader {
  const known = new Map<string, Shared | undefined>()
  const open = new Set<string>()
  const unparsed = new WeakSet<object>()

  return { rule, shared: (name) => void readShared(name, '', 0) }

  /** Here alone a list comes before a reference in the same object. */
  function rule(input: unknown, pointer: string): Node | undefined {
    const own = readRoot(input, pointer, 0, report)
    if (own === undefined) return undefined
    return branchIn(own) ? readBranch(own, pointer, 0) : readReference(own, pointer, 0)
  }

  function readShared(name: string, pointer: string, depth: number): Shared | undefined {
    if (known.has(name)) return known.get(name)
    if (open.has(name)) return report(refused.circle, pointer, name)
    open.add(name)
    const shared = readSharedBody(conditions.get(name), pointerTo('/conditions', name), depth)
    open.delete(name)
    known.set(name, shared)
    return shared
  }

  function readSharedBody(input: unknown, pointer: string, depth: number): Shared | undefined {
    if (!input) return report(rejected.shared, pointer, input)
    const object = readRoot(input, pointer, depth, report)
    if (object === undefined) return undefined
    const { branch, next, height, ...shown } = readTop(object, pointer, depth)
    const has = (member: string) =>
      Object.hasOwn(object, member) || (member === 'priority' && branch !== undefined)
    const own = Object.fromEntries(Object.entries(shown).filter(([member]) => has(member)))
    return { own, branch, next, height }
  }

  /** What a reference and a shared condition may have alike. */
  function readTop(own: PlainObject, pointer: string, depth: number) {
    const at = pointerTo(pointer, 'condition')
    const refers = Object.hasOwn(own, 'condition')
    if (refers) warnOfDropped(own, 'condition', pointer, warn)
    const branch = branchIn(own) && readBranch(own, pointer, depth, !refers)
    const priority: Priority =
      branch?.priority ?? readPriority(own['priority'], pointerTo(pointer, 'priority'), report)
    const name = readPlain(own['name'], pointerTo(pointer, 'name'), report)
    const condition = readPlain(own['condition'], at, report)
    const next = refers ? readNext(condition, at, depth) : undefined
    const height = heightOver([branch, next], pointer)
    return { priority, name, condition, branch, next, height }
  }

  function readNext(name: unknown, pointer: string, depth: number): Shared | undefined {
    return typeof name === 'string' && conditions.has(name)
      ? readShared(name, pointer, depth + 1)
      : warn(warned.shared, pointer, name)
  }

  function readReference(own: PlainObject, pointer: string, depth: number): Reference {
    const { next, height, ...skipped } = readTop(own, pointer, depth)
    const order = orderOf(skipped.priority, own['fact'])
    return { kind: 'reference', order, height, ...resolved(skipped, next) }
  }

  function readNode(input: unknown, pointer: string, depth: number): Node | undefined {
    if (!input) return report(rejected.condition, pointer, input)
    const own = readObject(input, pointer, depth, report)
    if (own === undefined) return undefined
    if (Object.hasOwn(own, 'condition')) return readReference(own, pointer, depth)
    if (branchIn(own)) return readBranch(own, pointer, depth)
    const leaf = readLeaf(own, pointer, orderOf, report, warn)
    const priority = leaf?.shown.priority
    if (Object.hasOwn(own, 'priority') && parsed(priority) !== priority) {
      if (unparsed.has(own))
        report(refused.priorityReused, pointerTo(pointer, 'priority'), priority)
      unparsed.add(own)
    }
    return leaf
  }

  function readBranch(
    own: PlainObject,
    pointer: string,
    depth: number,
    warns = true,
  ): Branch | undefined {
    const kind = branchIn(own)!
    if (warns) warnOfDropped(own, kind, pointer, warn)
    const at = pointerTo(pointer, kind)
    const list = own[kind]
    if (Array.isArray(list) === (kind === 'not')) return report(rejected[kind], at, list)
    if (Array.isArray(list) && !isPlainArray(list)) return report(refused.plain, at, list)
    const inputs = isPlainArray(list)
      ? list.map((member, place) => [member, pointerTo(at, place)] as const)
      : [[list, at] as const]
    if (inputs.length === 0) warn(warned.empty, at, list)

    const members = inputs
      .map(([member, place]) => readNode(member, place, depth + 1))
      .filter((member) => member !== undefined)
    const groups = grouped(members.map(({ order }) => order))
    if (groups === undefined) return report(refused.priorityOrder, at, list)
    const priorityAt = pointerTo(pointer, 'priority')
    const priority = parsed(readPriority(own['priority'], priorityAt, report)) || 1
    const name = readPlain(own['name'], pointerTo(pointer, 'name'), report)
    const height = heightOver(members, pointer)
    return { kind, order: String(priority), height, priority, name, members, groups }
  }

  function orderOf(priority: Priority, fact: unknown): string {
    return String(priority || (typeof fact === 'string' && factPriorities.get(fact)) || 1)
  }

  /** One level above these; said by the level that is the first too many. */
  function heightOver(below: readonly ({ height: number } | undefined)[], pointer: string): number {
    const height = 1 + below.reduce((most, each) => Math.max(most, each?.height ?? 0), 0)
    if (height === deepest + 1) report(refused.depth, pointer, height)
    return height
  }
}

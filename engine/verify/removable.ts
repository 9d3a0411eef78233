import type { Condition } from '../condition.ts'
import { pointerTo } from '../fault.ts'

/** A part, and what must hold and fail for it to matter: the other members of each list that it is in, and it itself. */
export type Removable = {
  readonly part: Condition
  readonly at: string
  readonly hold: readonly Condition[]
  readonly fail: readonly Condition[]
}

/** Every member of every list, the outer ones first. */
export function* removable(
  condition: Condition,
  pointer: string,
  hold: readonly Condition[] = [],
  fail: readonly Condition[] = [],
): Generator<Removable> {
  if ('not' in condition) yield* removable(condition.not, pointerTo(pointer, 'not'), hold, fail)
  const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : undefined
  if (kind === undefined) return
  const members = (condition as Readonly<Record<string, readonly Condition[]>>)[kind]!
  for (const [index, part] of members.entries()) {
    const at = pointerTo(pointerTo(pointer, kind), index)
    const others = members.filter((each) => each !== part)
    const [above, below] =
      kind === 'all' ? [[...hold, ...others], fail] : [hold, [...fail, ...others]]
    if (members.length > 1)
      yield {
        part,
        at,
        hold: kind === 'all' ? above : [...above, part],
        fail: kind === 'all' ? [...below, part] : below,
      }
    yield* removable(part, at, above, below)
  }
}

/** The condition without some of its parts; undefined where a list would have none left. */
export function without(
  condition: Condition,
  pointer: string,
  removed: ReadonlySet<string>,
): Condition | undefined {
  if ('not' in condition) {
    const not = without(condition.not, pointerTo(pointer, 'not'), removed)
    return not && { not }
  }
  const members = (kind: 'all' | 'any', list: readonly Condition[]) => {
    const kept: Condition[] = []
    for (const [index, member] of list.entries()) {
      const at = pointerTo(pointerTo(pointer, kind), index)
      if (removed.has(at)) continue
      const rest = without(member, at, removed)
      if (rest === undefined) return undefined
      kept.push(rest)
    }
    return kept.length === 0 ? undefined : kept
  }
  if ('all' in condition) {
    const all = members('all', condition.all)
    return all && { all }
  }
  if ('any' in condition) {
    const any = members('any', condition.any)
    return any && { any }
  }
  return condition
}

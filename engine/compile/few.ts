import type { Condition } from '../condition.ts'
import { isReference } from '../constant.ts'
import { facts, type FactTable } from '../facts.ts'

/** Facts with at most so many values, and conditions with at most so many combinations of them, have few. */
const [mostValues, mostCombinations] = [8, 64]

/** The values that a fact can have, where they are few. */
export function fewValuesOf(fact: string): readonly (string | boolean)[] | undefined {
  const kind = (facts as FactTable)[fact]?.kind
  const values =
    kind?.kind === 'flag' ? [false, true] : kind?.kind === 'oneOf' ? kind.values : undefined
  return values !== undefined && values.length <= mostValues ? values : undefined
}

/** The facts that a condition looks at, where their combinations are few, so that there are only so many ways to show it. */
export function fewFactsOf(
  condition: Condition,
  shared: Readonly<Record<string, Condition>>,
): readonly string[] | undefined {
  const found = new Set<string>()
  if (!add(condition)) return undefined
  const combinations = [...found].reduce((product, fact) => product * fewValuesOf(fact)!.length, 1)
  return combinations <= mostCombinations ? [...found] : undefined

  function add(each: Condition): boolean {
    if ('all' in each) return each.all.every(add)
    if ('any' in each) return each.any.every(add)
    if ('not' in each) return add(each.not)
    if ('condition' in each) return add(shared[each.condition]!)
    found.add(each.fact)
    return !isReference(each.value) && fewValuesOf(each.fact) !== undefined
  }
}

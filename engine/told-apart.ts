import { comparisonsOf, type Condition } from './condition.ts'
import { isReference } from './constant.ts'
import { printValue, type FactValue, type Kind } from './kinds.ts'
import type { RuleSet } from './rule-set.ts'

/** Constants that the conditions of a rule set compare a fact with. */
export function mentioned(
  { rules, conditions }: Pick<RuleSet, 'rules' | 'conditions'>,
  fact: string,
): ReadonlySet<FactValue> {
  const roots: readonly Condition[] = [
    ...rules.map((rule) => rule.conditions),
    ...Object.values(conditions),
  ]
  return new Set(
    roots
      .flatMap((root) => [...comparisonsOf(root)])
      .flatMap((each) =>
        each.fact === fact && !isReference(each.value) ? [each.value].flat(2) : [],
      ),
  )
}

/** Values of a fact that matter, as callers send them: all of a closed kind, else those that conditions mention, and neighbours. */
export function toldApart(ruleSet: RuleSet, fact: string, kind: Kind): readonly FactValue[] {
  const values = mentioned(ruleSet, fact)
  switch (kind.kind) {
    case 'flag':
      return [true, false]
    case 'oneOf':
      return kind.values
    case 'someOf':
      return [[], ...kind.values.map((value) => [value])]
    case 'ids':
      return [[], ...[...values].map((value) => [value as string])]
    case 'id':
      return [...values]
    case 'integer':
      return near(values).filter((value) => value >= kind.min && value <= kind.max)
    case 'timestamp':
    case 'timestampOrNever':
      return [
        ...near(values).map((value) => printValue(kind, value)),
        ...(kind.kind === 'timestamp' ? [] : [null]),
      ]
  }
}

/** The numbers among them, each with its neighbours. */
export const near = (values: Iterable<unknown>): readonly number[] => [
  ...new Set(
    [...values].flatMap((value) =>
      typeof value === 'number' ? [value - 1, value, value + 1] : [],
    ),
  ),
]

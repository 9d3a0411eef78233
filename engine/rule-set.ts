import { createHash } from 'node:crypto'
import { comparisonsOf, type Condition } from './condition.ts'
import { factTable, type CustomFact } from './custom-facts.ts'
import type { Rule } from './decision.ts'
import { isObject, type Assumption } from './sign-in.ts'

/** What decides: plain data, the same in every thread. Only `parsePack` makes one. */
export type RuleSet = {
  readonly id: string
  readonly title: string
  /** `sha256:` and the digest of all that can change a decision. Equal revisions decide every sign-in alike. */
  readonly revision: string
  readonly customFacts: Readonly<Record<string, CustomFact>>
  readonly assumptions: readonly Assumption[]
  readonly conditions: Readonly<Record<string, Condition>>
  readonly rules: readonly Rule[]
}

/** Every fact that can change a decision under this rule set, those behind computed facts included. */
export function factsRead({ rules, conditions, customFacts }: RuleSet): ReadonlySet<string> {
  const table = factTable(customFacts)
  const read = new Set<string>()
  const add = (fact: string): void => {
    if (read.has(fact)) return
    read.add(fact)
    const { origin } = table[fact]!
    if (origin.by === 'engine') origin.from.forEach(add)
    else if (origin.by === 'class') add(origin.of)
  }
  const roots = [...rules.map((rule) => rule.conditions), ...Object.values(conditions)]
  for (const root of roots)
    for (const { fact, value } of comparisonsOf(root)) {
      add(fact)
      if (isObject(value) && 'fact' in value) add(value.fact)
    }
  return read
}

export function revisionOf(deciding: Omit<RuleSet, 'revision' | 'title'>): string {
  return `sha256:${createHash('sha256').update(canonical(deciding)).digest('hex')}`
}

/** JSON with sorted member names, so that the order in which files were written never shows. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

import { createHash } from 'node:crypto'
import { comparisonsOf, referencesOf, type Condition } from './condition.ts'
import { isReference } from './constant.ts'
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

/** Every fact that the answers of this rule set depend on: those behind computed facts, and those shown, included. */
export function factsRead({
  rules,
  conditions,
  customFacts,
}: Omit<RuleSet, 'revision'>): ReadonlySet<string> {
  const table = factTable(customFacts)
  const read = new Set<string>()
  const seen = new Set<string>()
  const add = (fact: string): void => {
    if (read.has(fact)) return
    read.add(fact)
    const { origin } = table[fact]!
    if (origin.by === 'engine') origin.from.forEach(add)
  }
  const visit = (condition: Condition): void => {
    for (const { fact, value } of comparisonsOf(condition)) {
      add(fact)
      if (isReference(value)) add(value.fact)
    }
    for (const name of referencesOf(condition)) {
      if (seen.has(name)) continue
      seen.add(name)
      visit(conditions[name]!)
    }
  }
  for (const { conditions: root, event } of rules) {
    visit(root)
    event.params.shows?.forEach(add)
  }
  return read
}

/**
 * Raised by hand when the engine comes to decide the same rules otherwise: a changed operator, combination or computed
 * fact. What the fact table says is in the digest by itself.
 */
const semantics = 1

/** Digest of what can change an answer; titles, descriptions, sources, cases and promises can't. */
export function revisionOf({
  id,
  customFacts,
  assumptions,
  conditions,
  rules,
}: Omit<RuleSet, 'revision' | 'title'>): string {
  const deciding = {
    semantics,
    id,
    facts: Object.entries(factTable(customFacts)).map(([fact, { kind, origin, isPast }]) => [
      fact,
      kind,
      origin,
      isPast,
    ]),
    assumptions: assumptions.toSorted((a, b) => (a.fact < b.fact ? -1 : 1)),
    conditions,
    rules: rules.map(({ name, control, conditions: when, event }) => ({
      name,
      control,
      when,
      event,
    })),
  }
  return `sha256:${createHash('sha256').update(canonical(deciding)).digest('hex')}`
}

/** JSON with sorted member names, so that the order in which files were written never shows. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (member instanceof RegExp) return member.source
    return isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member
  })
}

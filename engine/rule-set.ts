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
  /** `sha256:` and the digest of all that can change a decision, or what is reported beside it. Equal revisions decide every sign-in alike. */
  readonly revision: string
  readonly customFacts: Readonly<Record<string, CustomFact>>
  readonly assumptions: readonly Assumption[]
  readonly conditions: Readonly<Record<string, Condition>>
  /** What determines decisions. */
  readonly rules: readonly Rule[]
  /** Rules in report mode: no decision ever depends on one, nor does which facts are asked for. */
  readonly reportRules: readonly Rule[]
}

/** The rule set in which the rules that only report decide as well: what they would have done. */
export function enforced({ rules, reportRules, ...rest }: RuleSet): RuleSet {
  const all = { ...rest, rules: byName([...rules, ...reportRules]), reportRules: [] }
  return { ...all, revision: revisionOf(all) }
}

export const byName = (rules: readonly Rule[]): readonly Rule[] =>
  rules.toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** Every fact that the answers of this rule set depend on: those behind computed facts, and those shown, included. */
export function factsRead({
  rules,
  conditions,
  customFacts,
}: Pick<RuleSet, 'rules' | 'conditions' | 'customFacts'>): ReadonlySet<string> {
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

/** `sha256:` and the digest of the fact table: which sign-ins there are. */
export const factsDigest = (customFacts: RuleSet['customFacts']): string =>
  digest(tabled(customFacts))

/**
 * Raised by hand when the engine comes to decide the same rules otherwise: a changed operator, combination or computed
 * fact. What the fact table says is in the digest by itself.
 */
const semantics = 1

/** Digest of what can change an answer, or what is reported beside it; titles, descriptions, sources, cases and promises can't. */
export function revisionOf({
  id,
  customFacts,
  assumptions,
  conditions,
  rules,
  reportRules,
}: Omit<RuleSet, 'revision' | 'title'>): string {
  const deciding = (rule: Rule) => {
    const { name, control, conditions: when, event } = rule
    return { name, control, when, event }
  }
  const digested = {
    semantics,
    id,
    facts: tabled(customFacts),
    assumptions: assumptions.toSorted((a, b) => (a.fact < b.fact ? -1 : 1)),
    conditions,
    rules: rules.map(deciding),
    ...(reportRules.length > 0 && { reportRules: reportRules.map(deciding) }),
  }
  return digest(digested)
}

const tabled = (customFacts: RuleSet['customFacts']) =>
  Object.entries(factTable(customFacts)).map(([fact, { kind, origin, isPast }]) => [
    fact,
    kind,
    origin,
    isPast,
  ])

const digest = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`

/** JSON with sorted member names, so that the order in which files were written never shows. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (member instanceof RegExp) return member.source
    return isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member
  })
}

import type { Change } from './changed.ts'
import { factTable } from './custom-facts.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { toldApart } from './told-apart.ts'

/** Every fact that these rule sets look at, left out and as each value that their rules tell apart. */
export function changesFor(ruleSets: readonly RuleSet[]): readonly Change[] {
  const changes = new Map<string, Change>()
  for (const ruleSet of ruleSets) {
    const table = factTable(ruleSet.customFacts)
    for (const fact of factsRead(ruleSet)) {
      const { origin, kind } = table[fact]!
      if (origin.by === 'engine') continue
      for (const value of [undefined, ...toldApart(ruleSet, fact, kind)])
        changes.set(`${fact} ${JSON.stringify(value)}`, { fact, value })
    }
  }
  return [...changes.values()]
}

/** A case with a change, in words. */
export function said(name: string, change: Change | undefined): string {
  if (change === undefined) return `the case "${name}"`
  const { fact, value } = change
  return `the case "${name}" ${value === undefined ? `without ${fact}` : `with ${fact} ${JSON.stringify(value)}`}`
}

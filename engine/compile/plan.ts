import { mostForCode, strategyFor, type Deciding } from './compile.ts'
import { indexed } from './indexed.ts'
import { termMaker, termsIn } from './term.ts'

/** How a rule set is compiled, and why; for people who write or run it. */
export type Plan = {
  readonly rules: number
  readonly because: string
  /** Different comparisons, however many rules have them, and the facts that they are on. */
  readonly comparisons: number
  readonly facts: number
} & (
  | { readonly strategy: 'code' }
  | {
      readonly strategy: 'index'
      /** Alternatives that rules were cut into. */
      readonly clauses: number
      /** What is looked up together, those first that take out most. */
      readonly lookups: readonly Lookup[]
      /** Conditions on several facts that are tested for what all lookups leave over. */
      readonly onDemand: number
    }
)

export type Lookup = {
  readonly facts: readonly string[]
  /** Classes of values that are told apart; none for arrays, which have any number. */
  readonly classes?: number
  /** Comparisons, by clause, that it answers. */
  readonly literals: number
}

export function plan({ rules, conditions }: Deciding): Plan {
  const termOf = termMaker(conditions)
  const terms = rules.map((rule) => termOf(rule.conditions))
  const tests = [...termsIn(terms)].filter((term) => term.kind === 'test')
  const common = {
    rules: rules.length,
    comparisons: tests.length,
    facts: new Set(tests.map(({ test }) => test.fact)).size,
  }
  if (strategyFor(rules.length) === 'code') {
    const because = `with up to ${mostForCode} rules it is quicker to look at every one`
    return { ...common, strategy: 'code', because }
  }
  const { clauses, groups, onDemand } = indexed(terms)
  return {
    ...common,
    strategy: 'index',
    because: `with more than ${mostForCode} rules it is quicker to look up which can still apply`,
    clauses,
    lookups: groups.map(({ columns, classes }) => ({
      facts: columns.map(({ name }) => name),
      ...(Number.isFinite(classes) && { classes }),
      literals: columns.reduce((sum, { literals }) => sum + literals, 0),
    })),
    onDemand: onDemand.length,
  }
}

import type { RuleSet } from '../../engine/index.ts'
import { rulesCounted, type Kind } from './compare.ts'
import { countsIn, countsMemory, type Counts } from './counts.ts'
import type { Examples, Watch } from './messages.ts'
import { tallyIn, tallyMemory, type Tally } from './tally.ts'

/** A watch as the main thread has it. */
export type Watched = {
  readonly watch: Watch
  /** ISO 8601. */
  readonly since: string
  readonly counts: Readonly<Partial<Record<Kind, Counts>>>
  readonly tally: Tally
  /** Decisions that listeners had no room for before it began. */
  readonly skippedBefore: number
  readonly examples: Examples
}

/** A new watch on the live rule set; nothing when there is nothing to compare it with. */
export function watching(
  id: number,
  live: RuleSet,
  candidate: RuleSet | undefined,
  skippedBefore: number,
): Watched | undefined {
  const compared: [Kind, RuleSet][] = []
  if (candidate !== undefined) compared.push(['candidate', candidate])
  if (live.reportRules.length > 0) compared.push(['report', live])
  if (compared.length === 0) return undefined
  const comparisons = compared.map(([kind, ruleSet]) => {
    const rules = rulesCounted(kind, live, ruleSet)
    const memory = countsMemory(rules.length)
    return { kind, counts: countsIn(memory, rules), given: { kind, ruleSet, counts: memory } }
  })
  const tally = tallyMemory()
  return {
    watch: { id, live, comparisons: comparisons.map(({ given }) => given), tally },
    since: new Date().toISOString(),
    counts: Object.fromEntries(comparisons.map(({ kind, counts }) => [kind, counts])),
    tally: tallyIn(tally),
    skippedBefore,
    examples: { candidate: [], report: [] },
  }
}

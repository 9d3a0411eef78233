import type { RuleSet } from '../../engine/index.ts'
import type { LogFields } from '../log.ts'
import type { Note } from '../observers/shadow/ring.ts'
import { comparer, kinds, type Difference, type Kind } from './compare.ts'
import { countsIn } from './counts.ts'
import { lastExamples } from './examples.ts'
import type { Examples, Watch } from './messages.ts'
import { tallyIn } from './tally.ts'

/** Compares notes as a watch says, and counts what comes of it. `differs` is told of each difference, and by which rule set. Facts that are masked are in no example. */
export function comparing(
  watch: Watch,
  log: (line: string, fields?: LogFields) => void,
  mask: readonly string[],
  before: (note: Note) => void,
  differs: (note: Note, kind: Kind, difference: Difference, ruleSet: RuleSet) => void,
) {
  const { live } = watch
  const tally = tallyIn(watch.tally)
  const examples = Object.fromEntries(kinds.map((kind) => [kind, lastExamples(mask)])) as Record<
    Kind,
    ReturnType<typeof lastExamples>
  >
  const comparisons = watch.comparisons.map(({ kind, ruleSet, counts }) => {
    const made = comparer(kind, live, ruleSet)
    return { ...made, counts: countsIn(counts, made.rules) }
  })
  // As it stands in every decision: quotes in what a caller says are escaped.
  const byLive = `"ruleSet":${JSON.stringify({ id: live.id, revision: live.revision })}`

  function compare(note: Note): void {
    if (!note.text.includes(byLive)) return tally.add('others')
    for (const { kind, compare, counts, ruleSet } of comparisons) {
      const difference = compare(note)
      counts.count(difference)
      if (difference === undefined) continue
      examples[kind].add(difference)
      differs(note, kind, difference, ruleSet)
    }
  }

  return {
    id: watch.id,
    compareAll(notes: readonly Note[]): void {
      tally.add('taken', notes.length)
      for (const note of notes) {
        before(note)
        try {
          compare(note)
        } catch (error) {
          tally.add('errors')
          log(`the shadow failed on a sign-in: ${String(error)}`, { level: 'error' })
        }
        tally.add('handled')
      }
    },
    /** What a thread before took along when it was lost. */
    foundLost: () => tally.set('lost', tally.get('taken') - tally.get('handled')),
    hasNews: () => kinds.some((kind) => examples[kind].isNew()),
    examples: () =>
      Object.fromEntries(kinds.map((kind) => [kind, examples[kind].show()])) as Examples,
  }
}

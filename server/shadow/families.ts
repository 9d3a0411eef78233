import type { Sample } from '../exposition.ts'
import type { LiveFamilies } from '../parts.ts'
import { kinds } from './compare.ts'
import type { ShadowState } from './view.ts'

/** Rules that have series of their own, those that make most differences first. */
const mostRules = 100

/** What the shadow tells `/metrics`. Counts begin anew when another rule set is compared, as after a restart. */
export function shadowFamilies({ candidate, watched, full, restarts }: ShadowState): LiveFamilies {
  const of = (
    samples: (
      by: string,
      counts: NonNullable<NonNullable<typeof watched>['counts']['report']>,
    ) => readonly Sample[],
  ) => kinds.flatMap((by) => (watched?.counts[by] ? samples(by, watched.counts[by]) : []))
  const tally = watched?.tally
  return {
    portcullis_shadow_candidate_info: {
      type: 'gauge',
      help: 'The rule set that decides beside the live one.',
      samples: candidate ? [[1, { id: candidate.id, revision: candidate.revision }]] : [],
    },
    portcullis_shadow_compared_total: {
      type: 'counter',
      help: 'Decisions compared with what the candidate, or the rules that only report, would have made of them.',
      samples: of((by, counts) => [[counts.compared(), { by }]]),
    },
    portcullis_shadow_differences_total: {
      type: 'counter',
      help: 'Decisions that would have been others, by outcome told and outcome there would have been.',
      samples: of((by, counts) =>
        counts.transitions().map(({ from, to, count }) => [count, { by, from, to }]),
      ),
    },
    portcullis_shadow_rule_differences_total: {
      type: 'counter',
      help: `Differences by rule, of the ${mostRules} with the most, and what became of the rule.`,
      samples: of((by, counts) =>
        counts
          .rules()
          .slice(0, mostRules)
          .map(({ rule, change, from, to, count }) => [count, { by, rule, change, from, to }]),
      ),
    },
    portcullis_shadow_skipped_total: {
      type: 'counter',
      help: 'Decisions that were not compared: there was no room, the thread that had them was lost, or another revision made them.',
      samples: [
        [full, { reason: 'full' }],
        [tally?.get('lost') ?? 0, { reason: 'lost' }],
        [tally?.get('others') ?? 0, { reason: 'revision' }],
      ],
    },
    portcullis_shadow_not_logged_total: {
      type: 'counter',
      help: 'Differences that the shadow log did not take.',
      samples: [[tally?.get('unlogged') ?? 0]],
    },
    portcullis_shadow_errors_total: {
      type: 'counter',
      help: 'Decisions that could not be compared because of a bug of ours.',
      samples: [[tally?.get('errors') ?? 0]],
    },
    portcullis_shadow_restarts_total: {
      type: 'counter',
      help: 'Times that the thread that compares was lost.',
      samples: [[restarts]],
    },
  }
}

import { attestationChecks } from '../../bundle/index.ts'
import type { Unproved } from '../../engine/index.ts'
import type { Families, Sample } from '../exposition.ts'
import type { Attempt } from './rule-sets.ts'

const results = ['activated', 'unchanged', 'refused'] as const
const verdicts = [
  'refuted',
  'vacuous',
  'unsupported',
  'unknown',
] as const satisfies readonly Unproved['verdict'][]
/** Upper bounds in seconds. */
const bounds = [0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 3, 5, 10, 30] as const

/** Counts what came of reloads, activations and rollbacks. */
export function countAttempts(startedAt: number) {
  const counts = { activated: 0, unchanged: 0, refused: 0 }
  const unproved = { refuted: 0, vacuous: 0, unsupported: 0, unknown: 0 }
  const unattested = Object.fromEntries(Object.keys(attestationChecks).map((each) => [each, 0]))
  const within = bounds.map(() => 0)
  let [count, seconds, lastOk, lastSuccess] = [0, 0, 1, startedAt / 1_000]
  return {
    note({ activation, ms, last }: Attempt): void {
      counts[!activation.activated ? 'refused' : activation.changed ? 'activated' : 'unchanged']++
      for (const { verdict } of activation.unproved ?? []) unproved[verdict]++
      if (!activation.activated && activation.unattested !== undefined)
        unattested[activation.unattested]!++
      bounds.forEach((bound, at) => {
        if (ms <= bound * 1_000) within[at]!++
      })
      count++
      seconds += ms / 1_000
      lastOk = last.ok ? 1 : 0
      if (last.ok) lastSuccess = Date.parse(last.at) / 1_000
    },
    families: (id: string, revision: string): Families => ({
      portcullis_rule_set_info: {
        type: 'gauge',
        help: 'The rule set that decides.',
        samples: [[1, { id, revision }]],
      },
      portcullis_reloads_total: {
        type: 'counter',
        help: 'Reloads, activations and rollbacks, by what came of them.',
        samples: results.map((result): Sample => [counts[result], { result }]),
      },
      portcullis_invariants_unproved_total: {
        type: 'counter',
        help: 'Invariants of rule sets that were to decide which are not proved, by verdict.',
        samples: verdicts.map((verdict): Sample => [unproved[verdict], { verdict }]),
      },
      portcullis_attestations_refused_total: {
        type: 'counter',
        help: 'Rule sets that were to decide and are not attested, by reason.',
        samples: Object.entries(unattested).map(([reason, count]): Sample => [count, { reason }]),
      },
      portcullis_reload_seconds: {
        type: 'histogram',
        help: 'What they took, from reading to deciding everywhere.',
        samples: [
          ...bounds.map((le, at): Sample => [within[at]!, { le }, '_bucket']),
          [count, { le: '+Inf' }, '_bucket'],
          [seconds, {}, '_sum'],
          [count, {}, '_count'],
        ],
      },
      portcullis_reload_last_successful: {
        type: 'gauge',
        help: 'Whether the last of them succeeded: 1 or 0.',
        samples: [[lastOk]],
      },
      portcullis_reload_last_success_timestamp_seconds: {
        type: 'gauge',
        help: 'When one last succeeded, or the service started, since 1970.',
        samples: [[lastSuccess]],
      },
    }),
  }
}

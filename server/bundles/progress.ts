import { checks } from '../../bundle/index.ts'
import type { Json } from '../control.ts'
import type { Sample } from '../exposition.ts'
import type { LiveFamilies } from '../parts.ts'
import type { Failed, Reason } from './judge.ts'
import { sourceReasons } from './source.ts'

const reasons: readonly Reason[] = [
  ...sourceReasons,
  ...(Object.keys(checks) as (keyof typeof checks)[]),
  'number',
  'other-pack',
  'activation',
]
const results = ['activated', 'unchanged', 'failed'] as const
type Result = (typeof results)[number]

/** The bundle that decides, or did until an operator let another rule set decide. */
export type Current = {
  readonly pack: string
  readonly number: number
  readonly digest: string
  readonly signedBy: readonly string[]
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number
  readonly origin: 'source' | 'kept'
}

/** How the pulling goes: counted for metrics, and said in words. */
export function progress(source: string, clock: () => number) {
  const counts: Record<Result, number> = { activated: 0, unchanged: 0, failed: 0 }
  const failures = new Map<Reason, number>()
  let lastSuccess: number | undefined
  let problem: (Failed & { readonly at: number; readonly times: number }) | undefined
  return {
    /** What is wrong, since how many pulls; nothing after one that was well. */
    problem: () => problem,
    /** When a pull last did well, in milliseconds since 1970. */
    lastSuccess: () => lastSuccess,
    succeeded(isNew: boolean) {
      counts[isNew ? 'activated' : 'unchanged']++
      lastSuccess = clock()
      problem = undefined
    },
    failed(failure: Failed) {
      counts.failed++
      failures.set(failure.failed, (failures.get(failure.failed) ?? 0) + 1)
      problem = { ...failure, at: clock(), times: (problem?.times ?? 0) + 1 }
    },
    status: (current: Current | undefined, isKept: boolean | undefined): Json => ({
      source,
      ...(current && { ...current, takenAt: iso(current.takenAt) }),
      ok: problem === undefined,
      lastSuccess: lastSuccess === undefined ? null : iso(lastSuccess),
      ...(isKept !== undefined && { isKept }),
      ...(problem && {
        problem: {
          reason: problem.failed,
          detail: problem.detail,
          at: iso(problem.at),
          times: problem.times,
        },
      }),
    }),
    families: (current: Current | undefined): LiveFamilies => ({
      portcullis_bundle_number: {
        type: 'gauge',
        help: 'Number of the bundle that was taken last.',
        samples: [[current?.number ?? 0]],
      },
      portcullis_bundle_ok: {
        type: 'gauge',
        help: 'Whether the last pull gave a bundle that is taken, or the one that already was.',
        samples: [[problem === undefined ? 1 : 0]],
      },
      portcullis_bundle_last_success_timestamp_seconds: {
        type: 'gauge',
        help: 'When a pull last did so, since 1970; 0 for never.',
        samples: [[(lastSuccess ?? 0) / 1_000]],
      },
      portcullis_bundle_age_seconds: {
        type: 'gauge',
        help: 'Since when the bundle that was taken last is.',
        samples: [[current === undefined ? 0 : Math.max(0, clock() - current.takenAt) / 1_000]],
      },
      portcullis_bundle_pulls_total: {
        type: 'counter',
        help: 'Pulls, by what came of them.',
        samples: results.map((result): Sample => [counts[result], { result }]),
      },
      portcullis_bundle_failures_total: {
        type: 'counter',
        help: 'Pulls that failed, by reason.',
        samples: reasons.map((reason): Sample => [failures.get(reason) ?? 0, { reason }]),
      },
    }),
  }
}

const iso = (at: number): string => new Date(at).toISOString()

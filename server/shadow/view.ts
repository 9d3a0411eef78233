import type { RuleSet } from '../../engine/index.ts'
import type { Kind } from './compare.ts'
import type { Watched } from './watched.ts'

/** How the shadow is. */
export type ShadowState = {
  readonly live: RuleSet
  readonly candidate: RuleSet | undefined
  readonly watched: Watched | undefined
  /** Decisions for which there was no room since the watch began. */
  readonly full: number
  /** Bytes that wait to be compared. */
  readonly waiting: number
  /** Threads lost since the service started. */
  readonly restarts: number
}

const mostRules = 100

/** What `GET /v1/shadow` tells. */
export function view({ live, candidate, watched, full, waiting, restarts }: ShadowState) {
  const named = ({ id, title, revision }: RuleSet) => ({ id, title, revision })
  const counted = (kind: Kind) => {
    const counts = watched?.counts[kind]
    if (counts === undefined) return undefined
    const compared = counts.compared() // first: the thread counts on
    const rules = counts.rules()
    return {
      compared,
      differing: counts.differing(),
      outcomes: counts.transitions(),
      rules: rules.slice(0, mostRules),
      rulesNotShown: Math.max(0, rules.length - mostRules),
      examples: watched!.examples[kind],
    }
  }
  const report = counted('report')
  return {
    live: named(live),
    since: watched?.since ?? null,
    candidate: candidate === undefined ? null : { ...named(candidate), ...counted('candidate') },
    reportRules:
      report === undefined ? null : { names: live.reportRules.map(({ name }) => name), ...report },
    skipped: {
      full,
      lost: watched?.tally.get('lost') ?? 0,
      otherRevision: watched?.tally.get('others') ?? 0,
    },
    notLogged: watched?.tally.get('unlogged') ?? 0,
    errors: watched?.tally.get('errors') ?? 0,
    waitingBytes: waiting,
    restarts,
  }
}

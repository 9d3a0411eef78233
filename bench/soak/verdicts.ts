import type { LoadResult } from '../load/result.ts'
import type { Verdict } from '../report/document.ts'
import { rounded } from '../table.ts'

/** A connection that is lost so soon before or after a thread was ended was lost with it; times come from two processes. */
const [beforeMs, afterMs] = [100, 500]

/** Losses that an ended thread explains: only where threads hold connections. `kills` are milliseconds since 1970. */
export function explainedLosses(
  { losses = [], fromMs }: Pick<LoadResult, 'losses' | 'fromMs'>,
  kills: readonly number[],
  listeners: number,
): number {
  if (listeners < 2) return 0
  return losses.filter((atMs) =>
    kills.some((kill) => fromMs + atMs >= kill - beforeMs && fromMs + atMs <= kill + afterMs),
  ).length
}

export type Soaking = {
  readonly result: LoadResult
  readonly explained: number
  readonly stale: number
  /** What ended the service, where it ended by itself. */
  readonly ended?: string
}

/** What may not happen in a soak; wrong answers are judged with all other runs. */
export function soakVerdicts({ result, explained, stale, ended }: Soaking): readonly Verdict[] {
  const lost = result.connectionErrors + result.timeouts - explained
  return [
    none('answers that allow what is not to be allowed', result.wrong.allows ?? 0),
    none(
      'requests that got no answer',
      lost,
      explained === 0 ? '' : ` (${rounded(explained)} more went with the thread that held them)`,
    ),
    none('answers by the rule set before, after a swap was made', stale),
    {
      what: 'the service stays up',
      measured: ended ?? 'it did',
      wanted: 'it does',
      met: ended === undefined,
    },
    {
      what: 'something was answered',
      measured: rounded(result.answered),
      wanted: 'at least 1',
      met: result.answered > 0,
    },
  ]
}

const none = (what: string, count: number, more = ''): Verdict => ({
  what,
  measured: `${rounded(count)}${more}`,
  wanted: '0',
  met: count === 0,
})

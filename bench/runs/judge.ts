import { unavailableStatuses } from '../load/protocol.ts'
import type { LoadResult } from '../load/result.ts'

export type Judgement = {
  readonly met: boolean
  /** Why not, where that is not the latency alone. */
  readonly because?: string
  /** It was the generator that was too slow: nothing is known of the service. */
  readonly generator?: true
  /** So far out that asking once more is no use. */
  readonly hopeless?: true
}

/** Whether a service kept up with an open loop: p99 within the limit, and every planned request sent and answered well. */
export function judge(result: LoadResult, limitUs: number): Judgement {
  const failure = failureOf(result)
  if (failure === undefined && result.latency.p99Us <= limitUs) return { met: true }
  if (result.generator.limitedBy !== undefined)
    return { met: false, generator: true, because: result.generator.limitedBy }
  return {
    met: false,
    ...(failure !== undefined && { because: failure }),
    ...((failure !== undefined || result.latency.p99Us > 5 * limitUs) && { hopeless: true }),
  }
}

function failureOf(result: LoadResult): string | undefined {
  if (result.answered === 0) return 'nothing was answered'
  const failed = Object.entries(result.statuses).filter(
    ([status]) => Number(status) >= 500 && !unavailableStatuses.has(Number(status)),
  )
  const counts: readonly (readonly [count: number, what: string])[] = [
    ...failed.map(([status, count]) => [count, `answers of status ${status}`] as const),
    [result.unavailable, 'answers that no decision can be made now'],
    [result.wrong.count, 'wrong answers'],
    [result.timeouts, 'timeouts'],
    [result.connectionErrors, 'connection errors'],
    [result.dropped, 'requests dropped'],
  ]
  const met = counts.filter(([count]) => count > 0)
  return met.length === 0 ? undefined : met.map(([count, what]) => `${count} ${what}`).join(', ')
}

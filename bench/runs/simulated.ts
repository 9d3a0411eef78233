import type { LoadOrder } from '../load/order.ts'
import type { Latency, LoadResult } from '../load/result.ts'
import { randomFrom } from '../random.ts'
import type { Drive } from './asking.ts'

export type Simulated = {
  /** Answers a second of the one who serves; the time of each is drawn from the exponential distribution. */
  readonly perSecond: number
  /** Callers wait for at most so many at once; more are dropped. */
  readonly mostWaiting?: number
  readonly cpuUsPerRequest?: number
  /** Above this rate the generator can not keep up, and says so. */
  readonly generatorPerSecond?: number
  readonly wrong?: (order: LoadOrder) => number
}

/** A queue with one server (M/M/1) instead of a service, for tests: what the p99 of any rate is can be worked out. */
export function simulated(service: Simulated, seed = 1): Drive {
  const random = randomFrom(seed)
  const exponential = (perSecond: number) =>
    (-Math.log(1 - random.below(2 ** 30) / 2 ** 30) / perSecond) * 1e6
  return (order, { signal }) => {
    const rate =
      order.loop.kind === 'closed' ? service.perSecond : order.loop.stages[0]!.fromPerSecond
    const timeoutUs = order.timeoutMs * 1_000
    const times: number[] = []
    const waiting: number[] = []
    let [now, freeAt, gone, dropped, timeouts] = [0, 0, 0, 0, 0]
    const planned = Math.min(Math.round(rate * order.seconds), order.mostRequests)
    for (let at = 0; at < planned; at++) {
      now += order.loop.kind === 'closed' ? 1e6 / rate : exponential(rate)
      while (waiting[gone]! <= now) gone++
      if (waiting.length - gone >= (service.mostWaiting ?? 1_000)) {
        dropped++
        continue
      }
      freeAt = Math.max(freeAt, now) + exponential(service.perSecond)
      waiting.push(freeAt)
      times.push(Math.min(freeAt - now, timeoutUs))
      if (freeAt - now > timeoutUs) timeouts++
    }
    return Promise.resolve(
      resultOf(order, {
        planned,
        latency: latencyOf(times),
        dropped,
        timeouts,
        wrong: service.wrong?.(order) ?? 0,
        cpuUsPerRequest: service.cpuUsPerRequest ?? 100,
        ...(rate > (service.generatorPerSecond ?? Infinity) && {
          limitedBy: 'the generator was too slow',
        }),
        interrupted: signal.aborted,
      }),
    )
  }
}

type Known = {
  readonly planned: number
  readonly latency: Latency
  readonly dropped: number
  readonly timeouts: number
  readonly wrong: number
  readonly cpuUsPerRequest: number
  readonly limitedBy?: string
  readonly interrupted: boolean
}

function resultOf(order: LoadOrder, known: Known): LoadResult {
  const { latency, planned, dropped, timeouts, interrupted } = known
  const answered = latency.count - timeouts
  return {
    workload: order.workload.name,
    seed: order.workload.seed,
    loop: order.loop,
    url: order.target.url,
    seconds: order.seconds,
    warmUpSeconds: order.warmUpSeconds,
    planned,
    sent: latency.count,
    answered,
    timeouts,
    decisions: answered,
    perSecond: answered / order.seconds,
    timeoutMs: order.timeoutMs,
    fromMs: 0,
    connectionErrors: 0,
    failures: {},
    unavailable: 0,
    dropped,
    statuses: { 200: answered },
    latency,
    rawLatency: latency,
    byClass: { allow: latency },
    wrong: { count: known.wrong, examples: [] },
    series: [],
    generator: {
      cpuUsPerRequest: 50,
      busy: 0.5,
      eventLoopDelayP99Us: 100,
      late: 0,
      ...(known.limitedBy !== undefined && { limitedBy: known.limitedBy }),
    },
    service: { cpuUsPerRequest: known.cpuUsPerRequest, cpus: 0.5, rssBytes: 100e6 },
    ...(interrupted && { interrupted: true }),
  }
}

export function latencyOf(times: readonly number[]): Latency {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    count: times.length,
    minUs: at(0),
    meanUs: times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length),
    maxUs: at(1),
    p50Us: at(0.5),
    p90Us: at(0.9),
    p99Us: at(0.99),
    p999Us: at(0.999),
    p9999Us: at(0.9999),
    buckets: [],
  }
}

export const anyWorkload = {
  name: 'any',
  description: 'for tests',
  seed: 1,
  ruleSet: { id: 'pack', revision: 'pack-1' },
  questions: [],
  order: [],
} as const

/** Nobody watches, and nothing ends early. */
export const unwatched = (signal: AbortSignal = new AbortController().signal) => ({
  signal,
  progress: () => undefined,
})

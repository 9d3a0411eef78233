import type { LoadResult, Second } from '../load/result.ts'
import type { Part, Verdict } from '../report/document.ts'
import { median } from '../statistics.ts'
import { rounded } from '../table.ts'
import { order, steady, type Asking, type Watch } from './asking.ts'

export type OverloadPlan = {
  /** What the service can take, in requests a second; looked for where it is left out. */
  readonly perSecond?: number
  /** How many times that it is asked, and for how long. */
  readonly times: number
  readonly seconds: number
  readonly recoverySeconds: number
}

/** What came of asking for more than can be had. */
export type Overloaded = {
  readonly capacity: number
  /** At half of the capacity, before. */
  readonly usual: LoadResult
  /** While it was asked for too much; in its series also the time after, at half of the capacity. */
  readonly over: LoadResult
  readonly admittedPerSecond: number
  /** Of all that were answered, the share that was told that no decision can be made now. */
  readonly shed: number
  /** From the fall of the load to the first second in which all were answered as soon as usual; missing where none came. */
  readonly recoveredAfter?: number
}

/** The longest that admitted callers may wait, of 99 in 100. */
const mostAdmittedUs = 50_000
/** Latency is back where at most so many times the usual is waited; less than the least is always usual. */
const [usualTimes, leastUsualUs] = [2, 3_000]
/** Callers wait for a connection beyond it, so that the generator outlives what it does to the service. */
const mostConnections = 512
const timeoutMs = 2_000

/** What the service answers a second at most, asked over the generator's own connections. */
export async function saturatedPerSecond(
  asking: Asking,
  seconds: number,
  watch: Watch,
): Promise<number> {
  const result = await asking.drive(
    {
      ...order(asking, { kind: 'closed', connections: 64 }, seconds, 1e9, { warmUpSeconds: 1 }),
      light: true,
    },
    watch,
  )
  return result.perSecond
}

/** Asks at half of the capacity, then at several times it, then at half again. Ends early with what there is. */
export async function overload(
  asking: Asking,
  { times, seconds, recoverySeconds, ...plan }: OverloadPlan,
  watch: Watch,
): Promise<Overloaded> {
  watch.progress('how much it can take')
  const capacity = plan.perSecond ?? (await saturatedPerSecond(asking, 4, watch))
  const ask = (stages: ReturnType<typeof steady>, tailSeconds: number) => {
    const all = stages.reduce((sum, stage) => sum + stage.seconds, 0)
    return asking.drive(
      {
        ...order(asking, { kind: 'open', arrivals: 'poisson', stages }, all, 1e9, {
          warmUpSeconds: 0.5,
          timeoutMs,
        }),
        mostConnections,
        tailSeconds,
      },
      watch,
    )
  }
  watch.progress('half of it')
  const usual = await ask(steady(capacity / 2, 5), 0)
  watch.progress(`${times} times as much`)
  const over = await ask(
    [...steady(capacity * times, seconds), ...steady(capacity / 2, recoverySeconds)],
    recoverySeconds,
  )
  const recoveredAfter = recovery(over.series, seconds, usualP99(usual))
  return {
    capacity,
    usual,
    over,
    admittedPerSecond: over.answered / Math.min(seconds, over.seconds),
    shed: over.unavailable / Math.max(1, over.unavailable + over.answered),
    ...(recoveredAfter !== undefined && { recoveredAfter }),
  }
}

const usualP99 = ({ series }: LoadResult): number => median(series.map(({ p99Us }) => p99Us))

/** Whole seconds from the fall of the load to the first in which nothing failed and p99 was as usual. */
export function recovery(
  series: readonly Second[],
  fellAt: number,
  usualUs: number,
): number | undefined {
  const most = Math.max(leastUsualUs, usualTimes * usualUs)
  const first = series.find(
    ({ second, answered, failed, p99Us }) =>
      second >= fellAt && answered > 0 && failed === 0 && p99Us <= most,
  )
  return first && first.second - Math.ceil(fellAt)
}

/** As parts of a document, with what has to hold. */
export function overloadFound(found: Overloaded, times: number) {
  const { usual, over, admittedPerSecond, shed, capacity, recoveredAfter } = found
  const parts: readonly Part[] = [
    { kind: 'load', title: 'At half of what it can take', result: usual },
    { kind: 'load', title: `At ${times} times what it can take`, result: over },
  ]
  const verdicts: readonly Verdict[] = [
    {
      what: 'p99 of those admitted, from sending',
      measured: ms(over.rawLatency.p99Us),
      wanted: `at most ${ms(mostAdmittedUs)}`,
      met: over.answered > 0 && over.rawLatency.p99Us <= mostAdmittedUs,
    },
    {
      what: 'recovers once it is asked for half',
      measured: recoveredAfter === undefined ? 'not seen' : `after ${rounded(recoveredAfter)} s`,
      wanted: 'seen',
      met: recoveredAfter !== undefined,
    },
  ]
  const turnedAway = over.shedLatency
  const headline = [
    `${times} times ${rounded(capacity)} a second: ${rounded(admittedPerSecond)} a second admitted, p50 ${ms(over.rawLatency.p50Us)}, p99 ${ms(over.rawLatency.p99Us)}, p99.9 ${ms(over.rawLatency.p999Us)}`,
    `${rounded(shed * 100)}% turned away${turnedAway ? `, p99 ${ms(turnedAway.p99Us)}` : ''}`,
    recoveredAfter === undefined
      ? 'no recovery seen'
      : `recovered after ${rounded(recoveredAfter)} s`,
    ...(over.generator.limitedBy === undefined
      ? []
      : [`the generator could not ask as often as planned (${over.generator.limitedBy})`]),
  ].join('; ')
  return { parts, verdicts, headline }
}

const ms = (us: number): string => `${rounded(us / 1_000)} ms`

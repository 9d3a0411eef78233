import type { LoadOrder, Target } from '../load/order.ts'
import type { LoadResult, Stage } from '../load/result.ts'
import type { Workload } from '../load/workload.ts'

/** How runs are ended early, and say how far they are. */
export type Watch = {
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/** One run of the load generator. An end by the signal gives what was measured so far, marked `interrupted`. */
export type Drive = (order: LoadOrder, watch: Watch) => Promise<LoadResult>

/** Who is asked what, and by what. */
export type Asking = {
  readonly drive: Drive
  readonly target: Target
  readonly workload: Workload
  /** The core of the generator, where processes are to be pinned. */
  readonly generatorCore?: number
}

export type Times = {
  readonly warmUpSeconds?: number
  /** By default 2 seconds. */
  readonly timeoutMs?: number
}

/** More than this no run sends in a second: what keeps every run bounded, far above what one generator can do. */
const mostPerSecond = 200_000
const mostConnections = 256

export const askClosed = (
  asking: Asking,
  connections: number,
  seconds: number,
  watch: Watch,
  times: Times = {},
): Promise<LoadResult> =>
  asking.drive(
    order(
      asking,
      { kind: 'closed', connections },
      seconds,
      (seconds + (times.warmUpSeconds ?? 0)) * mostPerSecond,
      times,
    ),
    watch,
  )

export function askOpen(
  asking: Asking,
  stages: readonly Stage[],
  watch: Watch,
  times: Times = {},
): Promise<LoadResult> {
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0)
  // the warm-up is sent too, at the mean rate of the first stage
  const planned = stages.reduce(
    (sum, stage) => sum + (stage.seconds * (stage.fromPerSecond + stage.toPerSecond)) / 2,
    ((times.warmUpSeconds ?? 0) * (stages[0]!.fromPerSecond + stages[0]!.toPerSecond)) / 2,
  )
  // Poisson arrivals are some more or less than the mean
  const most = Math.ceil(planned + 10 * Math.sqrt(planned) + 100)
  return asking.drive(
    order(asking, { kind: 'open', arrivals: 'poisson', stages }, seconds, most, times),
    watch,
  )
}

export const steady = (perSecond: number, seconds: number): readonly Stage[] => [
  { seconds, fromPerSecond: perSecond, toPerSecond: perSecond },
]

export const order = (
  { target, workload, generatorCore }: Asking,
  loop: LoadOrder['loop'],
  seconds: number,
  mostRequests: number,
  { warmUpSeconds = 0, timeoutMs = 2_000 }: Times,
): LoadOrder => ({
  target,
  workload,
  loop,
  seconds,
  warmUpSeconds,
  timeoutMs,
  mostConnections,
  mostRequests,
  ...(generatorCore !== undefined && { core: generatorCore }),
})

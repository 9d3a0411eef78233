import type { AnswerClass } from './workload.ts'

/** Times of many requests, in microseconds. */
export type Latency = {
  readonly count: number
  readonly minUs: number
  readonly meanUs: number
  readonly maxUs: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly p9999Us: number
  /** How often each value was met: its upper bound, at most 1% above it, and the count; going up, empty ones left out. */
  readonly buckets: readonly (readonly [us: number, count: number])[]
}

/** How requests are sent. */
export type Loop =
  /** Each connection sends the next request when the last is answered: what a service can do at most. */
  | { readonly kind: 'closed'; readonly connections: number }
  /** Requests are sent when the plan says, whatever the service does: what its callers would wait. */
  | {
      readonly kind: 'open'
      readonly arrivals: 'constant' | 'poisson'
      /** One after the other; the rate changes evenly from the first to the last second of each. */
      readonly stages: readonly Stage[]
    }
export type Stage = {
  readonly seconds: number
  readonly fromPerSecond: number
  readonly toPerSecond: number
}

/** What one run of the load generator measured, warm-up left out. */
export type LoadResult = {
  readonly workload: string
  readonly seed: number
  readonly loop: Loop
  readonly url: string
  /** When what is measured began, in milliseconds since 1970. */
  readonly fromMs: number
  /** How long was measured, and how long before it the service was warmed up. */
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Requests that the plan holds (open loop), and that were sent, answered, and gave up at the timeout. */
  readonly planned: number
  readonly sent: number
  readonly answered: number
  readonly timeouts: number
  /** Sign-ins decided; more than requests where batches are asked. */
  readonly decisions: number
  /**
   * Of answers, right or wrong. Open loop: of those that came while it was measured, whenever they were asked for; what came
   * after the plan was over would make a service look as fast as its callers.
   */
  readonly perSecond: number
  readonly timeoutMs: number
  /** Connections that failed or were closed under a request. */
  readonly connectionErrors: number
  /** What happened to them, such as ECONNRESET, and how often. */
  readonly failures: Readonly<Record<string, number>>
  /** Planned requests that were never sent, since no connection was free and too many waited already, or for too long. */
  readonly dropped: number
  /** Answers that only say that no decision can be made now (429, 502, 503, 504): not among `answered`, and without a latency. */
  readonly unavailable: number
  /** By HTTP status. */
  readonly statuses: Readonly<Record<string, number>>
  /**
   * Open loop: from the time at which the plan wanted a request sent. Closed loop: from sending. A request that timed out
   * counts with the timeout after it was sent, and one that was dropped with the timeout, so that failing never looks fast.
   */
  readonly latency: Latency
  /** From the time at which a request was really sent: what a tool says that lets a slow service slow it down. */
  readonly rawLatency: Latency
  readonly byClass: Partial<Readonly<Record<AnswerClass, Latency>>>
  /** From sending, of answers that only say that no decision can be made now; missing where there were none. */
  readonly shedLatency?: Latency
  /** When connections failed under requests, in milliseconds from the start of what is measured; the first thousand. */
  readonly losses?: readonly number[]
  readonly wrong: {
    readonly count: number
    /** Of them those that allow what is not to be allowed; missing where there were none. */
    readonly allows?: number
    readonly examples: readonly Wrong[]
  }
  /** By the second of the plan in which requests were due. */
  readonly series: readonly Second[]
  readonly generator: GeneratorFigures
  /** Missing where the service tells nothing of itself and its process is not ours. */
  readonly service?: ServiceFigures
  /** Ended before its time, by Ctrl-C or by a limit on requests. */
  readonly interrupted?: true
}

/** An answer that was not the right one. */
export type Wrong = {
  readonly question: string
  readonly signIn: string
  readonly expected: string
  readonly actual: string
}

export type Second = {
  readonly second: number
  readonly planned: number
  readonly answered: number
  readonly failed: number
  readonly p50Us: number
  readonly p99Us: number
  readonly maxUs: number
}

/** The generator watches itself: a late or busy one measures itself and not the service. */
export type GeneratorFigures = {
  readonly cpuUsPerRequest: number
  /** Share of the time in which it did something other than wait for the next thing to do. */
  readonly busy: number
  readonly eventLoopDelayP99Us: number
  /** How late requests were sent against the plan; of the open loop only. */
  readonly lateness?: Latency
  /** Sent more than a millisecond late although a connection was free. */
  readonly late: number
  /** Why it was the generator that was measured, and the figures say nothing about the service's limit. */
  readonly limitedBy?: string
}

/** What the service's own process used meanwhile, as it says itself (`/metrics`), or as Linux says of it. */
export type ServiceFigures = {
  readonly cpuUsPerRequest: number
  /** CPUs busy on average: 1 is one core. */
  readonly cpus: number
  readonly rssBytes: number
  readonly gcPauseMs?: { readonly total: number; readonly count: number }
  readonly eventLoopDelayP99Ms?: number
}

import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { outcomes, type Outcome } from '../engine/index.ts'

/** One sign-in, or many at once. */
export type Asking = (typeof askings)[number]
const askings = ['single', 'batch'] as const

/** What the service tells of itself. */
export type Metrics = {
  /** Counts a decision. */
  readonly decided: (outcome: Outcome) => void
  /** Counts a request that was turned away because there is too much to do. */
  readonly shed: (kind: Asking) => void
  readonly contentType: string
  /** All of it in the text format of Prometheus. */
  readonly text: () => Promise<string>
  /** Ends the watching. */
  readonly close: () => void
}

type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } }

const resolutionMs = 10
const gcKinds = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/**
 * Named as prom-client names its default metrics, so that dashboards fit. Those can't be ended, and count one pause of each
 * group of pauses, so these are our own. CPU time and memory are of the whole process; pauses and delays are of the thread
 * that talks HTTP.
 */
export function watchService(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const decisions = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<
    Outcome,
    number
  > // plain numbers, since that is all the path of a request can afford

  const shed: Record<Asking, number> = { single: 0, batch: 0 }

  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })

  registry.registerMetric(
    new Counter({
      name: 'portcullis_decisions_total',
      help: 'Sign-ins decided, by outcome.',
      labelNames: ['outcome'],
      registers: [],
      collect() {
        this.reset()
        for (const outcome of outcomes) this.inc({ outcome }, decisions[outcome])
      },
    }),
  )
  registry.registerMetric(
    new Counter({
      name: 'portcullis_shed_total',
      help: 'Requests turned away with 503 because there was too much to do, by kind.',
      labelNames: ['kind'],
      registers: [],
      collect() {
        this.reset()
        for (const kind of askings) this.inc({ kind }, shed[kind])
      },
    }),
  )
  const seconds = (part: 'user' | 'system') => process.cpuUsage()[part] / 1_000_000
  counter('process_cpu_user_seconds_total', 'CPU time in user mode.', () => seconds('user'))
  counter('process_cpu_system_seconds_total', 'CPU time in the kernel.', () => seconds('system'))
  counter('process_cpu_seconds_total', 'CPU time.', () => seconds('user') + seconds('system'))
  const startedAt = Math.round(Date.now() / 1_000 - process.uptime())
  gauge('process_start_time_seconds', 'Start of the process, since 1970.', () => startedAt)
  const memory = process.memoryUsage
  gauge('process_resident_memory_bytes', 'Resident memory.', () => memory.rss())
  gauge('nodejs_heap_size_total_bytes', 'Heap of the HTTP thread.', () => memory().heapTotal)
  gauge('nodejs_heap_size_used_bytes', 'Used of that heap.', () => memory().heapUsed)
  gauge('nodejs_external_memory_bytes', 'Memory beside the heap.', () => memory().external)

  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const late = (nanoseconds: number) =>
    delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)
  const since = 'of the event loop since these metrics were last read.'
  gauge('nodejs_eventloop_lag_p50_seconds', `Median delay ${since}`, () =>
    late(delay.percentile(50)),
  )
  gauge('nodejs_eventloop_lag_p99_seconds', `99th percentile of the delay ${since}`, () =>
    late(delay.percentile(99)),
  )
  gauge('nodejs_eventloop_lag_max_seconds', `Longest delay ${since}`, () => late(delay.max))

  const pauses = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Pauses for garbage collection, by kind.',
    labelNames: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
    registers,
  })
  for (const kind of gcKinds.values()) pauses.zero({ kind }) // so that none is said, rather than nothing
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as GcEntry[])
      pauses.observe({ kind: gcKinds.get(detail.kind) ?? 'other' }, duration / 1_000)
  })
  observer.observe({ entryTypes: ['gc'] })

  return {
    shed: (kind) => void shed[kind]++,
    decided: (outcome) => void decisions[outcome]++,
    contentType: registry.contentType,
    async text() {
      const all = await registry.metrics()
      delay.reset()
      return all
    },
    close() {
      delay.disable()
      observer.disconnect()
    },
  }
}

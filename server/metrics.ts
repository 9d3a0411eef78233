import { reasons, type Reason } from './access/refusals.ts'
import { askings, type Asking } from './asking.ts'
import { outcomes, type AtOnce } from '../engine/index.ts'
import {
  gcBounds,
  gcKinds,
  newCounters,
  place,
  problemNames,
  read,
  sum,
  type Column,
  type Counters,
} from './counters.ts'
import { exposition, type Family, type Sample } from './exposition.ts'
import { watchProblems } from './problems.ts'
import { watchThread } from './watch-thread.ts'

export type { Asking }

/** What the service tells of itself. */
export type Metrics = {
  /** Counts a decision; answering it took so many milliseconds. */
  readonly decided: (answer: AtOnce, durationMs: number) => void
  /** Counts an explanation. */
  readonly explained: () => void
  /** Counts a request that was turned away because there is too much to do. */
  readonly shed: (kind: Asking) => void
  /** Counts a request that may not have what it wants. */
  readonly noAccess: (reason: Reason) => void
  readonly contentType: string
  /** All of it, of all listeners, in the text format of Prometheus. */
  readonly text: () => Promise<string>
  /** Ends the watching. */
  readonly close: () => void
}

/** What one column says of the service. */
const one =
  (column: Column, divisor = 1) =>
  (counters: Counters): readonly Sample[] => [[sum(counters, column) / divisor]]
/** A sample for each member of what a label tells apart. */
const by =
  <M extends string>(label: string, members: readonly M[], column: (member: M) => Column) =>
  (counters: Counters): readonly Sample[] =>
    members.map((member) => [sum(counters, column(member)), { [label]: member }])
const byListener =
  (column: Column) =>
  ({ rows }: Counters): readonly Sample[] =>
    rows.map((row, listener) => [read(row, column), { listener }])
const cpu =
  (...parts: readonly ('user' | 'system')[]) =>
  (): readonly Sample[] => {
    const used = process.cpuUsage()
    return [[parts.reduce((total, part) => total + used[part], 0) / 1_000_000]]
  }
const startedAt = Math.round(Date.now() / 1_000 - process.uptime())
const recently = 'of the event loop of each listener, in the last 5 to 10 seconds.'

const families: Readonly<Record<string, Family>> = {
  portcullis_decisions_total: {
    type: 'counter',
    help: 'Sign-ins decided, by outcome.',
    samples: by('outcome', outcomes, (outcome) => `decided ${outcome}`),
  },
  portcullis_explanations_total: {
    type: 'counter',
    help: 'Explanations given. They are no decisions, and not counted among them.',
    samples: one('explained'),
  },
  portcullis_shed_total: {
    type: 'counter',
    help: 'Requests turned away with 503 because there was too much to do, by kind.',
    samples: by('kind', askings, (kind) => `shed ${kind}`),
  },
  portcullis_problems_total: {
    type: 'counter',
    help: 'Problems answered with, to requests, members of batches and lines of streams, by type.',
    samples: by('type', problemNames, (name) => `refused ${name}`),
  },
  portcullis_access_refused_total: {
    type: 'counter',
    help: 'Requests refused because of who asked, or how often, by reason.',
    samples: by('reason', reasons, (reason) => `no access ${reason}`),
  },
  portcullis_listeners_up: {
    type: 'gauge',
    help: 'Threads that talk HTTP.',
    samples: one('listeners up'),
  },
  portcullis_listener_restarts_total: {
    type: 'counter',
    help: 'Times that a listener was started again because its thread was lost.',
    samples: one('listener restarts'),
  },
  portcullis_connections_total: {
    type: 'counter',
    help: 'Connections accepted, by listener.',
    samples: byListener('connections'),
  },
  portcullis_connections_open: {
    type: 'gauge',
    help: 'Connections open now, by listener.',
    samples: byListener('open connections'),
  },
  portcullis_pool_threads: {
    type: 'gauge',
    help: 'Worker threads that decide.',
    samples: one('pool threads'),
  },
  portcullis_pool_waiting: {
    type: 'gauge',
    help: 'Sign-ins that the pool has not answered yet.',
    samples: one('pool waiting'),
  },
  portcullis_pool_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the question that has waited longest for its first turn.',
    samples: one('pool oldest ms', 1_000),
  },
  portcullis_pool_lost_total: {
    type: 'counter',
    help: 'Worker threads that were lost.',
    samples: one('pool lost'),
  },
  portcullis_pool_retried_total: {
    type: 'counter',
    help: 'Questions asked again because a worker thread was lost.',
    samples: one('pool retried'),
  },
  process_cpu_user_seconds_total: {
    type: 'counter',
    help: 'CPU time in user mode.',
    samples: cpu('user'),
  },
  process_cpu_system_seconds_total: {
    type: 'counter',
    help: 'CPU time in the kernel.',
    samples: cpu('system'),
  },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time.', samples: cpu('user', 'system') },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'Start of the process, since 1970.',
    samples: () => [[startedAt]],
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory.',
    samples: () => [[process.memoryUsage.rss()]],
  },
  nodejs_heap_size_total_bytes: {
    type: 'gauge',
    help: 'Heaps of the listeners.',
    samples: one('heap total'),
  },
  nodejs_heap_size_used_bytes: {
    type: 'gauge',
    help: 'Used of those heaps.',
    samples: one('heap used'),
  },
  nodejs_external_memory_bytes: {
    type: 'gauge',
    help: 'Memory beside those heaps.',
    samples: one('heap external'),
  },
  nodejs_eventloop_lag_p50_seconds: {
    type: 'gauge',
    help: `Median delay ${recently}`,
    samples: byListener('delay p50'),
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    help: `99th percentile of the delay ${recently}`,
    samples: byListener('delay p99'),
  },
  nodejs_eventloop_lag_max_seconds: {
    type: 'gauge',
    help: `Longest delay ${recently}`,
    samples: byListener('delay max'),
  },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Pauses of the listeners for garbage collection, by kind.',
    samples: (counters) =>
      gcKinds.flatMap((kind): Sample[] => {
        const count = sum(counters, `gc ${kind} count`)
        return [
          ...gcBounds.map((le): Sample => [
            sum(counters, `gc ${kind} ${le}`),
            { le, kind },
            '_bucket',
          ]),
          [count, { le: '+Inf', kind }, '_bucket'],
          [sum(counters, `gc ${kind} seconds`), { kind }, '_sum'],
          [count, { kind }, '_count'],
        ]
      }),
  },
}

/**
 * Watches the calling thread as a listener of the service. Named as prom-client names its default metrics, so that dashboards fit.
 * CPU time and resident memory are of the whole process. `refresh` brings up to date what is not counted as it happens.
 */
export function watchService(
  counters: Counters = newCounters(1),
  listener = 0,
  refresh = () => undefined as void,
): Metrics {
  const row = counters.rows[listener]!
  const watching = watchThread(row)
  const text = exposition(families, counters)
  const placesOf = <M extends string>(members: readonly M[], column: (member: M) => Column) =>
    Object.fromEntries(members.map((member) => [member, place(column(member))])) as Record<
      M,
      number
    >
  const decided = placesOf(outcomes, (outcome) => `decided ${outcome}`)
  const shed = placesOf(askings, (kind) => `shed ${kind}`)
  const refused = placesOf(problemNames, (name) => `refused ${name}`)
  const noAccess = placesOf(reasons, (reason) => `no access ${reason}`)
  const unwatch = watchProblems((name) => row[refused[name]]!++)
  return {
    decided: ({ outcome }) => void row[decided[outcome]]!++,
    explained: () => void row[place('explained')]!++,
    shed: (kind) => void row[shed[kind]]!++,
    noAccess: (reason) => void row[noAccess[reason]]!++,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text() {
      watching.refresh()
      refresh()
      return text()
    },
    close() {
      watching.close()
      unwatch()
    },
  }
}

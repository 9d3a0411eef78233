import packageJson from '../package.json' with { type: 'json' }
import { outcomes, type Pack, type RuleSet } from '../engine/index.ts'
import { reasons } from './access/refusals.ts'
import { askings } from './asking.ts'
import {
  batchBounds,
  batchForms,
  decisionBounds,
  gcBounds,
  gcKinds,
  mostNamed,
  problemNames,
  read,
  sum,
  type Column,
  type Counters,
} from './counters.ts'
import type { Family, Sample } from './exposition.ts'
import { sumOfNamed } from './named-counts.ts'

/** What families are told from. */
export type Source = {
  readonly counters: Counters
  readonly isReady: () => boolean
  /** The pack that decides now. */
  readonly live?: (() => Pack) | undefined
}

type Counted = Omit<Family, 'samples'> & {
  readonly samples: (source: Source) => readonly Sample[]
}

/** What one column says of the service. */
const one =
  (column: Column, divisor = 1) =>
  ({ counters }: Source): readonly Sample[] => [[sum(counters, column) / divisor]]
/** A sample for each member of what a label tells apart. */
const by =
  <M extends string>(label: string, members: readonly M[], column: (member: M) => Column) =>
  ({ counters }: Source): readonly Sample[] =>
    members.map((member) => [sum(counters, column(member)), { [label]: member }])
const byListener =
  (column: Column) =>
  ({ counters: { rows } }: Source): readonly Sample[] =>
    rows.map((row, listener) => [read(row, column), { listener }])
const cpu =
  (...parts: readonly ('user' | 'system')[]) =>
  (): readonly Sample[] => {
    const used = process.cpuUsage()
    return [[parts.reduce((total, part) => total + used[part], 0) / 1_000_000]]
  }
/** A histogram of values that counted in one bucket each, by what a label tells apart. */
const spread =
  <M extends string, B extends number>(
    label: string,
    members: readonly M[],
    bounds: readonly B[],
    column: (member: M, part: B | 'more' | 'sum') => Column,
  ) =>
  ({ counters }: Source): readonly Sample[] =>
    members.flatMap((member) => {
      let count = 0
      const buckets = [...bounds, 'more' as const].map((part): Sample => {
        count += sum(counters, column(member, part))
        return [count, { le: part === 'more' ? '+Inf' : part, [label]: member }, '_bucket']
      })
      const of = { [label]: member }
      return [...buckets, [sum(counters, column(member, 'sum')), of, '_sum'], [count, of, '_count']]
    })
/** A rule that has not decided yet is shown with 0, so that its first time is seen as a change; of so many rules that there is no end, none. */
const namesOfRules = (ruleSet: RuleSet | undefined): readonly string[] =>
  ruleSet === undefined || ruleSet.rules.length > mostNamed.rules
    ? []
    : ruleSet.rules.map(({ name, event }) => `${event.type}/${name}`)
const startedAt = Math.round(Date.now() / 1_000 - process.uptime())
const recently = 'of the event loop of each listener, in the last 5 to 10 seconds.'

/** What every service tells of itself, by the names and in the units of the field. */
export const families: Readonly<Record<string, Counted>> = {
  portcullis_decisions_total: {
    type: 'counter',
    help: 'Sign-ins decided, by outcome.',
    samples: by('outcome', outcomes, (outcome) => `decided ${outcome}`),
  },
  portcullis_rule_decisions_total: {
    type: 'counter',
    help: 'Sign-ins decided, by rule that the decision names: as a reason to block or challenge, or as advice.',
    samples: ({ counters, live }) => {
      const counts = new Map(namesOfRules(live?.().ruleSet).map((name) => [name, 0]))
      for (const [name, count] of sumOfNamed(counters.named.rules)) counts.set(name, count)
      return Array.from(counts, ([name, count]): Sample => {
        const [effect, rule] = name.split('/') as [string, string]
        return [count, { rule, effect }]
      })
    },
  },
  portcullis_assumed_facts_total: {
    type: 'counter',
    help: 'Sign-ins decided without a fact, for which a value was assumed, by fact.',
    samples: ({ counters }) =>
      Array.from(sumOfNamed(counters.named.facts), ([fact, count]): Sample => [count, { fact }]),
  },
  portcullis_decision_duration_seconds: {
    type: 'histogram',
    help: 'Time from having a sign-in to having its decision; of a member of a batch, its part of the time of all.',
    samples: spread('kind', askings, decisionBounds, (kind, part) => `took ${kind} ${part}`),
  },
  portcullis_batch_sign_ins: {
    type: 'histogram',
    help: 'Sign-ins that a batch has, by how it is sent.',
    samples: spread('form', batchForms, batchBounds, (form, part) => `batch ${form} ${part}`),
  },
  portcullis_build_info: {
    type: 'gauge',
    help: 'What runs: 1, with its version and that of Node.js.',
    samples: () => [[1, { version: packageJson.version, node: process.versions.node }]],
  },
  portcullis_ready: {
    type: 'gauge',
    help: '1 while sign-ins may be sent, as /readyz says, else 0.',
    samples: ({ isReady }) => [[isReady() ? 1 : 0]],
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
    samples: ({ counters }) =>
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

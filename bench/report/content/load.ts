import type { Latency, LoadResult, Loop } from '../../load/result.ts'
import { answerClasses } from '../../load/workload.ts'
import type { Content, Table } from './content.ts'
import { count, duration, megabytes, ms, number, percent, plural } from '../units.ts'

export function loadContent(result: LoadResult): Content {
  const { latency, wrong, generator } = result
  const failed = failures(result)
  const some = (us: number) => (latency.count > 0 ? us : undefined)
  return {
    alerts: [
      ...(generator.limitedBy === undefined
        ? []
        : [`The load generator was the limit: ${generator.limitedBy}.`]),
      ...(result.interrupted
        ? ['Ended before its time: the figures are of a part of the run.']
        : []),
      ...(result.answered === 0 ? ['Nothing was answered.'] : []),
    ],
    wrong: wrong.examples,
    wrongCount: wrong.count,
    keys: [
      { name: 'answers', value: number(result.perSecond), unit: 'per second' },
      { name: 'p50', value: ms(some(latency.p50Us)), unit: 'ms' },
      { name: 'p99', value: ms(some(latency.p99Us)), unit: 'ms' },
      { name: 'p99.9', value: ms(some(latency.p999Us)), unit: 'ms' },
      { name: 'wrong', value: count(wrong.count), unit: 'answers', bad: wrong.count > 0 },
      { name: 'failed', value: count(failed), unit: 'requests', bad: failed > 0 },
    ],
    facts: factsOf(result),
    tables: [latencies(result)],
    notes: [
      ...(result.loop.kind === 'open'
        ? [
            'From the plan: from the time at which a request was due, which is what callers wait. From sending: what a tool shows that lets a slow service slow it down.',
          ]
        : [
            'Closed loop: each connection waits for its answer before it asks again, so this shows what the service can do at most, and not what callers would wait at a given rate.',
          ]),
      ...(result.timeouts > 0
        ? [
            `Timeouts count as ${duration(result.timeoutMs * 1_000)}, the time after which they were given up.`,
          ]
        : []),
    ],
  }
}

/** Requests that got no answer. */
export const failures = ({
  timeouts,
  connectionErrors,
  unavailable,
  dropped,
}: LoadResult): number => timeouts + connectionErrors + unavailable + dropped

/** Latencies of a run with the names they are shown by; from the plan and from sending where they are not the same. */
export const latenciesOf = (
  result: LoadResult,
): readonly { readonly name: string; readonly latency: Latency }[] =>
  result.loop.kind === 'open'
    ? [
        { name: 'from the plan', latency: result.latency },
        { name: 'from sending', latency: result.rawLatency },
      ]
    : [{ name: 'from sending', latency: result.latency }]

export const classesOf = (
  result: LoadResult,
): readonly { readonly name: string; readonly latency: Latency }[] =>
  answerClasses.flatMap((name) => {
    const latency = result.byClass[name]
    return latency === undefined || latency.count === 0 ? [] : [{ name, latency }]
  })

/** How soon those were told whom no decision could be given. */
const shedOf = ({ shedLatency }: LoadResult) =>
  shedLatency === undefined ? [] : [{ name: 'turned away', latency: shedLatency }]

const latencies = (result: LoadResult): Table => ({
  caption: 'Latency',
  columns: [
    { name: '' },
    ...['p50', 'p90', 'p99', 'p99.9', 'p99.99', 'most'].map((name) => ({ name, unit: 'ms' })),
    { name: 'count' },
  ],
  rows: [...latenciesOf(result), ...classesOf(result), ...shedOf(result)].map(({ name, latency }) =>
    latency.count === 0
      ? [name, '–', '–', '–', '–', '–', '–', '0']
      : [
          name,
          ms(latency.p50Us),
          ms(latency.p90Us),
          ms(latency.p99Us),
          ms(latency.p999Us),
          ms(latency.p9999Us),
          ms(latency.maxUs),
          count(latency.count),
        ],
  ),
})

function factsOf(result: LoadResult): Content['facts'] {
  const { generator, service } = result
  const others = Object.entries(result.statuses).map(
    ([status, times]) => `${count(times)} × ${status}`,
  )
  return [
    ['load', `${loopText(result.loop)}, seed ${result.seed}`],
    ['workload', result.workload],
    [
      'measured',
      `${number(result.seconds)} s, after ${number(result.warmUpSeconds)} s of warm-up, at ${result.url}`,
    ],
    [
      'requests',
      [
        ...(result.loop.kind === 'open' ? [`${count(result.planned)} planned`] : []),
        `${count(result.sent)} sent`,
        `${count(result.answered)} answered`,
        `${plural(result.decisions, 'sign-in')} decided`,
      ].join(', '),
    ],
    [
      'failed',
      [
        `${plural(result.timeouts, 'timeout')} (after ${number(result.timeoutMs)} ms)`,
        `${plural(result.connectionErrors, 'connection error')}${causes(result.failures)}`,
        `${count(result.unavailable)} told that no decision can be made now`,
        `${count(result.dropped)} never sent`,
      ].join(', '),
    ],
    ['HTTP statuses', others.length === 0 ? 'none' : others.join(', ')],
    [
      'generator',
      [
        `${number(generator.cpuUsPerRequest)} µs CPU a request`,
        `${percent(generator.busy)} busy`,
        `event loop p99 ${duration(generator.eventLoopDelayP99Us)} late`,
        ...(generator.lateness && generator.lateness.count > 0
          ? [`requests p99 ${duration(generator.lateness.p99Us)} late`]
          : []),
        `${count(generator.late)} sent more than 1 ms late`,
      ].join(', '),
    ],
    [
      'service',
      service === undefined
        ? 'tells nothing of itself'
        : [
            `${number(service.cpuUsPerRequest)} µs CPU a request`,
            `${number(service.cpus)} CPUs busy`,
            `${megabytes(service.rssBytes)} MB resident`,
            ...(service.gcPauseMs
              ? [
                  `${plural(service.gcPauseMs.count, 'GC pause')}, ${number(service.gcPauseMs.total)} ms in all`,
                ]
              : []),
            ...(service.eventLoopDelayP99Ms === undefined
              ? []
              : [`event loop p99 ${number(service.eventLoopDelayP99Ms)} ms late`]),
          ].join(', '),
    ],
  ]
}

function loopText(loop: Loop): string {
  if (loop.kind === 'closed') return `closed loop, ${plural(loop.connections, 'connection')}`
  const stages = loop.stages.map(({ seconds, fromPerSecond, toPerSecond }) =>
    fromPerSecond === toPerSecond
      ? `${number(fromPerSecond)}/s for ${number(seconds)} s`
      : `${number(fromPerSecond)} to ${number(toPerSecond)}/s in ${number(seconds)} s`,
  )
  const arrivals = loop.arrivals === 'poisson' ? 'Poisson arrivals' : 'even arrivals'
  return `open loop, ${arrivals}, ${stages.join(', then ')}`
}

const causes = (failures: LoadResult['failures']): string => {
  const each = Object.entries(failures).map(([cause, times]) => `${count(times)} × ${cause}`)
  return each.length === 0 ? '' : ` (${each.join(', ')})`
}

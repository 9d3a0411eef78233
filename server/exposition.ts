import type { Histogram, Registry } from 'prom-client'
import type { Counters } from './counters.ts'

type Labels = Readonly<Record<string, string | number>>
/** A series: its value, what it is of, and what its name has added. */
export type Sample = readonly [value: number, labels?: Labels, suffix?: string]
export type Family = {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: (counters: Counters) => readonly Sample[]
}

/**
 * All families in the text format of Prometheus, which prom-client writes. It is loaded for the first who asks, since that takes
 * time and memory that a service which nobody asks can spare.
 */
export function exposition(
  families: Readonly<Record<string, Family>>,
  counters: Counters,
): () => Promise<string> {
  let registry: Promise<Registry> | undefined
  return async () => (await (registry ??= registryOf(families, counters))).metrics()
}

async function registryOf(
  families: Readonly<Record<string, Family>>,
  counters: Counters,
): Promise<Registry> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  for (const [name, { type, help, samples }] of Object.entries(families)) {
    const all = () => samples(counters)
    const labelNames = Object.keys(all()[0]?.[1] ?? {})
    const named = { name, help, labelNames, registers: [] }
    if (type === 'histogram') registry.registerMetric(counted(name, help, all))
    else registry.registerMetric(type === 'counter' ? counter() : gauge())

    function counter() {
      return new Counter({
        ...named,
        collect() {
          this.reset()
          for (const [value, labels = {}] of all()) this.inc(labels, value)
        },
      })
    }
    function gauge() {
      return new Gauge({
        ...named,
        collect() {
          for (const [value, labels = {}] of all()) this.set(labels, value)
        },
      })
    }
  }
  return registry
}

/** Its own histogram counts what it is given; ours has been counted, by all threads. A registry only asks for the values. */
const counted = (name: string, help: string, all: () => readonly Sample[]): Histogram =>
  ({
    name,
    get: () =>
      Promise.resolve({
        name,
        help,
        type: 'histogram',
        values: all().map(([value, labels, suffix = '']) => ({
          value,
          labels,
          metricName: `${name}${suffix}`,
        })),
      }),
  }) as unknown as Histogram

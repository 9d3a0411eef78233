/** What a label says, by its name. */
export type Labels = Readonly<Record<string, string | number>>
/** A series: its value, what it is of, and what its name has added. */
export type Sample = readonly [value: number, labels?: Labels, suffix?: string]
/** Series of one name, as they are now. Names and units are those of the field: `portcullis_*`, seconds, bytes, `_total`. */
export type Family = {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}
export type Families = Readonly<Record<string, Family>>

/**
 * Families in the text format of Prometheus, which prom-client writes. It is loaded for the first who asks, since that takes time and
 * memory that a service which nobody asks can spare. Its own metrics count what they are given; ours have been counted, by all threads,
 * and a registry only asks for the values.
 */
export async function exposition(families: Families): Promise<string> {
  const { Registry } = await import('prom-client')
  const registry = new Registry()
  for (const [name, { type, help, samples }] of Object.entries(families)) {
    const values = samples.map(([value, labels = {}, suffix = '']) => ({
      value,
      labels,
      metricName: `${name}${suffix}`,
    }))
    const metric = { name, get: () => Promise.resolve({ name, help, type, values }) }
    registry.registerMetric(metric as unknown as Parameters<typeof registry.registerMetric>[0])
  }
  return registry.metrics()
}

import packageJson from '../../../package.json' with { type: 'json' }
import type { Part } from '../../parts.ts'
import type { Settings } from '../../settings.ts'
import { fates, newCounts, sumOf } from './counts.ts'
import type { TracesSetup } from './observer.ts'

/** Traces of decisions, sent to a collector by OTLP over HTTP. */
export function tracesPart(
  endpoint: string,
  { traceRatio, listeners }: Pick<Settings, 'traceRatio' | 'listeners'>,
): Part {
  const traces: TracesSetup = {
    url: tracesUrl(endpoint),
    ratio: traceRatio,
    counts: newCounts(listeners),
    version: packageJson.version,
  }
  return {
    observers: { traces },
    families: () => ({
      portcullis_trace_spans_total: {
        type: 'counter',
        help: 'Spans of decisions, by what became of them: sent, not taken by the collector (failed), or not even tried (dropped).',
        samples: fates.map((result) => [sumOf(traces.counts, result), { result }] as const),
      },
    }),
  }
}

const path = 'v1/traces'

/** Where a collector takes traces: below the endpoint, as OpenTelemetry has it, unless that says so already. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint)
  if (!url.pathname.endsWith(`/${path}`))
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`
  return url.href
}

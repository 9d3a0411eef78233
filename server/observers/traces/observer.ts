import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Log } from '../../log.ts'
import type { Observer } from '../../telling.ts'
import { within } from '../../within.ts'
import { fates, rowOf, type Fate } from './counts.ts'
import { spanMaker, type Noted } from './spans.ts'
import { isSampled } from '../trace-context.ts'

export type TracesSetup = {
  readonly url: string
  /** Of the decisions whose callers say nothing about it, so many are traced. */
  readonly ratio: number
  readonly counts: SharedArrayBuffer
  readonly version: string
}

/** Sends spans; the exporter of OpenTelemetry, unless a test has another. */
export type Send = (spans: ReadableSpan[]) => Promise<void>

/** Decisions that wait for their span to be sent; further ones have none. */
const mostWaiting = 2_048
const mostAtOnce = 512
const sentEveryMs = 1_000
const sendTimeoutMs = 2_000
const closeWithinMs = 500

/** Notes decisions that are to be traced. Their spans are made and sent later, and nobody waits for it. */
export function traces(
  { url, ratio, counts, version }: TracesSetup,
  listener: number,
  log: Log,
  send: Send = sender(url),
): Observer {
  const row = rowOf(counts, listener)
  const count = (fate: Fate, spans: number) => void (row[fates.indexOf(fate)]! += spans)
  const make = spanMaker(version, listener)
  let waiting: Noted[] = []
  let sending: Promise<void> | undefined
  let failing = false
  const timer = setInterval(() => void flush(), sentEveryMs).unref()

  /** Sends what waits, one message after the other. */
  const flush = () => (sending ??= sendAll().finally(() => (sending = undefined)))

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostAtOnce)
      waiting = waiting.slice(mostAtOnce)
      try {
        await send(batch.map(make))
        count('sent', batch.length)
        if (failing) log('traces are taken again', { part: 'traces' })
        failing = false
      } catch (error) {
        count('failed', batch.length)
        if (!failing)
          log(
            `traces could not be sent: ${error instanceof Error ? error.message : String(error)}`,
            {
              level: 'warn',
              part: 'traces',
            },
          )
        failing = true
      }
    }
  }

  return {
    note({ text, now, durationMs, trace }) {
      if (!isSampled(trace, ratio)) return
      if (waiting.length === mostWaiting) count('dropped', 1)
      else if (waiting.push({ text, now, durationMs, trace }) === mostAtOnce)
        setImmediate(() => void flush())
    },
    noted: () => undefined,
    async close() {
      clearInterval(timer)
      await within(closeWithinMs, flush())
      count('dropped', waiting.length)
      waiting = []
    },
  }
}

function sender(url: string): Send {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: sendTimeoutMs, concurrencyLimit: 1 })
  return (spans) =>
    new Promise((resolve, reject) => {
      exporter.export(spans, ({ error }) => (error ? reject(error) : resolve()))
    })
}

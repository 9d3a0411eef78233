import { readFileSync } from 'node:fs'
import { residentBytes } from './memory.ts'
import type { Target } from './order.ts'
import type { ServiceFigures } from './result.ts'

/** What a service's process has used so far. */
export type Reading = {
  readonly atMs: number
  readonly cpuSeconds: number
  readonly rssBytes: number
  readonly gc?: { readonly seconds: number; readonly count: number }
  /** Since it was last read. */
  readonly eventLoopDelayP99Ms?: number
}

const readWithinMs = 2_000

/**
 * What Linux says of the service's process, with what it says of itself at `/metrics`; undefined when neither is to be had. What
 * it costs to be asked for metrics is no part of what is measured: the process is looked at after it `before`, and before it `after`.
 */
export async function readFigures(
  { url, protocol, pid, headers = {} }: Target,
  when: 'before' | 'after',
): Promise<Reading | undefined> {
  const look = () => (pid === undefined ? undefined : processOf(pid))
  const first = when === 'after' ? look() : undefined
  const told = protocol === 'portcullis' ? await metricsOf(url, headers) : undefined
  const own = when === 'after' ? first : look()
  return own ? { ...told, ...own } : told
}

async function metricsOf(
  url: string,
  headers: Record<string, string>,
): Promise<Reading | undefined> {
  try {
    const answer = await fetch(`${url.replace(/\/$/, '')}/metrics`, {
      headers,
      signal: AbortSignal.timeout(readWithinMs),
    })
    const text = await answer.text()
    return answer.ok ? parseMetrics(text, performance.now()) : undefined
  } catch {
    return undefined // older services do not have it, and a busy one may not answer in time
  }
}

/** Prometheus' text format: a line has a name, labels and a value. Counts add up; a delay is that of the thread where it is longest. */
export function parseMetrics(text: string, atMs: number): Reading | undefined {
  const sums = new Map<string, number>()
  const longest = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-z_:][\w:]*)(?:\{.*\})? (\S+)/i.exec(line) ?? []
    if (name === undefined) continue
    sums.set(name, (sums.get(name) ?? 0) + Number(value))
    longest.set(name, Math.max(longest.get(name) ?? 0, Number(value)))
  }
  const cpuSeconds = sums.get('process_cpu_seconds_total')
  const rssBytes = sums.get('process_resident_memory_bytes')
  if (cpuSeconds === undefined || rssBytes === undefined) return undefined
  const seconds = sums.get('nodejs_gc_duration_seconds_sum')
  const count = sums.get('nodejs_gc_duration_seconds_count')
  const delay = longest.get('nodejs_eventloop_lag_p99_seconds')
  return {
    atMs,
    cpuSeconds,
    rssBytes,
    ...(seconds !== undefined && count !== undefined && { gc: { seconds, count } }),
    ...(delay !== undefined && { eventLoopDelayP99Ms: delay * 1_000 }),
  }
}

const ticksPerSecond = 100 // USER_HZ of Linux on every architecture that Node.js runs on

/** Of all its threads. */
function processOf(pid: number): Reading | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '') // the name before it may hold anything
      .split(' ')
    return {
      atMs: performance.now(),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      rssBytes: residentBytes(pid) ?? 0,
    }
  } catch {
    return undefined // no Linux, or it has ended
  }
}

/** What was used between two readings in which so many requests were answered. */
export function figuresBetween(
  before: Reading | undefined,
  after: Reading | undefined,
  answered: number,
): ServiceFigures | undefined {
  if (!before || !after || answered <= 0) return undefined
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds
  if (cpuSeconds < 0) return undefined // it was started anew meanwhile
  const wallSeconds = (after.atMs - before.atMs) / 1_000
  return {
    cpuUsPerRequest: (cpuSeconds * 1_000_000) / answered,
    cpus: wallSeconds > 0 ? cpuSeconds / wallSeconds : 0,
    rssBytes: after.rssBytes,
    ...(before.gc &&
      after.gc && {
        gcPauseMs: {
          total: (after.gc.seconds - before.gc.seconds) * 1_000,
          count: after.gc.count - before.gc.count,
        },
      }),
    ...(after.eventLoopDelayP99Ms !== undefined && {
      eventLoopDelayP99Ms: after.eventLoopDelayP99Ms,
    }),
  }
}

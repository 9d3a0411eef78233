import { performance } from 'node:perf_hooks'
import autocannon, { type Client, type Request } from 'autocannon'
import type { Loop } from './result.ts'
import { leadMs, type Run, type RunFigures } from './run.ts'
import type { Asked } from './tally.ts'
import { watch, type Used } from './watch.ts'

/** What a connection is waiting for. */
type Flight = { readonly question: number; readonly sentMs: number }

/** autocannon's timer may come a little early. */
const earlyMs = 2
const lookEveryMs = 50

/**
 * Lets autocannon ask as fast as the service answers, one request at a time on each connection. Only the asking is its: times
 * come from its events in full resolution, and what is under way when time is up is waited for, so that the slowest are not
 * left out.
 */
export function closedLoop(
  { order, exchanges, tally, signal, onMeasuring }: Run,
  loop: Loop & { readonly kind: 'closed' },
): Promise<RunFigures> {
  const { target, workload, seconds, warmUpSeconds, timeoutMs, mostRequests } = order
  const connections = Math.min(loop.connections, order.mostConnections, mostRequests)
  const windowMs = warmUpSeconds * 1_000
  const lastMs = windowMs + seconds * 1_000
  const base = new URL(target.url).pathname.replace(/\/$/, '')
  let answer = { status: 0, body: '' }
  const requests = exchanges.map(({ path, headers, body }): Request => ({
    method: 'POST',
    path: base + path,
    headers: { ...headers },
    body,
    onResponse: (status, body) => (answer = { status, body }), // right before the client's response event
  }))
  const clients: Client[] = []
  let sent = 0
  let planned = 0
  let measuring = false
  let stopWatch: (() => Used) | undefined
  let used: Used | undefined
  let endedMs: number | undefined
  let interrupted = false
  const startMs = performance.now()
  const clock = () => performance.now() - startMs
  const sinceMeasured = () => clock() - windowMs

  // Without a rate autocannon adds no samples of its own, and refuses ignoreCoordinatedOmission.
  const run = autocannon({
    url: new URL(target.url).origin,
    connections,
    duration: warmUpSeconds + seconds + timeoutMs / 1_000 + 5, // a last resort: `finish` ends it
    sampleInt: lookEveryMs,
    requests: [requests[workload.order[0]!]!],
    setupClient,
  })
  const look = setInterval(() => {
    const now = clock()
    if (!measuring && now >= windowMs - leadMs) {
      measuring = true
      onMeasuring()
    }
    if (!stopWatch && now >= windowMs) stopWatch = watch()
    if (now >= lastMs) finish()
  }, lookEveryMs / 5)
  const stop = () => {
    interrupted = true
    finish()
    run.stop()
  }
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()

  /** Each connection has every n-th request, so that together they keep the order. */
  function setupClient(client: Client): void {
    const place = clients.push(client) - 1
    const share = shareOf(workload.order, place, connections)
    client.timeout = timeoutMs
    client.setRequests(share.map((question) => requests[question]!))
    let turn = 0
    let flight: Flight | undefined

    client.on('request', () => {
      const now = clock()
      // The connection was lost under the last request, and autocannon would take the next answer for its.
      if (flight) {
        lost(flight, now)
        client.pipelinedRequests.clear()
      }
      flight = { question: share[turn++ % share.length]!, sentMs: now }
      const asked = askedOf(flight)
      if (asked.dueMs >= 0) planned++
      tally.planned(asked)
      tally.sent(asked)
      if (++sent >= mostRequests && endedMs === undefined) {
        interrupted = true
        finish()
      }
    })
    client.on('response', (_, __, milliseconds) => {
      if (!flight) return
      const us = milliseconds * 1_000
      const { status, body } = answer
      tally.answered(askedOf(flight), {
        waitedUs: us,
        tookUs: us,
        status,
        body: Buffer.from(body),
      })
      flight = undefined
    })
    client.on('timeout', () => {
      const now = clock()
      if (!flight || !isOld(flight, now)) return
      lost(flight, now)
      flight = undefined
    })
    client.on('connError', ({ code, message }) => {
      if (flight) tally.failed(askedOf(flight), code ?? message, sinceMeasured())
      flight = undefined
      client.pipelinedRequests.clear()
    })
    client.on('done', () => {
      if (flight && !signal.aborted && !isOld(flight, clock())) {
        tally.failed(askedOf(flight), 'closed by the service', sinceMeasured())
        flight = undefined
      }
    })
  }

  function askedOf({ question, sentMs }: Flight): Asked {
    return { question, dueMs: sentMs - windowMs }
  }

  function isOld({ sentMs }: Flight, now: number): boolean {
    return now - sentMs >= timeoutMs - earlyMs
  }

  function lost(flight: Flight, now: number): void {
    const us = timeoutMs * 1_000
    if (isOld(flight, now)) tally.timedOut(askedOf(flight), { waitedUs: us, tookUs: us })
    else tally.failed(askedOf(flight), 'closed by the service', sinceMeasured())
  }

  /** No connection sends another request; each ends with its answer or its timeout. */
  function finish(): void {
    if (endedMs !== undefined) return
    endedMs = clock()
    used = (stopWatch ?? watch())()
    for (const client of clients) client.responseMax = Math.max(1, client.reqsMade)
  }

  return run
    .then(() => {
      finish()
      return {
        planned,
        fromMs: performance.timeOrigin + startMs + windowMs,
        seconds: Math.max(0, endedMs! - windowMs) / 1_000,
        used: used!,
        interrupted,
        late: 0,
        behind: 0,
      }
    })
    .finally(() => {
      clearInterval(look)
      signal.removeEventListener('abort', stop)
    })
}

/** The places of one connection of many in the order; it begins again after the last. */
function shareOf(order: readonly number[], place: number, connections: number): readonly number[] {
  if (order.length < connections) return [order[place % order.length]!]
  return order.filter((_, at) => at % connections === place)
}

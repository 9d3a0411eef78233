import { performance } from 'node:perf_hooks'
import { addressOf, openConnection, requestBytes, type Connection } from './connection.ts'
import { unavailableStatuses } from './protocol.ts'
import type { Loop } from './result.ts'
import { leadMs, type Run, type RunFigures } from './run.ts'
import type { Asked } from './tally.ts'
import { watch, type Used } from './watch.ts'

/** A connection, what it waits for, and where it is in the order. */
type Lane = { connection?: Connection; asked?: Asked | undefined; sentMs: number; turn: number }

const lookEveryMs = 10
/** One that can't be opened or was lost is opened again after so long; who was turned away asks again after so long. */
const [reopenMs, askAgainMs] = [20, 50]

/**
 * A closed loop that costs a fraction of autocannon's, over the open loop's own connections: for servers that are quicker than
 * autocannon, and where the generator shares the cores with what it measures. What is under way when time is up is waited for.
 */
export function lightLoop(
  { order, exchanges, tally, signal, onMeasuring }: Run,
  loop: Loop & { readonly kind: 'closed' },
): Promise<RunFigures> {
  const { target, workload, seconds, warmUpSeconds, timeoutMs, mostRequests } = order
  const connections = Math.min(loop.connections, order.mostConnections, mostRequests)
  const requests = exchanges.map((exchange) => requestBytes(exchange, target.url))
  const address = addressOf(target.url)
  const lastMs = seconds * 1_000
  const startMs = performance.now() + warmUpSeconds * 1_000
  const clock = () => performance.now() - startMs
  const lanes = Array.from({ length: connections }, (_, turn): Lane => ({ sentMs: 0, turn }))
  let [sent, planned, underWay] = [0, 0, 0]
  let measuring = false
  let stopWatch: (() => Used) | undefined
  let ended: { readonly atMs: number; readonly used: Used } | undefined
  let interrupted = false

  return new Promise((resolve) => {
    const looking = setInterval(look, lookEveryMs)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    else for (const lane of lanes) open(lane)

    function look(): void {
      const now = clock()
      if (!measuring && now >= -leadMs) {
        measuring = true
        onMeasuring()
      }
      if (now >= 0) stopWatch ??= watch()
      for (const lane of lanes)
        if (lane.asked && now - lane.sentMs >= timeoutMs) timedOut(lane, lane.asked)
      if (now >= lastMs) finish()
    }

    function open(lane: Lane): void {
      if (ended) return
      lane.connection = openConnection(address, {
        onOpen: () => ask(lane),
        onAnswer({ status, body, keepAlive }) {
          const { asked } = lane
          if (!asked) return
          const us = (clock() - lane.sentMs) * 1_000
          settle(lane)
          tally.answered(asked, { waitedUs: us, tookUs: us, status, body })
          if (!keepAlive) reopen(lane)
          else if (unavailableStatuses.has(status)) setTimeout(ask, askAgainMs, lane)
          else ask(lane)
        },
        onLost(why) {
          if (lane.asked) tally.failed(lane.asked, why, clock())
          settle(lane)
          reopen(lane)
        },
      })
    }

    function ask(lane: Lane): void {
      if (ended || lane.asked) return
      const now = clock()
      const question = workload.order[lane.turn % workload.order.length]!
      lane.turn += connections
      lane.asked = { question, dueMs: now }
      lane.sentMs = now
      underWay++
      if (now >= 0) planned++
      tally.planned(lane.asked)
      tally.sent(lane.asked)
      lane.connection!.send(requests[question]!)
      if (++sent >= mostRequests) {
        interrupted = true
        finish()
      }
    }

    function timedOut(lane: Lane, asked: Asked): void {
      const us = timeoutMs * 1_000
      tally.timedOut(asked, { waitedUs: us, tookUs: us })
      settle(lane)
      reopen(lane)
    }

    function settle(lane: Lane): void {
      if (lane.asked) underWay--
      lane.asked = undefined
      if (ended && underWay === 0) end()
    }

    function reopen(lane: Lane): void {
      lane.connection?.destroy()
      if (!ended) setTimeout(open, reopenMs, lane)
    }

    function stop(): void {
      interrupted = true
      finish()
      end()
    }

    /** No connection sends another request. */
    function finish(): void {
      if (ended) return
      ended = { atMs: Math.min(clock(), lastMs), used: (stopWatch ?? watch())() }
      if (underWay === 0) end()
    }

    function end(): void {
      clearInterval(looking)
      signal.removeEventListener('abort', stop)
      for (const { connection } of lanes) connection?.destroy()
      resolve({
        planned,
        fromMs: performance.timeOrigin + startMs,
        seconds: Math.max(0, ended!.atMs) / 1_000,
        used: ended!.used,
        interrupted,
        late: 0,
        behind: 0,
      })
    }
  })
}

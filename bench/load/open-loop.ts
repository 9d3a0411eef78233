import { performance } from 'node:perf_hooks'
import { addressOf, openConnection, requestBytes, type Connection } from './connection.ts'
import { fifo } from './fifo.ts'
import { latencyHistogram } from './histogram.ts'
import { arrivalTimes } from './plan.ts'
import type { HttpAnswer } from './response.ts'
import type { Loop } from './result.ts'
import { leadMs, type Run, type RunFigures } from './run.ts'
import type { Asked } from './tally.ts'
import { watch, type Used } from './watch.ts'

/** A request on its way; `over` when nothing is expected of it any more. */
type Flight = {
  readonly asked: Asked
  readonly sentMs: number
  readonly caller: Caller
  over: boolean
}
type Caller = { readonly connection: Connection; flight?: Flight | undefined }

/** Requests that may wait for a connection. They also give up when they have waited for as long as the timeout. */
const mostWaiting = 10_000
/** Timers come up to a millisecond late, so the rest is waited for turn by turn, in which sockets are read too. */
const spinMs = 1.5
const longestSleepMs = 10
/** After so many sends the sockets are looked at, however many are due. */
const mostSendsATurn = 64
const lateMs = 1

/**
 * Sends each request when the plan says, whatever the service does. A request takes the connection that was used last; where
 * none is free another is opened, up to the most, and beyond it requests wait, with their time running.
 */
export function openLoop(
  { order, exchanges, tally, signal, onMeasuring }: Run,
  loop: Loop & { readonly kind: 'open' },
): Promise<RunFigures> {
  const { target, workload, timeoutMs, mostConnections, mostRequests } = order
  const address = addressOf(target.url)
  const requests = exchanges.map((exchange) => requestBytes(exchange, target.url))
  const windowMs = order.warmUpSeconds * 1_000
  const times = plannedTimes(order, loop)
  const windowSeconds = loop.stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const lastMs = windowMs + windowSeconds * 1_000

  const idle: Caller[] = []
  const callers = new Set<Caller>()
  const waiting = fifo<Asked>()
  const flights = fifo<Flight>()
  const lateness = latencyHistogram()
  let [next, sent, connecting, underWay, late, planned] = [0, 0, 0, 0, 0, 0]
  let behind: number | undefined
  let endedMs: number | undefined
  let measuring = false
  let stopWatch: (() => Used) | undefined
  let interrupted = false
  // A turn in which nothing was read or sent was spent waiting.
  let [spun, turnMs, spinning, worked] = [0, 0, false, false]

  const startMs = performance.now()
  const clock = () => performance.now() - startMs

  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let over = false

    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    else turn()

    function turn(): void {
      if (over) return
      const now = clock()
      if (spinning && !worked) spun += now - turnMs
      turnMs = now
      worked = false
      watchWindow(now)
      giveUp(now)
      for (let sends = 0; sends < mostSendsATurn && next < times.length; sends++) {
        if (times[next]! > now) break
        worked = true
        due(next++)
      }
      if (next === times.length && waiting.size() === 0 && underWay === 0 && now >= lastDue())
        return end()
      const restMs = (next < times.length ? times[next]! : lastMs) - clock()
      spinning = restMs < spinMs && next < times.length
      if (spinning) setImmediate(turn)
      else timer = setTimeout(turn, Math.max(1, Math.min(restMs - spinMs, longestSleepMs)))
    }

    /** The plan is over when its last second is, not with its last request; when it was cut short, at once. */
    function lastDue(): number {
      return interrupted ? 0 : lastMs
    }

    function watchWindow(now: number): void {
      if (!measuring && now >= windowMs - leadMs) {
        measuring = true
        onMeasuring()
      }
      if (!stopWatch && now >= windowMs) stopWatch = watch(() => spun)
      if (endedMs === undefined && now >= lastMs) close(now)
    }

    function close(now: number): void {
      if (endedMs !== undefined) return
      endedMs = Math.min(now, lastMs)
      behind ??= times.length - next
    }

    function due(place: number): void {
      const asked = {
        question: workload.order[place % workload.order.length]!,
        dueMs: times[place]! - windowMs,
      }
      if (asked.dueMs >= 0) planned++
      tally.planned(asked)
      const free = idle.pop()
      if (free) {
        const now = clock()
        send(free, asked, now)
        if (asked.dueMs < 0) return
        const lateByMs = now - windowMs - asked.dueMs
        lateness.record(lateByMs * 1_000)
        if (lateByMs > lateMs) late++
      } else if (waiting.size() >= mostWaiting) tally.dropped(asked, timeoutMs * 1_000)
      else {
        waiting.push(asked)
        open()
      }
    }

    function send(caller: Caller, asked: Asked, sentMs: number): void {
      const flight = { asked, sentMs, caller, over: false }
      caller.flight = flight
      flights.push(flight)
      underWay++
      caller.connection.send(requests[asked.question]!)
      tally.sent(asked)
      if (++sent >= mostRequests && (next < times.length || waiting.size() > 0)) cutShort()
    }

    /** Sends nothing more, and waits for what is under way. */
    function cutShort(): void {
      interrupted = true
      const now = clock()
      stopWatch ??= watch(() => spun)
      behind ??= 0
      next = times.length
      waiting.clear()
      close(now)
    }

    function open(): void {
      if (connecting >= waiting.size() || callers.size >= mostConnections) return
      connecting++
      let opened = false
      const caller: Caller = {
        connection: openConnection(address, {
          onOpen() {
            worked = opened = true
            connecting--
            free(caller)
          },
          onAnswer: (answer) => answered(caller, answer),
          onLost(why) {
            worked = true
            callers.delete(caller)
            if (!opened) {
              connecting--
              const asked = waiting.shift() // it would have had this connection
              if (asked) tally.failed(asked, why)
            } else if (caller.flight) {
              tally.failed(caller.flight.asked, why)
              settle(caller.flight)
            } else idle.splice(idle.indexOf(caller), 1)
            open()
          },
        }),
      }
      callers.add(caller)
    }

    function free(caller: Caller): void {
      const asked = waiting.shift()
      if (asked) send(caller, asked, clock())
      else idle.push(caller)
    }

    function answered(caller: Caller, { status, body, keepAlive }: HttpAnswer): void {
      worked = true
      const now = clock()
      const { flight } = caller
      if (!flight) return
      const tookMs = now - flight.sentMs
      if (tookMs > timeoutMs) return timedOut(flight)
      settle(flight)
      if (keepAlive) free(caller)
      else discard(caller)
      const waitedMs = now - windowMs - flight.asked.dueMs
      const [waitedUs, tookUs] = [waitedMs * 1_000, tookMs * 1_000]
      tally.answered(flight.asked, { waitedUs, tookUs, status, body })
    }

    function timedOut(flight: Flight): void {
      worked = true
      settle(flight)
      discard(flight.caller)
      const waitedUs = (flight.sentMs - windowMs - flight.asked.dueMs + timeoutMs) * 1_000
      tally.timedOut(flight.asked, { waitedUs, tookUs: timeoutMs * 1_000 })
    }

    function settle(flight: Flight): void {
      flight.over = true
      flight.caller.flight = undefined
      underWay--
    }

    function discard(caller: Caller): void {
      callers.delete(caller)
      caller.connection.destroy()
      open()
    }

    function giveUp(now: number): void {
      for (let first = flights.peek(); first; first = flights.peek()) {
        if (!first.over) {
          if (now - first.sentMs < timeoutMs) break
          timedOut(first)
        }
        flights.shift()
      }
      for (let first = waiting.peek(); first; first = waiting.peek()) {
        if (now - windowMs - first.dueMs < timeoutMs) break
        waiting.shift()
        tally.dropped(first, timeoutMs * 1_000)
      }
    }

    function stop(): void {
      interrupted = true
      close(clock())
      behind = 0
      end()
    }

    function end(): void {
      if (over) return
      over = true
      signal.removeEventListener('abort', stop)
      clearTimeout(timer)
      for (const { connection } of callers) connection.destroy()
      resolve({
        planned,
        seconds: Math.max(0, (endedMs ?? lastMs) - windowMs) / 1_000,
        used: (stopWatch ?? watch())(),
        interrupted,
        lateness: lateness.latency(),
        late,
        behind: behind ?? 0,
      })
    }
  })
}

/** Warm-up at the mean rate of the first stage, then the plan; in milliseconds. */
function plannedTimes(
  { warmUpSeconds, workload, mostRequests }: Run['order'],
  { arrivals, stages }: Loop & { readonly kind: 'open' },
): Float64Array {
  const [first] = stages
  if (!first) throw new Error('expected at least one stage')
  const rate = (first.fromPerSecond + first.toPerSecond) / 2
  const warmUp = { seconds: warmUpSeconds, fromPerSecond: rate, toPerSecond: rate }
  const { seed } = workload
  const most = mostRequests + 1 // one that may not be sent shows that the plan was cut short
  const before = arrivalTimes({ arrivals, stages: [warmUp], seed: ~seed, most })
  const times = arrivalTimes({ arrivals, stages, seed, most })
  const all = new Float64Array(before.length + times.length)
  all.set(before)
  for (const [at, time] of times.entries()) all[before.length + at] = warmUpSeconds * 1_000 + time
  return all
}

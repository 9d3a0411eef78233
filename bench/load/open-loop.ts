import { performance } from 'node:perf_hooks'
import { callersOf } from './callers.ts'
import { addressOf, requestBytes } from './connection.ts'
import { latencyHistogram } from './histogram.ts'
import { startPacer } from './pacer.ts'
import { arrivalTimes } from './plan.ts'
import type { Loop } from './result.ts'
import { leadMs, type Run, type RunFigures } from './run.ts'
import { watch, type Used } from './watch.ts'

type OpenLoop = Loop & { readonly kind: 'open' }

/** So long before a request is due the event loop is woken; the rest is waited for turn by turn, in which sockets are read too. */
const spinMs = 0.25
const longestSleepMs = 10
/** After so many sends the sockets are looked at, however many are due. */
const mostSendsATurn = 64
const lateMs = 1

/** Sends each request when the plan says, whatever the service does. */
export async function openLoop(
  { order, exchanges, tally, signal, onMeasuring }: Run,
  loop: OpenLoop,
): Promise<RunFigures> {
  const { target, workload, timeoutMs, mostConnections, mostRequests } = order
  const times = plannedTimes(order, loop)
  const requests = exchanges.map((exchange) => requestBytes(exchange, target.url))
  const lastMs = loop.stages.reduce((sum, { seconds }) => sum + seconds, 0) * 1_000
  const lateness = latencyHistogram()
  let [next, sent, late, planned] = [0, 0, 0, 0]
  let measuring = false
  let stopWatch: (() => Used) | undefined
  /** When the plan was over or cut short, how many requests were left whose time had come, and how many answers there were. */
  let ended: { readonly atMs: number; readonly behind: number; readonly served: number } | undefined
  let servedBefore: number | undefined
  let cutShort = false
  // A turn in which nothing was read or sent was spent waiting.
  let [spun, turnMs, spinning, worked] = [0, 0, false, false]

  const pacer = await startPacer(times, spinMs)
  const startMs = performance.now() + order.warmUpSeconds * 1_000
  const clock = () => performance.now() - startMs
  const callers = callersOf({
    address: addressOf(target.url),
    requests,
    timeoutMs,
    mostConnections,
    tally,
    clock,
    onSent({ dueMs }, sentMs, atOnce) {
      if (atOnce && dueMs >= 0) {
        lateness.record((sentMs - dueMs) * 1_000)
        if (sentMs - dueMs > lateMs) late++
      }
      if (++sent >= mostRequests) cut()
    },
    onWork: () => (worked = true),
  })

  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let over = false
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    else {
      pacer.start(startMs, () => spinning || turn())
      turn()
    }

    function turn(): void {
      if (over) return
      clearTimeout(timer)
      const now = clock()
      if (spinning && !worked) spun += now - turnMs
      turnMs = now
      worked = false
      look(now)
      callers.giveUp()
      for (let sends = 0; sends < mostSendsATurn && next < times.length; sends++) {
        if (times[next]! > now) break
        worked = true
        due(next++)
      }
      if (ended && isAllSent() && callers.underWay() === 0) return end()
      const restMs = (times[next] ?? Infinity) - clock()
      spinning = restMs < 2 * spinMs
      if (spinning) setImmediate(turn)
      else timer = setTimeout(turn, Math.min(restMs, longestSleepMs)) // in case nobody wakes it
    }

    function stop(): void {
      cutShort = true
      endAt(Math.min(clock(), lastMs), 0)
      end()
    }

    function end(): void {
      over = true
      signal.removeEventListener('abort', stop)
      clearTimeout(timer)
      callers.close()
      pacer.close()
      const { atMs, behind, served } = ended!
      resolve({
        planned,
        fromMs: performance.timeOrigin + startMs,
        seconds: Math.max(0, atMs) / 1_000,
        used: (stopWatch ?? watch())(),
        served: served - (servedBefore ?? served),
        interrupted: cutShort,
        lateness: lateness.latency(),
        late,
        behind,
      })
    }
  })

  function look(now: number): void {
    if (!measuring && now >= -leadMs) {
      measuring = true
      onMeasuring()
    }
    if (now >= 0) {
      stopWatch ??= watch(() => spun)
      servedBefore ??= tally.totals().served
    }
    if (now >= lastMs) endAt(lastMs, times.length - next)
  }

  function endAt(atMs: number, behind: number): void {
    ended ??= { atMs, behind, served: tally.totals().served }
  }

  function due(place: number): void {
    const dueMs = times[place]!
    const asked = { question: workload.order[place % workload.order.length]!, dueMs }
    if (dueMs >= 0) planned++
    tally.planned(asked)
    callers.ask(asked)
  }

  function isAllSent(): boolean {
    return next === times.length && callers.waiting() === 0
  }

  /** Nothing more is sent. */
  function cut(): void {
    if (isAllSent()) return
    cutShort = true
    endAt(Math.min(clock(), lastMs), 0)
    next = times.length
    callers.forgetWaiting()
  }
}

/** Warm-up at the mean rate of the first stage, then the plan; in milliseconds from its start. */
function plannedTimes(
  { warmUpSeconds, workload: { seed }, mostRequests }: Run['order'],
  { arrivals, stages }: OpenLoop,
): Float64Array {
  const [first] = stages
  if (!first) throw new Error('expected at least one stage')
  const rate = (first.fromPerSecond + first.toPerSecond) / 2
  const warmUp = { seconds: warmUpSeconds, fromPerSecond: rate, toPerSecond: rate }
  const most = mostRequests + 1 // one that may not be sent shows that the plan was cut short
  const before = arrivalTimes({ arrivals, stages: [warmUp], seed: ~seed, most })
  const times = arrivalTimes({ arrivals, stages, seed, most })
  const all = new Float64Array(before.length + times.length)
  all.set(before.map((time) => time - warmUpSeconds * 1_000))
  all.set(times, before.length)
  return all
}

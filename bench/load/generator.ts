import { closedLoop } from './closed-loop.ts'
import { lightLoop } from './light-loop.ts'
import { openLoop } from './open-loop.ts'
import type { LoadOrder } from './order.ts'
import { protocols } from './protocols.ts'
import type { LoadResult } from './result.ts'
import { limitedBy } from './self-check.ts'
import { tally } from './tally.ts'

/** What drive() says to the process that generates the load, and what it hears. */
export type ToGenerator = { readonly order: LoadOrder } | { readonly stop: true }
export type FromGenerator =
  | { readonly kind: 'measuring' | 'measured'; readonly answered: number }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'result'; readonly result: LoadResult }
  | { readonly kind: 'error'; readonly message: string }

const stopping = new AbortController()

process.on('message', (message: ToGenerator) => {
  if ('stop' in message) stopping.abort()
  else
    generate(message.order).catch((error: unknown) =>
      say({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
    )
})
process.on('disconnect', () => process.exit()) // nobody is left to tell
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

/** Of what is due later only the series and wrong answers are kept. */
function countedUntilMs({ loop, tailSeconds = 0 }: LoadOrder): number {
  if (loop.kind === 'closed') return Infinity
  return (loop.stages.reduce((sum, { seconds }) => sum + seconds, 0) - tailSeconds) * 1_000
}

function say(message: FromGenerator): void {
  process.send?.(message)
}

async function generate(order: LoadOrder): Promise<void> {
  const { target, workload, loop, warmUpSeconds, timeoutMs } = order
  const protocol = protocols[target.protocol]
  if (!protocol) throw new Error(`no protocol ${target.protocol}`)
  if (workload.order.length === 0)
    throw new Error(`${workload.name}: expected at least one question`)
  const exchanges = workload.questions.map((question) => {
    const exchange = protocol.prepare(question)
    return { ...exchange, headers: { ...exchange.headers, ...target.headers } }
  })
  const counts = tally(workload, exchanges, {
    keptOpenSeconds: 2 + Math.ceil((2 * timeoutMs) / 1_000),
    untilMs: countedUntilMs(order),
  })
  const answered = () => counts.totals().answered
  const lines = setInterval(() => say({ kind: 'progress', text: counts.line() }), 1_000)
  const run = {
    order,
    exchanges,
    tally: counts,
    signal: stopping.signal,
    onMeasuring: () => say({ kind: 'measuring', answered: answered() }),
  }
  const closed = order.light ? lightLoop : closedLoop
  const figures = await (loop.kind === 'open' ? openLoop(run, loop) : closed(run, loop))
  clearInterval(lines)
  say({ kind: 'measured', answered: answered() })

  const counted = counts.counted()
  const { planned, fromMs, seconds, used, lateness, late, behind, interrupted } = figures
  const { served = counted.answered } = figures
  const limit = limitedBy({
    planned,
    behind,
    p99Us: counted.latency.p99Us,
    lateP99Us: lateness?.p99Us ?? 0,
    busy: used.busy,
    eventLoopDelayP99Us: used.eventLoopDelayP99Us,
  })
  const result: LoadResult = {
    workload: workload.name,
    seed: workload.seed,
    loop,
    url: target.url,
    fromMs,
    seconds,
    warmUpSeconds,
    timeoutMs,
    planned,
    perSecond: seconds > 0 ? served / seconds : 0,
    ...counted,
    generator: {
      cpuUsPerRequest: counted.sent > 0 ? used.cpuUs / counted.sent : 0,
      busy: used.busy,
      eventLoopDelayP99Us: used.eventLoopDelayP99Us,
      ...(lateness && { lateness }),
      late,
      ...(limit !== undefined && { limitedBy: limit }),
    },
    ...(interrupted && { interrupted }),
  }
  say({ kind: 'result', result })
}

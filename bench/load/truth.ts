import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../engine/index.ts'
import { addressOf } from './connection.ts'
import { drive } from './drive.ts'
import type { RatedOrder, RatedReport } from './rated.ts'
import type { Loop, Stage } from './result.ts'
import { startStub, stubWorkload, type Behaviour, type Stub, type StubRecord } from './stub.ts'

/** What was true of a run (the stub's own record, and the way there and back), what our generator said, and what autocannon says of the like; times in milliseconds. */
export type TruthRow = {
  readonly behaviour: string
  readonly loop: Loop['kind']
  readonly perSecond: number
  readonly figure: Figure
  readonly truth: number
  /** Part of the truth of each time: the way there and back. */
  readonly wayMs: number
  readonly ours: number
  /** Of a run of its own, at its rate (open loop) or with the same connections (closed loop). */
  readonly autocannon: { readonly truth: number; readonly said: number }
  /** Within 2% of the truth; of counts, the same. */
  readonly met: boolean
  /** Why the generator says that it measured itself, when it does. */
  readonly limitedBy?: string
}

const figures = ['p50', 'p99', 'p99.9', 'timeouts', 'wrong answers'] as const
type Figure = (typeof figures)[number]
type Figures = Readonly<Record<Figure, number>>

export const behaviours: readonly Behaviour[] = [
  { name: 'fixed 10 ms', delayMs: 10 },
  { name: '1% take 1 s', delayMs: 10, slow: { every: 100, delayMs: 1_000 } },
  { name: '1% never answer', delayMs: 10, neverEvery: 100 },
  { name: 'wrong once in 10,000', delayMs: 10, wrongEvery: 10_000 },
  { name: 'stalls 200 ms every 2 s', delayMs: 10, stall: { everyMs: 2_000, forMs: 200 } },
]

export type TruthOptions = {
  /** Of each run; there are four for each behaviour and rate. */
  readonly seconds: number
  readonly rates?: readonly number[]
  readonly behaviours?: readonly Behaviour[]
  readonly seed?: number
  readonly progress?: (text: string) => void
  readonly signal?: AbortSignal
}

const timeoutMs = 2_000
const warmUpSeconds = 1 // so that the code of both is compiled
const most = { connections: 2_000, requests: 1_000_000 }
const tolerance = 0.02

/** Measures stubs of known behaviour, open and closed loop, and compares with what they did. */
export async function measureTruth({
  seconds,
  rates = [50, 500, 2_000],
  behaviours: chosen = behaviours,
  seed = 1,
  progress = () => undefined,
  signal,
}: TruthOptions): Promise<readonly TruthRow[]> {
  const rows: TruthRow[] = []
  for (const behaviour of chosen) {
    const stub = await startStub(behaviour)
    try {
      const wayMs = await wayTo(stub)
      for (const perSecond of rates)
        for (const kind of ['open', 'closed'] as const) {
          if (signal?.aborted) return rows
          progress(`${behaviour.name}, ${perSecond} a second, ${kind} loop`)
          const setting = { perSecond, kind, seconds, seed, wayMs, ...(signal && { signal }) }
          try {
            rows.push(...(await measure(stub, behaviour, setting)))
          } catch (error) {
            if (!signal?.aborted) throw error // half a run has no truth
          }
        }
    } finally {
      await stub.stop()
    }
  }
  return rows
}

type Setting = {
  readonly perSecond: number
  readonly kind: Loop['kind']
  readonly seconds: number
  readonly seed: number
  readonly wayMs: number
  readonly signal?: AbortSignal
}

/** Rejects where it is ended early. */
async function measure(
  stub: Stub,
  behaviour: Behaviour,
  { perSecond, kind, seconds, seed, wayMs, signal }: Setting,
): Promise<readonly TruthRow[]> {
  const connections = Math.max(1, Math.round((perSecond * meanMs(behaviour)) / 1_000))
  const stage = { seconds, fromPerSecond: perSecond, toPerSecond: perSecond }
  const loop: Loop =
    kind === 'open' ? { kind, arrivals: 'constant', stages: [stage] } : { kind, connections }
  const order = {
    target: { url: stub.url, protocol: 'portcullis' as const },
    workload: stubWorkload(seed),
    timeoutMs,
    warmUpSeconds,
    mostConnections: most.connections,
    mostRequests: most.requests,
  }
  await stub.record()
  const result = await drive({ ...order, loop, seconds }, signal && { signal })
  signal?.throwIfAborted()
  const all = await stub.record()
  const measured = measuredOf(all, kind === 'open' ? warmUpSeconds * perSecond : result.fromMs)
  const did = withWay(measured, wayMs)
  const [ours, truth] = [
    {
      p50: result.latency.p50Us / 1_000,
      p99: result.latency.p99Us / 1_000,
      'p99.9': result.latency.p999Us / 1_000,
      timeouts: result.timeouts,
      'wrong answers': result.wrong.count,
    },
    truthOf(
      did,
      behaviour.stall && kind === 'open' ? fromPlan(did, result.fromMs, stage) : undefined,
    ),
  ]
  const theirs = await rated(
    {
      url: stub.url,
      ...(kind === 'open' && { perSecond }),
      connections:
        kind === 'open' ? Math.min(perSecond, Math.max(10, 4 * connections)) : connections,
      seconds,
      timeoutMs,
    },
    signal,
  )
  const theirTruth = withWay(await stub.record(), wayMs)
  const theirFigures = truthOf(theirTruth)
  const { limitedBy } = result.generator
  return figures.map((figure) => ({
    behaviour: behaviour.name,
    loop: kind,
    perSecond,
    figure,
    truth: truth[figure],
    wayMs,
    ours: ours[figure],
    autocannon: { truth: theirFigures[figure], said: theirs[figure] },
    met:
      figure === 'timeouts' || figure === 'wrong answers'
        ? ours[figure] === truth[figure]
        : Math.abs(ours[figure] - truth[figure]) <= tolerance * truth[figure],
    ...(limitedBy !== undefined && { limitedBy }),
  }))
}

const probes = 101
const probeEveryMs = 10

/**
 * What the stub cannot see: the way of a request to it and of the answer back, through the kernel and the waking of both
 * processes. Measured with a bare socket that does nothing else, as the median of what it saw less what the stub says.
 */
async function wayTo(stub: Stub): Promise<number> {
  const { host, port } = addressOf(stub.url)
  const body = stubWorkload(0).questions[0]!.signIns[0]!
  const request = `POST / HTTP/1.1\r\nhost: stub\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')
  await stub.record()
  const sawMs: number[] = []
  while (sawMs.length < probes) {
    const sentMs = performance.now()
    socket.write(request)
    const answer = await Promise.race([once(socket, 'data'), sleep(timeoutMs)])
    if (answer === undefined) break // one that is never answered ends the probing
    sawMs.push(performance.now() - sentMs)
    await sleep(probeEveryMs)
  }
  socket.destroy()
  const { answered } = await stub.record()
  const ways = answered.slice(0, sawMs.length).map(({ tookMs }, at) => sawMs[at]! - tookMs)
  return ways.toSorted((a, b) => a - b)[ways.length >> 1] ?? 0
}

const withWay = (did: StubRecord, wayMs: number): StubRecord => ({
  ...did,
  answered: did.answered.map(({ atMs, tookMs }) => ({ atMs, tookMs: tookMs + wayMs })),
})

/** Time of a request on average, with which the closed loop comes near the rate. */
function meanMs({ delayMs, slow, neverEvery, stall }: Behaviour): number {
  const slower = slow ? (slow.delayMs - delayMs) / slow.every : 0
  const never = neverEvery === undefined ? 0 : timeoutMs / neverEvery
  const stalled = stall ? stall.forMs ** 2 / 2 / stall.everyMs : 0
  return delayMs + slower + never + stalled
}

/**
 * Without the warm-up: with an even rate so many requests that came first, else all that came before a time. Wrong answers are
 * counted in the warm-up, too.
 */
function measuredOf(did: StubRecord, first: number): StubRecord {
  const came = [...did.answered.map(({ atMs }) => atMs), ...did.never].toSorted((a, b) => a - b)
  const fromMs = first > came.length ? first : (came[first] ?? Infinity)
  return {
    ...did,
    answered: did.answered.filter(({ atMs }) => atMs >= fromMs),
    never: did.never.filter((atMs) => atMs >= fromMs),
  }
}

function truthOf(
  { answered, never, wrong }: StubRecord,
  tookMs = answered.map((each) => each.tookMs),
): Figures {
  const all = [...tookMs, ...never.map(() => timeoutMs)].toSorted((a, b) => a - b)
  const at = (share: number) => all[Math.max(0, Math.ceil(share * all.length) - 1)] ?? 0
  return {
    p50: at(0.5),
    p99: at(0.99),
    'p99.9': at(0.999),
    timeouts: never.length,
    'wrong answers': wrong,
  }
}

/**
 * What callers at an even rate must wait, worked out from when the stub stalled: those whose answer was due in a stall until
 * its end, all others as long as those that met none.
 */
function fromPlan(
  { answered, stalls }: StubRecord,
  fromMs: number,
  { seconds, fromPerSecond }: Stage,
): number[] {
  const took = answered.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const ordinaryMs = took[took.length >> 1] ?? 0
  return Array.from({ length: fromPerSecond * seconds }, (_, n) => {
    const dueMs = fromMs + (n * 1_000) / fromPerSecond
    const answerMs = dueMs + ordinaryMs
    const stall = stalls.find((each) => each.fromMs <= answerMs && answerMs < each.toMs)
    return stall ? stall.toMs - dueMs : ordinaryMs
  })
}

/** What autocannon reports itself, in whole milliseconds, of a run in a process of its own. */
async function rated(order: RatedOrder, signal: AbortSignal | undefined): Promise<Figures> {
  const child = fork(fileURLToPath(moduleBeside(import.meta.url, 'rated')), {
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  try {
    const { p50, p99, p999, timeouts, mismatches } = await new Promise<RatedReport>(
      (resolve, reject) => {
        child.once('message', resolve)
        child.once('exit', () => reject(new Error('autocannon ended early')))
        child.send(order)
      },
    )
    return { p50, p99, 'p99.9': p999, timeouts, 'wrong answers': mismatches }
  } finally {
    signal?.removeEventListener('abort', kill)
    kill()
  }
}

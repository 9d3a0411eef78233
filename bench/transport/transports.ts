import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { answer, load, moduleBeside, type RuleSet } from '../../engine/index.ts'
import { quantile } from '../statistics.ts'
import type { Watch } from '../runs/asking.ts'
import { contenders, type Contender } from './contenders.ts'

/** What a decision costs on the thread that asks, on both threads, and in time, all in microseconds. */
export type TransportCost = {
  readonly contender: Contender
  readonly together: number
  readonly askingUs: number
  readonly bothUs: number
  readonly wallUs: number
}

const sizes = [1, 8, 64]
const usualRounds = 7

/**
 * Compares ways to have another thread decide, one message under way at a time: the contenders take turns, round after round,
 * and the median of the rounds counts, of those that were over when the signal came. Throws where one answers otherwise than `answer` does.
 * Bodies have to be ASCII, since texts are made of them byte by byte.
 */
export async function transports(
  ruleSet: RuleSet,
  bodies: readonly Uint8Array[],
  { rounds = usualRounds, decisions = 4_096 } = {},
  { signal, progress }: Watch,
): Promise<readonly TransportCost[]> {
  const loaded = load(ruleSet)
  const expected = bodies.map((body) => answer(loaded, body, 0))
  const names = Object.keys(contenders) as Contender[]
  const cells = sizes.flatMap((together) => names.map((contender) => ({ contender, together })))
  const costs = cells.map(() => [] as (readonly [number, number, number])[])
  const threads = new Map(names.map((contender) => [contender, started(ruleSet, contender)]))
  try {
    for (let round = 0; round <= rounds && !signal.aborted; round++) {
      progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`)
      for (const [index, { contender, together }] of cells.entries()) {
        const cost = await measured(contender, threads.get(contender)!, together, round === 0)
        if (round > 0) costs[index]!.push(cost) // the first is to warm up, and to check
      }
    }
  } finally {
    await Promise.all([...threads.values()].map((thread) => thread.terminate()))
  }
  if (costs.at(-1)!.length === 0) return [] // ended before a round was over
  return cells.map((cell, index) => {
    const median = (part: 0 | 1 | 2) =>
      quantile(
        costs[index]!.map((cost) => cost[part]),
        0.5,
      )
    return { ...cell, askingUs: median(0), bothUs: median(1), wallUs: median(2) }
  })

  async function measured(contender: Contender, thread: Worker, together: number, checks: boolean) {
    const { pack, read } = contenders[contender]
    const cpu = [process.threadCpuUsage(), process.cpuUsage()] as const
    const from = performance.now()
    for (let asked = 0; asked < decisions; asked += together) {
      const some = Array.from({ length: together }, (_, at) => (asked + at) % bodies.length)
      const { message, transfer = [] } = pack(some.map((at) => bodies[at]!))
      thread.postMessage(message, transfer)
      const [reply] = (await once(thread, 'message')) as [unknown]
      const answers = read(reply)
      for (const [index, at] of checks ? some.entries() : [])
        if (crossed(answers[index]) !== crossed(expected[at]))
          throw new Error(`${contender}: expected ${JSON.stringify(expected[at])}`)
    }
    const wall = (performance.now() - from) * 1_000
    const used = [process.threadCpuUsage(cpu[0]), process.cpuUsage(cpu[1])].map(
      ({ user, system }) => (user + system) / decisions,
    )
    return [used[0]!, used[1]!, wall / decisions] as const
  }
}

const started = (ruleSet: RuleSet, contender: Contender) =>
  new Worker(moduleBeside(import.meta.url, 'deciding-thread'), {
    workerData: { ruleSet, contender },
  })

/** What an answer is on every thread; values that only the deciding one has are no part of it. */
const crossed = (answer: unknown): string =>
  JSON.stringify({ ...(answer as object), decision: undefined, assumed: undefined })

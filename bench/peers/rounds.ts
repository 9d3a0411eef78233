import { drive } from '../load/drive.ts'
import type { LoadOrder } from '../load/order.ts'
import type { LoadResult, Loop } from '../load/result.ts'
import { randomFrom } from '../random.ts'
import type { Entrant } from './start-peers.ts'

export type RoundsPlan = {
  readonly seed: number
  readonly rounds: number
  readonly connections: number
  readonly closedSeconds: number
  readonly openSeconds: number
  /** No round but the first starts that would end after it, were it as long as the last; of `performance.now()`. */
  readonly untilMs: number
  /** Of the generator, where the system can pin processes. */
  readonly core?: number
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/** What was measured of one peer, a result a round. */
export type Measured = {
  readonly entrant: Entrant
  /** The rate of the open loop. */
  readonly perSecond: number
  readonly closed: readonly LoadResult[]
  readonly open: readonly LoadResult[]
  /** What ended its part. */
  readonly failed?: string
}

const warmUpSeconds = 2
const settleSeconds = 0.3
const timeoutMs = 5_000
const mostConnections = 256
const mostPerSecond = 100_000

/**
 * Warms all of them up, then measures them in turns: in each round every one once by a closed and once by an open loop, in an
 * order drawn afresh, so that what slows the machine down for a while meets all alike. A wrong answer, or none at all, ends
 * the part of whoever gave it. An end by the signal leaves what was measured until then.
 */
export async function measureRounds(
  entrants: readonly Entrant[],
  plan: RoundsPlan,
): Promise<readonly Measured[]> {
  const { seed, rounds, connections, closedSeconds, openSeconds, signal, progress } = plan
  const random = randomFrom(seed)
  const closedLoop: Loop = { kind: 'closed', connections }
  const measured = entrants.map((entrant) => ({
    entrant,
    perSecond: 0,
    closed: [] as LoadResult[],
    open: [] as LoadResult[],
    failed: undefined as string | undefined,
  }))
  type Mine = (typeof measured)[number]

  const ask = async (mine: Mine, loop: Loop, seconds: number, before: number, round: number) => {
    if (signal.aborted || mine.failed !== undefined) return undefined
    const { name, target, workload } = mine.entrant
    progress(
      `${round > 0 ? `round ${round} of ${rounds}` : 'warming up'}: ${name}, ${loop.kind} loop`,
    )
    const order: LoadOrder = {
      target,
      workload: { ...workload, seed: seed + round },
      loop,
      seconds,
      warmUpSeconds: before,
      timeoutMs,
      mostConnections,
      mostRequests: Math.ceil((seconds + before) * mostPerSecond),
      ...(plan.core !== undefined && { core: plan.core }),
    }
    try {
      const result = await drive(order, { signal })
      if (signal.aborted) return undefined
      mine.failed = failureIn(result)
      return mine.failed === undefined ? result : undefined
    } catch (error) {
      if (!signal.aborted) mine.failed = (error as Error).message
      return undefined
    }
  }

  const capacities = new Map<Mine, number>()
  for (const mine of measured) {
    const result = await ask(mine, closedLoop, warmUpSeconds, settleSeconds, 0)
    if (result) capacities.set(mine, capacityIn(result))
  }
  const rates = openRates([...capacities.values()])
  for (const [index, mine] of [...capacities.keys()].entries()) mine.perSecond = rates[index]!

  let roundMs = 0
  for (let round = 1; round <= rounds; round++) {
    const startMs = performance.now()
    if (round > 1 && startMs + roundMs > plan.untilMs) break
    for (const mine of random.shuffled(measured)) {
      const closed = await ask(mine, closedLoop, closedSeconds, settleSeconds, round)
      const { perSecond } = mine
      const stages = [{ seconds: openSeconds, fromPerSecond: perSecond, toPerSecond: perSecond }]
      const openLoop: Loop = { kind: 'open', arrivals: 'poisson', stages }
      const open = closed && (await ask(mine, openLoop, openSeconds, settleSeconds, round))
      // a round counts as a whole, so that ratios of rounds compare what was measured together
      if (closed && open) {
        mine.closed.push(closed)
        mine.open.push(open)
      }
    }
    roundMs = performance.now() - startMs
  }
  return measured.map(({ failed, ...rest }) => ({
    ...rest,
    ...(failed !== undefined && { failed }),
  }))
}

/** What one core could answer a second; by CPU time, since throughput also tells who else keeps the machine busy. */
const capacityIn = ({ service, perSecond }: LoadResult): number =>
  service && service.cpuUsPerRequest > 0 ? 1_000_000 / service.cpuUsPerRequest : perSecond

const moderate = 0.3
const leastPerSecond = 500

/**
 * The same moderate rate for all who can carry it: 30% of what the slowest of those can do that can do 500 a second. The others
 * are asked at 30% of what they can do themselves, since at the common rate nothing but their queue would be seen.
 */
export function openRates(capacities: readonly number[]): readonly number[] {
  const fast = capacities.filter((perSecond) => perSecond >= leastPerSecond)
  const common = moderate * Math.min(...(fast.length > 0 ? fast : capacities))
  return capacities.map((perSecond) =>
    Math.max(1, Math.floor(Math.min(common, moderate * perSecond))),
  )
}

function failureIn({ wrong, answered, failures }: LoadResult): string | undefined {
  const [example] = wrong.examples
  if (example)
    return `answered wrongly under load: ${example.question}: expected ${example.expected}, got ${example.actual}`
  return answered === 0
    ? `answered nothing under load: ${Object.keys(failures ?? {}).join(', ')}`
    : undefined
}

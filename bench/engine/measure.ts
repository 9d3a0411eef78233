import type { Asynchronous, Prepared, Synchronous } from './contestant.ts'
import type { Random } from '../random.ts'
import type { SignIns } from './sign-ins.ts'

export type Entrant = {
  readonly name: string
  readonly prepared: Prepared
  readonly signIns: SignIns
}

/** Times of one entrant, in microseconds a decision. */
export type Timing = {
  readonly name: string
  readonly decisions: number
  readonly roundsUs: readonly number[]
  readonly batchesUs: readonly number[]
}

export type Plan = {
  readonly rounds: number
  /** How long an entrant decides in a round, in milliseconds; slow ones decide all sign-ins once, however long that takes. */
  readonly shareMs: number
  /** Who has decided for so long, in milliseconds, leaves; ratios are of the rounds in which both took part. */
  readonly budgetMs: number
  readonly random: Random
  readonly progress: (text: string) => void
}

/** Passes over the sign-ins in a round at most: parsing them takes the most time by far. */
const mostPasses = 60
/** What V8 needs to optimize, and how long to wait for it where decisions are slow. */
const warmUp = { decisions: 30_000, ms: 400 }

/**
 * Times entrants within one run, taking turns in an order shuffled for every round. Sign-ins are parsed and adapted batch by
 * batch, right before they are decided, as a service would; only deciding is timed.
 */
export async function measure(
  entrants: readonly Entrant[],
  plan: Plan,
): Promise<readonly Timing[]> {
  const { rounds, shareMs, budgetMs, random, progress } = plan
  const runs = []
  for (const entrant of entrants) {
    progress(`${entrant.name} warms up`)
    const ms = await warmPassMs(entrant)
    const passes = Math.min(Math.max(Math.round(shareMs / ms), 1), mostPasses)
    runs.push({ entrant, passes, spentMs: 0, roundsUs: [] as number[], batchesUs: [] as number[] })
  }
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`)
    for (const run of random.shuffled(runs)) {
      if (run.spentMs > budgetMs) continue
      const { entrant, passes, roundsUs, batchesUs } = run
      let ms = 0
      for (let pass = 0; pass < passes; pass++) ms += await passMs(entrant, batchesUs)
      roundsUs.push((ms * 1_000) / (passes * entrant.signIns.count))
      run.spentMs += ms
    }
  }
  return runs.map(({ entrant, passes, roundsUs, batchesUs }) => ({
    name: entrant.name,
    decisions: roundsUs.length * passes * entrant.signIns.count,
    roundsUs,
    batchesUs,
  }))
}

/** How long a pass takes once V8 has optimized. */
async function warmPassMs(entrant: Entrant): Promise<number> {
  let [decisions, spentMs, fastestMs] = [0, 0, Infinity]
  do {
    const ms = await passMs(entrant)
    fastestMs = Math.min(fastestMs, ms)
    spentMs += ms
    decisions += entrant.signIns.count
  } while (decisions < warmUp.decisions && spentMs < warmUp.ms)
  return fastestMs
}

/** How long deciding all sign-ins once takes, in milliseconds; adds microseconds a decision for each batch. */
export async function passMs(
  { prepared, signIns }: Pick<Entrant, 'prepared' | 'signIns'>,
  batchesUs: number[] = [],
): Promise<number> {
  let total = 0
  for (const batch of signIns.batches()) {
    const inputs = batch.map((signIn) => prepared.adapt(signIn))
    const ms =
      prepared.answers === 'at once' ? atOnceMs(prepared, inputs) : await laterMs(prepared, inputs)
    batchesUs.push((ms * 1_000) / inputs.length)
    total += ms
  }
  return total
}

function atOnceMs({ decide }: Synchronous, inputs: readonly unknown[]): number {
  const start = performance.now()
  for (const input of inputs) decide(input)
  return performance.now() - start
}

async function laterMs({ decide }: Asynchronous, inputs: readonly unknown[]): Promise<number> {
  const start = performance.now()
  for (const input of inputs) await decide(input)
  return performance.now() - start
}

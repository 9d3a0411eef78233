import { interpret, type Pack, type SignIn } from '../../engine/index.ts'
import { agree } from './agreement.ts'
import { bytesPerDecision } from './allocation.ts'
import type { Contestant, Prepared } from './contestant.ts'
import { measure, type Entrant, type Plan } from './measure.ts'
import { casesOf, crossingsOf } from './sign-ins.ts'
import { median, quantile, ratioOfRounds } from '../statistics.ts'

export type Comparison = {
  readonly contestants: readonly ContestantFigures[]
  readonly rounds: number
  /** On how many the answers were compared. */
  readonly checkedSignIns: number
}

export type ContestantFigures = {
  readonly name: string
  /** Why it could not enter; all figures are missing then. */
  readonly cannot?: string
  /** Of the rounds, in microseconds a decision. */
  readonly p50Us?: number
  /** Of the batches, in microseconds a decision. */
  readonly p99Us?: number
  /** Its time ÷ that of the first contestant, median of the ratios of each round. */
  readonly timesFirst?: number
  /** Allocated for a decision, where it was counted. */
  readonly bytes?: number
  readonly decisions?: number
}

const crossings = 400

/**
 * Compares contestants on the sign-ins of a pack's cases. The first one is what the others must agree with, on crossings
 * of the cases too, before anything is timed; it has to agree with json-rules-engine.
 */
export async function compareContestants(
  pack: Pack,
  contestants: readonly Contestant[],
  countsBytes: (contestant: string) => boolean,
  plan: Plan,
): Promise<Comparison> {
  const { ruleSet } = pack
  const signIns = casesOf(pack)
  const crossed = crossingsOf(pack, crossings, plan.random)
  const entrants: Entrant[] = []
  const refused: ContestantFigures[] = []
  for (const { name, prepare } of [...contestants, oracle]) {
    plan.progress(`${name} is compared`)
    let prepared: Prepared
    try {
      prepared = await prepare(ruleSet)
    } catch (error) {
      refused.push({ name, cannot: (error as Error).message })
      continue
    }
    const first = entrants[0]?.prepared ?? prepared
    await agree(name, prepared, first, [...signIns.fresh(), ...crossed.fresh()])
    if (name !== oracle.name) entrants.push({ name, prepared, signIns })
  }

  const timings = await measure(entrants, plan)
  plan.progress('counting bytes')
  const figures = timings.map(({ name, roundsUs, batchesUs, decisions }, index) => {
    const { prepared } = entrants[index]!
    return {
      name,
      p50Us: median(roundsUs),
      p99Us: quantile(batchesUs, 0.99),
      timesFirst: ratioOfRounds(roundsUs, timings[0]!.roundsUs),
      decisions,
      ...(countsBytes(name) &&
        prepared.answers === 'at once' && { bytes: bytesPerDecision(prepared, signIns) }),
    }
  })
  return {
    contestants: [...figures, ...refused],
    rounds: plan.rounds,
    checkedSignIns: signIns.count + crossed.count,
  }
}

/** Too slow to be timed as well: it makes an engine for each decision. */
const oracle: Contestant = {
  name: 'interpret',
  prepare: (deciding) => ({
    answers: 'later',
    adapt: (signIn) => signIn,
    decide: (signIn) => interpret(deciding, signIn as SignIn),
  }),
}

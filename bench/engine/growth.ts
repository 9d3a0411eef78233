import { agree } from './agreement.ts'
import type { Contestant, Prepared } from './contestant.ts'
import { passMs, measure, type Entrant, type Plan } from './measure.ts'
import { signInsOf, type SignIns } from './sign-ins.ts'
import { median, ratioOfRounds } from '../statistics.ts'
import { signInsToTenant } from './tenant-sign-ins.ts'
import { rulesOfTenant } from './tenant.ts'

/** Numbers of rules. */
export const sizes = [10, 100, 1_000, 10_000] as const
type Size = (typeof sizes)[number]

export type Growth = {
  /** Medians of the rounds, by contestant and size. */
  readonly points: readonly Point[]
  readonly leftOut: readonly { readonly name: string; readonly size: Size; readonly why: string }[]
  /** Time of the first contestant at the most rules ÷ at the fewest, median of the rounds. */
  readonly factor: number
  /** The same of the second: one strategy at all sizes, where the first chooses. */
  readonly factorOfIndex: number
  /** The same of the first, with sign-ins that it never met before. */
  readonly factorOfNew: number
}

export type Point = {
  readonly name: string
  readonly size: Size
  readonly us: number
  readonly decisions: number
}

const [leastSignIns, mostSignIns] = [4, 64]
/** Time for one pass of a slow contestant, which gets fewer sign-ins for it. */
const passShareMs = 60
const longestRoundMs = 10_000

/** Time of a decision as rule sets grow; all contestants at all sizes take turns in one run. The first one is ours. */
export async function measureGrowth(
  contestants: readonly Contestant[],
  plan: Plan,
): Promise<Growth> {
  const entrants: (Entrant & { readonly size: Size })[] = []
  const leftOut: Growth['leftOut'][number][] = []
  for (const { name, prepare } of contestants) {
    let expectedMs = 0
    for (const size of sizes) {
      plan.progress(`${name} gets ready for ${size} rules`)
      if (expectedMs > longestRoundMs) {
        const why = `a round would take about ${Math.round(expectedMs / 1_000)} s`
        leftOut.push({ name, size, why })
        break
      }
      const deciding = rulesOfTenant(size)
      let prepared: Prepared
      try {
        prepared = await prepare(deciding)
      } catch (error) {
        leftOut.push({ name, size, why: (error as Error).message })
        break
      }
      const one = { prepared, signIns: signIns(1) }
      await passMs(one) // the first decision of a new engine is slow
      const eachMs = await passMs(one)
      const count = Math.max(Math.floor(passShareMs / eachMs), leastSignIns)
      const entrant = { name, size, prepared, signIns: signIns(Math.min(count, mostSignIns)) }
      const first = entrants.find((each) => each.size === size)?.prepared ?? prepared
      await agree(`${name} with ${size} rules`, prepared, first, entrant.signIns.fresh())
      entrants.push(entrant)
      if (name === contestants[0]!.name) {
        const unseen = newSignIns(entrant.signIns.count)
        entrants.push({ ...entrant, name: `${name}, new sign-ins`, signIns: unseen })
      }
      expectedMs = eachMs * leastSignIns * 10 // the next size has ten times the rules
    }
  }
  const timings = await measure(entrants, plan)
  const factorOf = (name: string) => {
    const own = timings.filter((timing) => timing.name === name)
    return ratioOfRounds(own.at(-1)!.roundsUs, own[0]!.roundsUs)
  }
  return {
    points: timings.map(({ name, roundsUs, decisions }, index) => ({
      name,
      size: entrants[index]!.size,
      us: median(roundsUs),
      decisions,
    })),
    leftOut,
    factor: factorOf(contestants[0]!.name),
    factorOfIndex: factorOf(contestants[1]!.name),
    factorOfNew: factorOf(`${contestants[0]!.name}, new sign-ins`),
  }
}

const signIns = (count: number): SignIns => signInsOf(signInsToTenant(count))

/** Others in every pass, so that nothing that was remembered of one helps with the next. */
function newSignIns(count: number): SignIns {
  let seed = 1_000
  const next = () => signInsOf(signInsToTenant(count, seed++))
  return { count, fresh: () => next().fresh(), batches: () => next().batches() }
}

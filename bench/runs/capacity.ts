import type { LoadResult } from '../load/result.ts'
import type { CapacityPart } from '../report/document.ts'
import { rounded } from '../table.ts'
import { askOpen, steady, type Asking, type Watch } from './asking.ts'
import { judge, type Judgement } from './judge.ts'

export type Search = {
  /** The p99 that callers accept, in microseconds. */
  readonly limitUs: number
  /** Where to begin, in requests a second: about half of what is expected. */
  readonly startPerSecond: number
  readonly probeSeconds: number
  readonly confirmSeconds: number
  /** For all of it, but for a run that is under way; the last third is kept for confirming. */
  readonly mostSeconds: number
}

/** Neighbours at most this far apart end the search. */
const precision = 1.05
/** Of the rate found: what is tried in the longer run, one after the other, until one holds. */
const confirmed = [1, 0.95, 0.9, 0.8, 0.65, 0.5]
const [least, most] = [1, 100_000]

/**
 * The highest rate of Poisson arrivals at which p99 stays within the limit and nothing fails: doubled until it breaks, then
 * bisected, then confirmed in a longer run. A rate that breaks the limit is asked again before it counts, unless it is far
 * out: neighbours on the machine break a limit too. When the generator broke the lowest rate that does not hold, or the
 * confirmation, the part names no rate.
 */
export async function findCapacity(
  asking: Asking,
  search: Search,
  watch: Watch,
): Promise<CapacityPart> {
  const { limitUs, mostSeconds } = search
  const steps: CapacityPart['steps'][number][] = []
  const began = performance.now()
  const spent = () => (performance.now() - began) / 1_000
  let [holds, breaks] = [0, Infinity]
  let brokenBy: Judgement | undefined

  const next = () =>
    breaks === Infinity
      ? holds === 0
        ? search.startPerSecond
        : holds * 2
      : holds === 0
        ? breaks / 2
        : Math.sqrt(holds * breaks)
  const open = () =>
    !watch.signal.aborted &&
    spent() < (mostSeconds * 2) / 3 &&
    breaks / Math.max(holds, 1e-9) > precision

  for (let rate = next(); open() && rate >= least && rate <= most; rate = next()) {
    const judgement = (await probe(rate)) ?? (await probe(rate))
    if (judgement?.met) holds = rate
    else {
      breaks = rate
      brokenBy = judgement
    }
  }

  const part = { kind: 'capacity', title, limit: { percentile: 'p99', us: limitUs } } as const
  for (const [at, share] of (holds > 0 ? confirmed : []).entries()) {
    if (watch.signal.aborted || (at > 0 && spent() + search.confirmSeconds > mostSeconds)) break
    const { result, judgement } = await ask(holds * share, search.confirmSeconds, 'confirming')
    if (judgement.generator) brokenBy = judgement
    if (judgement.met && !result.interrupted)
      return {
        ...part,
        steps,
        ...(!brokenBy?.generator && { perSecond: holds * share }),
        confirmation: result,
      }
  }
  return { ...part, steps }

  /** Nothing, when a second look is worth it. */
  async function probe(rate: number): Promise<Judgement | undefined> {
    const again = steps.at(-1)?.perSecond === rate
    const { judgement } = await ask(rate, search.probeSeconds, again ? 'trying again' : 'trying')
    return judgement.met || judgement.hopeless || again ? judgement : undefined
  }

  async function ask(
    perSecond: number,
    seconds: number,
    doing: string,
  ): Promise<{ readonly result: LoadResult; readonly judgement: Judgement }> {
    watch.progress(`${doing} ${rounded(perSecond)} a second`)
    const result = await askOpen(asking, steady(perSecond, seconds), watch, {
      warmUpSeconds: steps.length === 0 ? 1 : 0.2,
      // a backlog that grows without end is known for what it is after a while
      timeoutMs: Math.min(2_000, Math.max(250, (20 * limitUs) / 1_000)),
    })
    const judgement = judge(result, limitUs)
    if (!result.interrupted)
      steps.push({
        perSecond,
        p50Us: result.latency.p50Us,
        p99Us: result.latency.p99Us,
        met: judgement.met,
        ...(judgement.because !== undefined && { because: judgement.because }),
      })
    return { result, judgement }
  }
}

const title = 'How much it can take'

/** The rate that was found, or why there is none. */
export function capacityText({ steps, limit, perSecond, confirmation }: CapacityPart): string {
  const within = `at p99 ≤ ${rounded(limit.us / 1_000)} ms`
  if (perSecond !== undefined) return `${rounded(perSecond)} sign-ins a second ${within}`
  const generator = steps.findLast(({ because }) => because?.startsWith('the generator'))?.because
  const held = Math.max(0, ...steps.filter(({ met }) => met).map((step) => step.perSecond))
  if (generator !== undefined) {
    const least = confirmation?.perSecond ?? held
    const known =
      least > 0
        ? `the service does at least ${rounded(least)} a second ${within}, and how much more is not known`
        : `nothing is known of what the service does ${within}`
    return `the load generator was the limit (${generator}): ${known}`
  }
  return held === 0
    ? `no rate was found that it answers ${within}`
    : `${rounded(held)} a second held ${within} for a short while, but no rate was confirmed`
}

import { expectedIn } from '../load/plan.ts'
import type { Stage } from '../load/result.ts'
import type { Part } from '../report/document.ts'
import { rounded } from '../table.ts'
import { askOpen, type Asking, type Watch } from './asking.ts'
import { judge } from './judge.ts'
import { Misuse } from './misuse.ts'
import { shapes, stagesOf, type ShapeName } from './shapes.ts'

export type Shaped = {
  readonly shape: ShapeName
  /** The rate R that the shape's shares are of, in requests a second. */
  readonly perSecond: number
  /** Times the shape's own length. */
  readonly length?: number
  /** The p99 at which the breakpoint has come, in microseconds. */
  readonly limitUs: number
}

/** More than these no generator sends or plans: its plan has a time for each request. */
const [mostPerSecond, mostOfRun] = [200_000, 20_000_000]

/**
 * Asks at the rates of a shape, and says in one sentence what came of it. Throws a `Misuse` where that is more than can be
 * planned.
 */
export async function askShaped(
  asking: Asking,
  { shape: name, perSecond, length = 1, limitUs }: Shaped,
  watch: Watch,
): Promise<{ readonly parts: readonly Part[]; readonly headline: string }> {
  const shape = shapes[name]
  const stages = stagesOf(shape, perSecond, length)
  const untilBroken = 'untilBroken' in shape
  const runs = untilBroken ? stages.map((stage) => [stage]) : [stages]
  for (const run of runs) mustBeBounded(run)
  if (untilBroken) mustTell(runs[0]!)
  const parts: Part[] = []
  let held = 0
  for (const run of runs) {
    if (watch.signal.aborted) break
    const rate = rounded(run[0]!.toPerSecond)
    const title = untilBroken ? `${rate} a second` : `${name}, R of ${rounded(perSecond)} a second`
    watch.progress(title)
    const result = await askOpen(asking, run, watch, { warmUpSeconds: parts.length === 0 ? 2 : 0 })
    parts.push({ kind: 'load', title, result })
    const { met, generator, because } = judge(result, limitUs)
    const p99 = `p99 ${rounded(result.latency.p99Us / 1_000)} ms`
    if (!untilBroken) return { parts, headline: `${title}: ${because ?? p99}` }
    if (!met)
      return {
        parts,
        headline: generator
          ? `the load generator was the limit at ${rate} a second (${because}): ${atLeast(held)}`
          : `breaks at ${rate} a second (${because ?? p99}); ${atLeast(held)}`,
      }
    held = run[0]!.toPerSecond
  }
  const end = watch.signal.aborted ? 'ended early' : 'nothing broke'
  return { parts, headline: `${name}: ${end}; ${atLeast(held)}` }
}

const atLeast = (held: number): string =>
  held === 0 ? 'no lower rate was tried' : `${rounded(held)} a second held`

/** Of so few answers the slowest one is their p99. */
const leastAnswers = 100

function mustTell(stages: readonly Stage[]): void {
  const planned = stages.reduce((sum, stage) => sum + expectedIn(stage), 0)
  if (planned < leastAnswers)
    throw new Misuse(
      `expected a rate and a length of which the first step asks at least ${leastAnswers} times, since a p99 is of a hundred; got ${rounded(planned)}`,
    )
}

function mustBeBounded(stages: readonly Stage[]): void {
  const rate = Math.max(...stages.flatMap((stage) => [stage.fromPerSecond, stage.toPerSecond]))
  if (rate > mostPerSecond)
    throw new Misuse(
      `expected at most ${rounded(mostPerSecond)} requests a second, got ${rounded(rate)}`,
    )
  const planned = stages.reduce((sum, stage) => sum + expectedIn(stage), 0)
  if (planned > mostOfRun)
    throw new Misuse(
      `expected at most ${rounded(mostOfRun)} requests in a run, got ${rounded(planned)}`,
    )
}

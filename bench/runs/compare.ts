import type { LoadResult } from '../load/result.ts'
import { askClosed, type Drive, type Watch } from './asking.ts'
import { compared, type Compared } from './compared.ts'
import type { Cores } from './cores.ts'
import { Misuse } from './misuse.ts'
import type { Begun, Side } from './side.ts'

export type ComparePlan = {
  readonly pairs: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Kept busy at each of both services. */
  readonly connections: number
  /** Both services share one core, and their generators another. */
  readonly cores?: Cores
}

/** Three percent of CPU time are found with these on a machine with other things to do. */
export const usualPlan = { pairs: 20, seconds: 5, warmUpSeconds: 3, connections: 16 }

/**
 * A and B, asked at once: both services share a core, and both generators another, so that whatever disturbs one disturbs the
 * other. What is left differs from process to process (memory, what V8 made of it), so each pair is of two services started
 * anew. Ends early with the pairs that are done. Rejects when there are fewer than two of them.
 */
export async function compare(
  drive: Drive,
  [a, b]: readonly [Side, Side],
  plan: ComparePlan,
  watch: Watch,
): Promise<Compared> {
  const pairs: (readonly [LoadResult, LoadResult])[] = []
  for (let pair = 0; pair < plan.pairs && !watch.signal.aborted; pair++) {
    watch.progress(`pair ${pair + 1} of ${plan.pairs}`)
    const [first, second] = pair % 2 === 0 ? [a, b] : [b, a]
    const begun = await beginBoth(first, second, plan.cores?.service)
    try {
      const [one, other] = await Promise.all(
        begun.map(({ target, workload }) =>
          askClosed(
            {
              drive,
              target,
              workload,
              ...(plan.cores && { generatorCore: plan.cores.generator }),
            },
            plan.connections,
            plan.seconds,
            quiet(watch),
            { warmUpSeconds: plan.warmUpSeconds },
          ),
        ),
      )
      if (!one!.interrupted && !other!.interrupted)
        pairs.push(pair % 2 === 0 ? [one!, other!] : [other!, one!])
    } finally {
      await Promise.all(begun.map(({ stop }) => stop()))
    }
  }
  if (pairs.length < 2)
    throw new Misuse('ended before two pairs were measured: there is nothing to compare')
  return compared(a, b, pairs)
}

/** Two generators would talk at once. */
const quiet = ({ signal }: Watch): Watch => ({ signal, progress: () => undefined })

async function beginBoth(
  first: Side,
  second: Side,
  core: number | undefined,
): Promise<readonly [Begun, Begun]> {
  const one = await first.begin(core)
  try {
    return [one, await second.begin(core)]
  } catch (error) {
    await one.stop()
    throw error
  }
}

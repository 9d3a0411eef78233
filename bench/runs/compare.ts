import type { LoadResult } from '../load/result.ts'
import type { ComparisonPart, Verdict } from '../report/document.ts'
import { middleOf, mannWhitney } from '../significance.ts'
import { median } from '../statistics.ts'
import { rounded } from '../table.ts'
import { askClosed, type Drive, type Watch } from './asking.ts'
import type { Cores } from './cores.ts'
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

/** With fewer pairs no difference can be sure enough. */
export const leastPairs = 10
/** Three percent of CPU time are found with these on a machine with other things to do. */
export const usualPlan = { pairs: 20, seconds: 5, warmUpSeconds: 3, connections: 16 }

type Row = ComparisonPart['rows'][number]
type Metric = Pick<Row, 'metric' | 'unit' | 'better'> & {
  readonly of: (result: LoadResult) => number | undefined
}

const metrics: readonly Metric[] = [
  {
    metric: 'CPU of the service a request',
    unit: 'µs',
    better: 'less',
    of: ({ service }) => service?.cpuUsPerRequest,
  },
  { metric: 'answers a second', unit: '1/s', better: 'more', of: ({ perSecond }) => perSecond },
  { metric: 'p50', unit: 'µs', better: 'less', of: ({ latency }) => latency.p50Us },
  { metric: 'p99', unit: 'µs', better: 'less', of: ({ latency }) => latency.p99Us },
]

/** Over all rows of the table: how sure it is that every verdict is right. */
const confidence = 0.95

export type Compared = {
  readonly part: ComparisonPart
  readonly verdicts: readonly Verdict[]
  readonly headline: string
}

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
  if (pairs.length < 2) throw new Error('ended before two pairs were measured')
  return compared(a, b, pairs)
}

/** What pairs of runs of A and of B say. */
export function compared(
  a: Pick<Side, 'name' | 'anew'>,
  b: Pick<Side, 'name' | 'anew'>,
  pairs: readonly (readonly [LoadResult, LoadResult])[],
): Compared {
  const known = metrics.flatMap((metric): Measured[] => {
    const [ofA, ofB] = [0, 1].map((side) => pairs.map((pair) => metric.of(pair[side]!) ?? 0))
    return [...ofA!, ...ofB!].every((value) => value > 0) ? [{ metric, a: ofA!, b: ofB! }] : []
  })
  const rows = known.map((each) => rowOf(each, 1 - (1 - confidence) / known.length))
  const part: ComparisonPart = {
    kind: 'comparison',
    // two processes of one build differ by some percent, and stay different
    title: a.anew && b.anew ? 'A against B' : 'A against B: these processes, not their builds',
    a: a.name,
    b: b.name,
    pairs: pairs.length,
    rows,
    values: known.map((each) => ({ a: each.a, b: each.b })),
  }
  const wrong = pairs.flat().reduce((sum, { wrong }) => sum + wrong.count, 0)
  return {
    part,
    verdicts: [{ what: 'wrong answers', measured: rounded(wrong), wanted: '0', met: wrong === 0 }],
    headline: headlineOf(part, wrong),
  }
}

type Measured = {
  readonly metric: Metric
  readonly a: readonly number[]
  readonly b: readonly number[]
}

/** Changes are ratios, so their logarithms are what is averaged. */
function rowOf({ metric: { metric, unit, better }, a, b }: Measured, sure: number): Row {
  const { middle, low, high } = middleOf(
    a.map((value, pair) => Math.log(b[pair]! / value)),
    sure,
  )
  const verdict =
    low > 0
      ? better === 'more'
        ? 'better'
        : 'worse'
      : high < 0
        ? better === 'more'
          ? 'worse'
          : 'better'
        : '~'
  return {
    metric,
    unit,
    better,
    medianA: median(a),
    medianB: median(b),
    change: Math.expm1(middle),
    low: Math.expm1(low),
    high: Math.expm1(high),
    p: mannWhitney(a, b),
    verdict,
  }
}

function headlineOf({ a, b, rows, pairs }: ComparisonPart, wrong: number): string {
  const found = rows.filter(({ verdict }) => verdict !== '~')
  const counted = `${pairs} pairs`
  if (wrong > 0) return `${wrong} wrong answers: ${a} and ${b} do not decide as they should`
  if (found.length === 0) return `no difference found between ${a} and ${b} in ${counted}`
  const changes = found.map(
    ({ metric, change, low, high, verdict }) =>
      `${metric} ${percent(change)} (${percent(low)} to ${percent(high)}), ${verdict}`,
  )
  return `${b} against ${a}: ${changes.join('; ')}; ${counted}`
}

const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`

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

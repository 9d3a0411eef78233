import type { LoadResult } from '../load/result.ts'
import type { ComparisonPart, Verdict } from '../report/document.ts'
import { mannWhitney, middleOf } from '../significance.ts'
import { median } from '../statistics.ts'
import { rounded } from '../table.ts'
import type { Side } from './side.ts'

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

/** With fewer pairs no difference can be sure enough. */
export const leastPairs = 10

/** Over all rows of the table: how sure it is that every verdict is right. */
const confidence = 0.95

export type Compared = {
  readonly part: ComparisonPart
  readonly verdicts: readonly Verdict[]
  readonly headline: string
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
  const results = pairs.flat()
  const wrong = results.reduce((sum, { wrong }) => sum + wrong.count, 0)
  const failed = results.reduce((sum, result) => sum + failedOf(result), 0)
  const none = (what: string, count: number): Verdict => ({
    what,
    measured: rounded(count),
    wanted: '0',
    met: count === 0,
  })
  return {
    part,
    verdicts: [none('wrong answers', wrong), none('failed requests', failed)],
    headline: headlineOf(part, wrong, failed),
  }
}

/** Who fails has less to do, and figures of answers alone would not show it. */
const failedOf = ({ timeouts, connectionErrors, unavailable, dropped }: LoadResult): number =>
  timeouts + connectionErrors + unavailable + dropped

type Measured = {
  readonly metric: Metric
  readonly a: readonly number[]
  readonly b: readonly number[]
}

/** Changes are ratios, so their logarithms are what is averaged. */
function rowOf({ metric: { metric, unit, better }, a, b }: Measured, sure: number): Row {
  const changes = a.map((value, pair) => Math.log(b[pair]! / value))
  const { middle, ...interval } = middleOf(changes, sure)
  const tells = Number.isFinite(interval.low)
  // so few pairs are never sure enough; what was met is shown, and nothing is claimed
  const { low, high } = tells ? interval : { low: Math.min(...changes), high: Math.max(...changes) }
  const grew = low > 0 ? 'more' : high < 0 ? 'less' : undefined
  const verdict = !tells || grew === undefined ? '~' : grew === better ? 'better' : 'worse'
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

function headlineOf({ a, b, rows, pairs }: ComparisonPart, wrong: number, failed: number): string {
  const found = rows.filter(({ verdict }) => verdict !== '~')
  const counted = `${pairs} pairs`
  if (wrong > 0) return `${wrong} wrong answers: ${a} and ${b} do not decide as they should`
  if (failed > 0) return `${rounded(failed)} requests failed: ${a} and ${b} can't be compared`
  if (pairs < leastPairs && found.length === 0)
    return `${counted} are too few to tell ${a} from ${b}: it takes at least ${leastPairs}`
  if (found.length === 0) return `no difference found between ${a} and ${b} in ${counted}`
  const changes = found.map(
    ({ metric, change, low, high, verdict }) =>
      `${metric} ${percent(change)} (${percent(low)} to ${percent(high)}), ${verdict}`,
  )
  return `${b} against ${a}: ${changes.join('; ')}; ${counted}`
}

const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`

import type { Latency, LoadResult } from '../../load/result.ts'
import { latenciesOf } from '../content/load.ts'
import { markup } from '../markup.ts'
import { figure } from '../units.ts'
import { logarithmic, nines } from './axis.ts'
import { label, widthOf } from './drawing.ts'
import type { Figure } from './figure.ts'
import { chart, type Line, type Saying } from './panel.ts'

const toMs = (us: number) => us / 1_000

/** Shares and the latency they stay under, from the first bucket to the last. */
function* sharesOf({
  count: all,
  buckets,
}: Latency): Generator<readonly [share: number, ms: number]> {
  let below = 0
  for (const [us, times] of buckets) {
    yield [below / all, toMs(us)]
    below += times
    yield [Math.min(below / all, 1 - 1 / (2 * all)), toMs(us)]
  }
}

const wantedShares = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999]

const shareText = (share: number) => `${Number((share * 100).toPrecision(9))}%`

/** Those that are written at the curve. */
const marked = [0.99, 0.9999, 0.9, 0.999, 0.99999]

/** In milliseconds; exact where the document says so, otherwise the upper bound of the bucket. */
const valueAt = (latency: Latency, share: number) => {
  const { count: all, buckets, p50Us, p90Us, p99Us, p999Us, p9999Us } = latency
  const exact = new Map([
    [0.5, p50Us],
    [0.9, p90Us],
    [0.99, p99Us],
    [0.999, p999Us],
    [0.9999, p9999Us],
  ]).get(share)
  if (exact !== undefined) return toMs(exact)
  let below = 0
  for (const [us, times] of buckets) {
    below += times
    if (below >= all * share) return toMs(us)
  }
  return toMs(buckets.at(-1)?.[0] ?? 0)
}

/** The latency that shares of the requests stay under: from the plan, and from sending where that is another. */
export function percentiles(result: LoadResult): Figure {
  const curves = latenciesOf(result).filter(({ latency }) => latency.count > 0)
  const most = Math.max(...curves.map(({ latency }) => latency.count))
  const shares = wantedShares.filter((share) => most * (1 - share) >= 0.9999)
  const lines = curves.map(({ name, latency }, index): Line => ({
    name,
    tone: index === 0 ? 'one' : 'two',
    points: [...sharesOf(latency)],
    ...(index > 0 && { drawn: 'dashed' as const }),
  }))
  const sayings = shares.map((share): Saying => ({
    x: share,
    y: valueAt(curves[0]!.latency, share),
    text: `${shareText(share)}: ${curves
      .map(({ name, latency }) => `${figure(valueAt(latency, share))} ms ${name}`)
      .join(', ')}`,
  }))
  return {
    title: 'Latency by percentile',
    reading:
      curves.length > 1
        ? 'Go right to rarer requests: the higher the curve at 99%, the longer one request in a hundred takes; where the two curves part, callers waited before their request was even sent.'
        : 'Go right to rarer requests: the higher the curve at 99%, the longer one request in a hundred takes.',
    draw: (width) =>
      chart(width, [
        {
          height: width < 500 ? 230 : 280,
          x: nines('share of requests answered within, %', most),
          y: logarithmic(
            'latency, ms',
            lines.flatMap(({ points }) => points.map(([, y]) => y)),
          ),
          lines,
          sayings,
          over: ({ x, y, left }) =>
            shares
              .filter((share) => (width < 500 ? marked.slice(0, 2) : marked).includes(share))
              .map((share) => {
                const value = valueAt(curves[0]!.latency, share)
                const [cx, cy] = [x(share), y(value)]
                const text = `${figure(value)} ms`
                return markup`<circle class="f-one" cx="${cx}" cy="${cy}" r="4"/>${label(Math.max(cx - 6, left + widthOf(text) + 4), cy - 9, text, { anchor: 'end', tone: 'one' })}`
              }),
        },
      ]),
    table: {
      caption: 'Latency by percentile',
      columns: [{ name: 'share' }, ...curves.map(({ name }) => ({ name, unit: 'ms' }))],
      rows: shares.map((share) => [
        shareText(share),
        ...curves.map(({ latency }) => figure(valueAt(latency, share))),
      ]),
    },
  }
}

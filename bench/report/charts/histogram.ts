import type { Latency, LoadResult } from '../../load/result.ts'
import { classesOf } from '../content/load.ts'
import { markup } from '../markup.ts'
import { count, duration, figure, ms, percent, plural } from '../units.ts'
import { linear, logarithmic } from './axis.ts'
import { round, type Tone } from './drawing.ts'
import type { Figure } from './figure.ts'
import { chart } from './panel.ts'

const toMs = (us: number) => us / 1_000

const tones: readonly Tone[] = ['one', 'two', 'three', 'four', 'five']
const binsPerTenfold = 16

/** Shares of a class by bins that are as wide as each other on a logarithmic axis; `[from, to]` in milliseconds. */
function binsOf({
  count: all,
  buckets,
}: Latency): readonly { readonly from: number; readonly to: number; readonly share: number }[] {
  const bins = new Map<number, number>()
  for (const [us, times] of buckets) {
    const bin = Math.floor(Math.log10(Math.max(us, 1)) * binsPerTenfold)
    bins.set(bin, (bins.get(bin) ?? 0) + times)
  }
  return [...bins].map(([bin, times]) => ({
    from: toMs(10 ** (bin / binsPerTenfold)),
    to: toMs(10 ** ((bin + 1) / binsPerTenfold)),
    share: times / all,
  }))
}

/** How often each latency was met, a row for each outcome. */
export function histogram(result: LoadResult): Figure {
  const own = classesOf(result)
  const classes = own.length > 0 ? own : [{ name: 'all', latency: result.latency }]
  const binned = classes.map(({ latency }) => binsOf(latency))
  const edges = binned.flatMap((bins) => bins.flatMap(({ from, to }) => [from, to]))
  return {
    title: 'Latency by outcome',
    reading:
      'Each row is one kind of answer, and each bar the share of its requests that took that long: a second hill to the right is a second, slower way through the service.',
    draw: (width) =>
      chart(
        width,
        classes.map(({ name, latency }, index) => ({
          height: 62,
          x: logarithmic('latency, ms', edges),
          y: linear(
            `${name}, % of ${plural(latency.count, 'request')}; half within ${duration(latency.p50Us)}`,
            [0, ...binned[index]!.map(({ share }) => share * 100)],
            { steps: 2 },
          ),
          withoutX: index < classes.length - 1,
          under: ({ x, y }) =>
            binned[index]!.map(({ from, to, share }) => {
              const [at, top] = [x(from), Math.min(y(share * 100), y(0) - 1)]
              return markup`<rect class="f-${tones[index]}" x="${at}" y="${round(top)}" width="${round(Math.max(1, x(to) - at - 1))}" height="${round(y(0) - top)}"/>`
            }),
          sayings: binned[index]!.map(({ from, to, share }) => ({
            x: Math.sqrt(from * to),
            y: share * 100,
            text: `${name}: ${percent(share)} took ${figure(from)} to ${figure(to)} ms`,
          })),
        })),
      ),
    table: {
      caption: 'Latency by outcome',
      columns: [
        { name: 'outcome' },
        { name: 'requests' },
        ...['least', 'p50', 'p90', 'p99', 'most'].map((name) => ({ name, unit: 'ms' })),
      ],
      rows: classes.map(({ name, latency }) => [
        name,
        count(latency.count),
        ms(latency.minUs),
        ms(latency.p50Us),
        ms(latency.p90Us),
        ms(latency.p99Us),
        ms(latency.maxUs),
      ]),
    },
  }
}

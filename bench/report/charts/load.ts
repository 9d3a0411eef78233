import type { Latency, LoadResult, Second } from '../../load/result.ts'
import { classesOf, latenciesOf } from '../content/load.ts'
import { markup } from '../markup.ts'
import { groupLength, squeezed } from '../sparkline.ts'
import { count, duration, figure, ms, number, percent } from '../units.ts'
import { linear, logarithmic, nines } from './axis.ts'
import type { Figure } from './figure.ts'
import { chart, label, round, widthOf, type Line, type Saying, type Tone } from './panel.ts'

export const loadFigures = (result: LoadResult): readonly Figure[] => [
  ...(result.latency.count > 0 ? [percentiles(result), histogram(result)] : []),
  ...(result.series.length > 0 ? [timeSeries(result.series)] : []),
]

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
    yield [Math.min(below / all, 1 - 1 / (all * 1.0001)), toMs(us)]
  }
}

const wantedShares = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999]

const shareText = (share: number) => `${Number((share * 100).toPrecision(9))}%`

/** Those that are written at the curve. */
const marked = [0.99, 0.9999, 0.9, 0.999, 0.99999]

const valueAt = ({ count: all, buckets }: Latency, share: number) => {
  let below = 0
  for (const [us, times] of buckets) {
    below += times
    if (below >= all * share) return toMs(us)
  }
  return toMs(buckets.at(-1)?.[0] ?? 0)
}

function percentiles(result: LoadResult): Figure {
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
          x: nines('share of requests answered within', most),
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

function histogram(result: LoadResult): Figure {
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
            `${name}, % of ${count(latency.count)} request${latency.count === 1 ? '' : 's'}; half within ${duration(latency.p50Us)}`,
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

const mostPoints = 240
const mean = (...group: number[]) => group.reduce((sum, value) => sum + value, 0) / group.length
const middle = (...group: number[]) => group.toSorted((a, b) => a - b)[group.length >> 1]!

function timeSeries(all: readonly Second[]): Figure {
  const each = groupLength(all.length, mostPoints)
  const grouped = (
    pick: (second: Second) => number | undefined,
    toOne: (...group: number[]) => number,
  ) => squeezed(all.map(pick), mostPoints, toOne)
  const answeredOnly = (pick: (second: Second) => number) => (second: Second) =>
    second.answered > 0 ? toMs(pick(second)) : undefined
  const planned = grouped((second) => second.planned, mean)
  const answered = grouped((second) => second.answered, mean)
  const failed = grouped(
    (second) => second.failed,
    (...group) => group.reduce((sum, value) => sum + value, 0),
  )
  const p50 = grouped(
    answeredOnly((second) => second.p50Us),
    middle,
  )
  const p99 = grouped(
    answeredOnly((second) => second.p99Us),
    Math.max,
  )
  const seconds = answered.map((_, index) => all[0]!.second + index * each)
  const points = (values: readonly (number | undefined)[]) =>
    values.flatMap((value, index) =>
      value === undefined ? [] : [[seconds[index]!, value] as const],
    )
  const failures = points(failed).filter(([, value]) => value > 0)
  const x = linear('time, s', [seconds[0]!, Math.max(seconds.at(-1)!, seconds[0]! + 1)], {
    steps: 6,
    format: count,
  })
  const open = planned.some((value) => value! > 0)
  const say = (index: number) =>
    [
      `${count(seconds[index]!)} s: ${number(answered[index])} answered a second`,
      ...(open ? [`${number(planned[index])} planned`] : []),
      ...(failed[index]! > 0 ? [`${count(failed[index]!)} failed`] : []),
      ...(p50[index] === undefined
        ? []
        : [`p50 ${figure(p50[index])} ms, p99 ${figure(p99[index])} ms`]),
    ].join(', ')
  const rows = seconds.map((second, index) => [
    count(second),
    number(planned[index]),
    number(answered[index]),
    count(failed[index]!),
    figure(p50[index]),
    figure(p99[index]),
  ])
  return {
    title: 'Over time',
    reading: `Answers should follow the plan and latency should stay level; red marks are ${each > 1 ? 'times' : 'seconds'} with failures.${each > 1 ? ` Each point is ${count(each)} s: mean rate, middle p50, highest p99.` : ''}`,
    draw: (width) =>
      chart(width, [
        {
          height: width < 500 ? 110 : 130,
          x,
          y: linear(
            'requests per second',
            [0, ...points(planned), ...points(answered)]
              .flat()
              .filter((_, index) => index === 0 || index % 2 === 0),
            { steps: 4 },
          ),
          lines: [
            ...(open
              ? [
                  {
                    name: 'planned',
                    tone: 'quiet',
                    drawn: 'dashed',
                    points: points(planned),
                  } as const,
                ]
              : []),
            { name: 'answered', tone: 'one', points: points(answered) },
          ],
          withoutX: true,
          under: (place) =>
            failures
              .map(([second, value]) => [
                markup`<path class="rule s-bad" d="M${place.x(second)} ${round(place.top)}V${round(place.bottom)}"/>`,
                failures.length <= 4 &&
                  label(
                    place.x(second) > (place.left + place.right) / 2
                      ? place.x(second) - 6
                      : place.x(second) + 6,
                    place.bottom - 8,
                    `${count(value)} failed`,
                    {
                      tone: 'bad',
                      anchor: place.x(second) > (place.left + place.right) / 2 ? 'end' : 'start',
                    },
                  ),
              ])
              .map((marks) => markup`${marks}`),
          sayings: points(answered).map(([at, value], index) => ({
            x: at,
            y: value,
            text: say(index),
          })),
        },
        {
          height: width < 500 ? 150 : 170,
          x,
          y: logarithmic(
            'latency, ms',
            [...p50, ...p99].filter((value) => value !== undefined),
          ),
          lines: [
            { name: 'p50', tone: 'one', points: points(p50) },
            { name: 'p99', tone: 'two', points: points(p99) },
          ],
          under: (place) =>
            failures.map(
              ([second]) =>
                markup`<path class="rule s-bad" d="M${place.x(second)} ${round(place.top)}V${round(place.bottom)}"/>`,
            ),
          sayings: seconds.flatMap((at, index) =>
            p99[index] === undefined ? [] : [{ x: at, y: p99[index], text: say(index) }],
          ),
        },
      ]),
    table: {
      caption: each > 1 ? `Every ${count(each)} s` : 'By second',
      columns: [
        { name: 'time', unit: 's' },
        { name: 'planned', unit: '/s' },
        { name: 'answered', unit: '/s' },
        { name: 'failed' },
        { name: 'p50', unit: 'ms' },
        { name: 'p99', unit: 'ms' },
      ],
      rows,
    },
  }
}

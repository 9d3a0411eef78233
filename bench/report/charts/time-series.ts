import type { Second } from '../../load/result.ts'
import { markup, type Markup } from '../markup.ts'
import { groupLength, squeezed } from '../sparkline.ts'
import { count, figure, number } from '../units.ts'
import { linear, logarithmic, type Axis } from './axis.ts'
import { label, round } from './drawing.ts'
import type { Figure } from './figure.ts'
import { chart, type Panel, type Place } from './panel.ts'

/** A second, or several made one where there are more than can be told apart; latency in milliseconds, missing where nothing was answered. */
type Moment = {
  readonly second: number
  readonly planned: number
  readonly answered: number
  readonly failed: number
  readonly p50: number | undefined
  readonly p99: number | undefined
}

const mostMoments = 240

/** Rate and latency by the second. */
export function timeSeries(all: readonly Second[]): Figure {
  const each = groupLength(all.length, mostMoments)
  const moments = momentsOf(all, each)
  const inMinutes = all.length > 600
  const last = moments.at(-1)!.second + each
  const x = linear(
    inMinutes ? 'time, min' : 'time, s',
    [moments[0]!.second, last].map((second) => (inMinutes ? second / 60 : second)),
    { steps: 6, tight: true },
  )
  const seconds: Axis = {
    ...x,
    place: (second) => x.place(inMinutes ? second / 60 : second),
    ticks: x.ticks.map(({ value, text }) => ({ value: inMinutes ? value * 60 : value, text })),
  }
  return {
    title: 'Over time',
    reading: `Answers should follow the plan and latency should stay level; red marks at the bottom are failed requests.${each > 1 ? ` Each point is ${count(each)} s: mean rate, middle p50, highest p99.` : ''}`,
    draw: (width) => {
      const low = width < 500 ? 20 : 0
      return chart(width, [
        rates(moments, each, seconds, 130 - low),
        latencies(moments, seconds, 170 - low),
      ])
    },
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
      rows: moments.map(({ second, planned, answered, failed, p50, p99 }) => [
        count(second),
        number(planned),
        number(answered),
        count(failed),
        figure(p50),
        figure(p99),
      ]),
    },
  }
}

const sum = (...group: number[]) => group.reduce((all, value) => all + value, 0)
const mean = (...group: number[]) => sum(...group) / group.length
const middle = (...group: number[]) => group.toSorted((a, b) => a - b)[group.length >> 1]!

function momentsOf(all: readonly Second[], each: number): readonly Moment[] {
  const grouped = (
    pick: (second: Second) => number | undefined,
    toOne: (...group: number[]) => number,
  ) => squeezed(all.map(pick), mostMoments, toOne)
  const ofAnswers = (pick: (second: Second) => number) => (second: Second) =>
    second.answered > 0 ? pick(second) / 1_000 : undefined
  const planned = grouped((second) => second.planned, mean)
  const answered = grouped((second) => second.answered, mean)
  const failed = grouped((second) => second.failed, sum)
  const p50 = grouped(
    ofAnswers((second) => second.p50Us),
    middle,
  )
  const p99 = grouped(
    ofAnswers((second) => second.p99Us),
    Math.max,
  )
  return answered.map((_, index) => ({
    second: all[0]!.second + index * each,
    planned: planned[index]!,
    answered: answered[index]!,
    failed: failed[index]!,
    p50: p50[index],
    p99: p99[index],
  }))
}

function rates(moments: readonly Moment[], each: number, x: Axis, height: number): Panel {
  const failures = moments.filter(({ failed }) => failed > 0)
  const line = (pick: (moment: Moment) => number) =>
    moments.map((moment) => [moment.second, pick(moment)] as const)
  return {
    height,
    x,
    y: linear(
      'requests per second',
      [0, ...moments.flatMap(({ planned, answered }) => [planned, answered])],
      { steps: 4 },
    ),
    withoutX: true,
    lines: [
      ...(moments.some(({ planned }) => planned > 0)
        ? [
            {
              name: 'planned',
              tone: 'quiet',
              drawn: 'dashed',
              points: line(({ planned }) => planned),
            } as const,
          ]
        : []),
      { name: 'answered', tone: 'one', points: line(({ answered }) => answered) },
    ],
    under: (place) => [
      ...crossed(moments, place),
      ...failures.map(({ second, failed }) => {
        const [from, to] = [second - each * 0.35, second + each * 0.35].map((at) =>
          Math.min(Math.max(place.x(at), place.left), place.right),
        )
        const top = Math.max(Math.min(place.y(failed / each), place.bottom - 3), place.top)
        return markup`<rect class="f-bad" x="${round(from!)}" y="${round(top)}" width="${round(Math.max(2, to! - from!))}" height="${round(place.bottom - top)}"/>`
      }),
    ],
    over: (place) =>
      fewFailures(moments).map(({ second, failed }) => {
        const toLeft = place.x(second) > (place.left + place.right) / 2
        return label(
          place.x(second) + (toLeft ? -6 : 6),
          place.bottom - 8,
          `${count(failed)} failed`,
          {
            tone: 'bad',
            anchor: toLeft ? 'end' : 'start',
          },
        )
      }),
    sayings: moments.map((moment) => ({
      x: moment.second,
      y: moment.answered,
      text: saying(moment),
    })),
  }
}

const latencies = (moments: readonly Moment[], x: Axis, height: number): Panel => {
  const line = (pick: (moment: Moment) => number | undefined) =>
    moments.map((moment) => [moment.second, pick(moment) ?? Number.NaN] as const)
  return {
    height,
    x,
    y: logarithmic(
      'latency, ms',
      moments.flatMap(({ p50, p99 }) => [p50 ?? 0, p99 ?? 0]),
    ),
    lines: [
      { name: 'p50', tone: 'one', points: line(({ p50 }) => p50) },
      { name: 'p99', tone: 'two', points: line(({ p99 }) => p99) },
    ],
    under: (place) => crossed(moments, place),
    sayings: moments.flatMap((moment) =>
      moment.p99 === undefined ? [] : [{ x: moment.second, y: moment.p99, text: saying(moment) }],
    ),
  }
}

/** Those that can be told apart by a line and a word. */
const fewFailures = (moments: readonly Moment[]) => {
  const failures = moments.filter(({ failed }) => failed > 0)
  return failures.length <= 3 ? failures : []
}

const crossed = (moments: readonly Moment[], place: Place): readonly Markup[] =>
  fewFailures(moments).map(
    ({ second }) =>
      markup`<path class="rule s-bad" d="M${place.x(second)} ${round(place.top)}V${round(place.bottom)}"/>`,
  )

const saying = ({ second, planned, answered, failed, p50, p99 }: Moment) =>
  [
    `${count(second)} s: ${number(answered)} answered a second`,
    ...(planned > 0 ? [`${number(planned)} planned`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(p50 === undefined ? [] : [`p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`]),
  ].join(', ')

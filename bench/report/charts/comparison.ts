import { comparisonContent } from '../content/comparison.ts'
import type { ComparisonPart } from '../document.ts'
import { markup, type Markup } from '../markup.ts'
import { change, figure, number } from '../units.ts'
import { linear } from './axis.ts'
import type { Figure } from './figure.ts'
import { axisName, fitted, framed, label, round, widthOf } from './drawing.ts'

type Row = ComparisonPart['rows'][number]

export const comparisonFigures = (part: ComparisonPart): readonly Figure[] =>
  part.rows.length === 0 ? [] : [forest(part), strips(part)]

const toneOf = { '~': 'quiet', better: 'good', worse: 'bad' } as const
const rowHeight = 50
const side = 12

/** Changes with their intervals, about the line of no change. */
function forest(part: ComparisonPart): Figure {
  const { rows } = part
  const draw = (width: number): Markup => {
    const axis = linear(
      'change of B against A, %',
      [
        -0.5,
        0.5,
        ...rows.flatMap(({ change, low, high }) => [change, low, high].map((each) => each * 100)),
      ],
      {
        steps: width < 500 ? 4 : 8,
        format: (value) => (value > 0 ? `+${number(value)}` : number(value)),
      },
    )
    const x = (share: number) => round(side + axis.place(share * 100) * (width - 2 * side))
    const bottom = rows.length * rowHeight + 10
    return framed(width, bottom + 44, [
      ...axis.ticks
        .map(({ value, text }) => [
          markup`<path class="${value === 0 ? 'zero' : 'grid'}" d="M${x(value / 100)} 22V${bottom}"/>`,
          label(
            Math.min(Math.max(x(value / 100), widthOf(text) / 2), width - widthOf(text) / 2),
            bottom + 16,
            text,
            { anchor: 'middle' },
          ),
        ])
        .map((each) => markup`${each}`),
      ...rows.map((row, index) => {
        const y = index * rowHeight + 38
        const tone = toneOf[row.verdict]
        return markup`${label(0, y - 20, fitted(`${row.metric}, ${row.unit}`, width / 2), { tone: 'strong' })}${label(width, y - 20, saying(row, width), { anchor: 'end', tone })}
<path class="interval s-${tone}" d="M${x(row.low)} ${y}H${x(row.high)}M${x(row.low)} ${y - 6}v12M${x(row.high)} ${y - 6}v12"/><rect class="f-${tone}" x="${round(x(row.change) - 5)}" y="${y - 5}" width="10" height="10"/>`
      }),
      axisName(width / 2, bottom + 37, axis.label, width),
    ])
  }
  return {
    title: 'Change from A to B',
    reading:
      'The square is the change, the line its 95% interval: where it crosses the line at 0, no difference was found (~).',
    draw,
    table: comparisonContent(part).tables[0]!,
  }
}

const saying = ({ change: by, verdict }: Row, width: number) =>
  verdict === '~' ? (width < 500 ? '~' : `~ no difference found`) : `${change(by)} ${verdict}`

/** All pairs: A above, B below, a line from each value of A to that of B in the same turn. */
function strips({ a, b, rows, values, pairs }: ComparisonPart): Figure {
  const height = 122
  const drawOne = (row: Row, index: number, width: number): Markup => {
    const own = values[index] ?? { a: [], b: [] }
    const top = index * height
    const left = 24
    const axis = linear('', [...own.a, ...own.b], { steps: width < 500 ? 3 : 7 })
    const x = (value: number) => round(left + 8 + axis.place(value) * (width - left - 40))
    const [yA, yB] = [top + 40, top + 78]
    const dots = (all: readonly number[], y: number, tone: string) =>
      all
        .filter(Number.isFinite)
        .map(
          (value) =>
            markup`<circle class="f-${tone} seen-through" cx="${x(value)}" cy="${y}" r="4"/>`,
        )
    return markup`${label(0, top + 16, fitted(`${row.metric}, ${row.unit}`, width), { tone: 'strong' })}
${axis.ticks.map(({ value, text }) => markup`<path class="grid" d="M${x(value)} ${top + 28}V${top + 88}"/>${label(x(value), top + 104, text, { anchor: 'middle' })}`)}
${own.a.map((value, pair) => own.b[pair] !== undefined && markup`<path class="pair" d="M${x(value)} ${yA}L${x(own.b[pair])} ${yB}"/>`)}
${dots(own.a, yA, 'one')}${dots(own.b, yB, 'two')}
<path class="median s-one" d="M${x(row.medianA)} ${yA - 10}v20"/><path class="median s-two" d="M${x(row.medianB)} ${yB - 10}v20"/>
${label(0, yA + 5, 'A', { tone: 'one' })}${label(0, yB + 5, 'B', { tone: 'two' })}`
  }
  return {
    title: 'The pairs themselves',
    reading:
      'Dots are single runs, long marks the medians; lines join the A and B of one turn: leaning all one way they show a difference, crossing they show noise.',
    draw: (width) =>
      framed(
        width,
        rows.length * height,
        rows.map((row, index) => drawOne(row, index, width)),
      ),
    table: {
      caption: `Pairs of A (${a}) and B (${b})`,
      columns: [
        { name: 'pair' },
        ...rows.flatMap(({ metric, unit }) => [
          { name: `${metric} A`, unit },
          { name: `${metric} B`, unit },
        ]),
      ],
      rows: Array.from({ length: pairs }, (_, pair) => [
        String(pair + 1),
        ...rows.flatMap((_, index) => [
          figure(values[index]?.a[pair]),
          figure(values[index]?.b[pair]),
        ]),
      ]),
    },
  }
}

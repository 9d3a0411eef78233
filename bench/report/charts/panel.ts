import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { apart, axisName, framed, label, round, widthOf, type Tone } from './drawing.ts'

export type Line = {
  readonly name: string
  readonly tone: Tone
  readonly points: readonly (readonly [x: number, y: number])[]
  /** As well as by colour, lines are told apart by how they are drawn. */
  readonly drawn?: 'dashed' | 'dotted' | 'dots'
  readonly dots?: boolean
}

/** A line across the panel with a word at it. */
export type Rule = {
  readonly at: number
  readonly across: 'x' | 'y'
  readonly text: string
  readonly tone: Tone
}

/** What the reader is told at a place: shown when they point at it. */
export type Saying = { readonly x: number; readonly y: number; readonly text: string }

/** A plot of two axes; several make a chart. */
export type Panel = {
  readonly height: number
  readonly x: Axis
  readonly y: Axis
  readonly lines?: readonly Line[]
  readonly rules?: readonly Rule[]
  /** Drawn on the grid, under the lines. */
  readonly under?: (place: Place) => readonly Markup[]
  readonly over?: (place: Place) => readonly Markup[]
  readonly sayings?: readonly Saying[]
  /** Panels above others leave the names of the shared axis out. */
  readonly withoutX?: boolean
}

export type Place = {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** A chart of panels one below the other, as SVG of that width. It is named by its figure. */
export function chart(width: number, panels: readonly Panel[]): Markup {
  const left =
    Math.max(...panels.flatMap(({ y }) => y.ticks.map(({ text }) => widthOf(text))), 20) + 10
  const atEnd = panels.map((panel) => namesAtEnd(panel, width))
  const right = Math.max(...panels.map((panel, index) => roomAtEnd(panel, atEnd[index]!)))
  let top = 0
  const drawn = panels.map((panel, index) => {
    const place = placeOf(panel, { left, right: width - right, top, atEnd: atEnd[index]! })
    top = place.bottom + (panel.withoutX ? 14 : 46)
    return drawnPanel(panel, place, width)
  })
  return framed(width, top, drawn)
}

const named = ({ lines = [] }: Panel) => lines.filter(({ name }) => name !== '')

/** Names stand at the ends of lines where there is room and all reach the end, above the panel otherwise. */
const namesAtEnd = (panel: Panel, width: number) =>
  named(panel).every(
    ({ points, drawn }) => drawn !== 'dots' && panel.x.place(points.at(-1)?.[0] ?? NaN) > 0.93,
  ) && Math.max(0, ...named(panel).map(({ name }) => widthOf(name))) < width * 0.2

const roomAtEnd = (panel: Panel, atEnd: boolean) => {
  const last = panel.x.ticks.at(-1)?.text ?? ''
  const names = atEnd ? named(panel).map(({ name }) => widthOf(name) + 12) : []
  return Math.max(widthOf(last) / 2 + 6, ...names)
}

const legendRows = (panel: Panel, left: number, width: number) => {
  const rows: { x: number; row: number; line: Line }[] = []
  let [x, row] = [left, 0]
  for (const line of named(panel)) {
    const room = widthOf(line.name) + 40
    if (x > left && x + room > width) [x, row] = [left, row + 1]
    rows.push({ x, row, line })
    x += room
  }
  return rows
}

function placeOf(
  panel: Panel,
  {
    left,
    right,
    top,
    atEnd,
  }: {
    readonly left: number
    readonly right: number
    readonly top: number
    readonly atEnd: boolean
  },
): Place & { readonly legendTop: number | undefined } {
  const rows = atEnd ? 0 : Math.max(0, ...legendRows(panel, left, right).map(({ row }) => row + 1))
  const above = 28 + rows * 19 + (panel.rules?.some(({ across }) => across === 'x') ? 18 : 0)
  const [inside, bottom] = [top + above, top + above + panel.height]
  return {
    left,
    right,
    top: inside,
    bottom,
    legendTop: rows > 0 ? top + 35 : undefined,
    x: (value) => round(left + panel.x.place(value) * (right - left)),
    y: (value) => round(bottom - panel.y.place(value) * (bottom - inside)),
  }
}

function drawnPanel(
  panel: Panel,
  place: Place & { readonly legendTop: number | undefined },
  width: number,
): Markup {
  const { left, right, top, bottom, x, y, legendTop } = place
  const { lines = [], rules = [], sayings = [] } = panel
  const titleY =
    legendTop === undefined
      ? top - 14 - (rules.some(({ across }) => across === 'x') ? 18 : 0)
      : legendTop - 20
  return markup`<g${sayings.length > 0 && markup` class="said" data-area="${[left, top, right, bottom].map(round).join(' ')}" data-points="${JSON.stringify(sayings.map((each) => [x(each.x), y(each.y), each.text]))}"`}>
${label(0, titleY, panel.y.label, { tone: 'strong' })}
${panel.y.ticks.map(({ value, text }) => [markup`<path class="grid" d="M${round(left)} ${y(value)}H${round(right)}"/>`, label(left - 8, y(value) + 4, text, { anchor: 'end' })])}
${panel.x.ticks.map(({ value }) => markup`<path class="grid" d="M${x(value)} ${round(top)}V${round(bottom)}"/>`)}
${!panel.withoutX && [...apartX(panel.x, x).map(({ value, text }) => label(x(value), bottom + 18, text, { anchor: 'middle' })), axisName((left + right) / 2, bottom + 38, panel.x.label, width)]}
<path class="base" d="M${round(left)} ${round(bottom)}H${round(right)}"/>
${panel.under?.(place)}
${lines.map((line) => drawnLine(line, place))}
${panel.over?.(place)}
${rules.map((rule) => drawnRule(rule, place))}
${legendTop === undefined ? endNames(named(panel), place) : legendRows(panel, left, right).map(({ x: at, row, line }) => [legendSign(line, at, legendTop + row * 19 - 4), label(at + 27, legendTop + row * 19, line.name, { tone: line.tone })])}
</g>`
}

const legendSign = ({ tone, drawn }: Line, x: number, y: number): Markup =>
  drawn === 'dots'
    ? markup`<circle class="f-${tone}" cx="${round(x + 11)}" cy="${y}" r="3.5"/>`
    : markup`<path class="line s-${tone} ${drawn}" d="M${round(x)} ${y}h22"/>`

function drawnLine({ points, tone, drawn, dots }: Line, place: Place): Markup {
  const at = points.map(([px, py]) => [place.x(px), place.y(py)] as const)
  const known = at.filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
  const path = drawn === 'dots' ? '' : pathOf(at)
  return markup`${path !== '' && markup`<path class="line s-${tone} ${drawn}" d="${path}"/>`}${(dots || drawn === 'dots' || known.length === 1) && known.map(([cx, cy]) => markup`<circle class="f-${tone}" cx="${cx}" cy="${cy}" r="3.5"/>`)}`
}

/** Nothing is drawn where a value is missing; points that are where the one before is show nothing. */
function pathOf(points: readonly (readonly [number, number])[]): string {
  let path = ''
  let before: readonly [number, number] | undefined
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) before = undefined
    else if (before === undefined || Math.abs(before[0] - x) + Math.abs(before[1] - y) >= 0.2) {
      path += `${before === undefined ? 'M' : 'L'}${x} ${y}`
      before = [x, y]
    }
  }
  return path
}

function drawnRule(
  { at, across, text, tone }: Rule,
  { x, y, left, right, top, bottom }: Place,
): Markup {
  if (across === 'x') {
    const half = widthOf(text) / 2
    const middle = Math.min(Math.max(x(at), left + half), right - half)
    return markup`<path class="rule s-${tone}" d="M${x(at)} ${round(top)}V${round(bottom)}"/>${label(middle, top - 8, text, { anchor: 'middle', tone })}`
  }
  return markup`<path class="rule s-${tone}" d="M${round(left)} ${y(at)}H${round(right)}"/>${label(left + 6, y(at) - 6, text, { tone })}`
}

function endNames(lines: readonly Line[], place: Place): readonly Markup[] {
  const ends = lines.flatMap((line) => {
    const end = line.points.findLast(([, y]) => Number.isFinite(place.y(y)))
    return end === undefined ? [] : [{ line, y: place.y(end[1]) + 4 }]
  })
  const places = apart(
    ends.map(({ y }) => y),
    16,
    place.bottom + 4,
  )
  return ends.map(({ line }, index) =>
    label(place.right + 8, places[index]!, line.name, { tone: line.tone }),
  )
}

/** The ticks whose names do not lie over each other; the last one stays. */
function apartX({ ticks }: Axis, x: (value: number) => number): Axis['ticks'] {
  const kept: Axis['ticks'][number][] = []
  let before = Infinity
  for (const tick of ticks.toReversed()) {
    const half = widthOf(tick.text) / 2
    if (x(tick.value) + half > before) continue
    kept.push(tick)
    before = x(tick.value) - half - 8
  }
  return kept
}

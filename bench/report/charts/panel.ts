import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'

/** What things are coloured by: the page says the colour, in light and dark. */
export type Tone = 'one' | 'two' | 'three' | 'four' | 'five' | 'six' | 'quiet' | 'bad' | 'good'

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

const fontSize = 13
/** Near enough for keeping labels apart, on the wide side. */
export const widthOf = (text: string): number => text.length * fontSize * 0.6

export const round = (value: number): number => Number(value.toFixed(1))

export const label = (
  x: number,
  y: number,
  text: string,
  {
    anchor = 'start',
    tone,
  }: { readonly anchor?: 'start' | 'middle' | 'end'; readonly tone?: Tone | 'strong' } = {},
): Markup =>
  markup`<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${tone !== undefined && markup` class="t-${tone}"`}>${text}</text>`

/** The name of a horizontal axis: in its middle, or as near to it as the chart lets it. */
export const axisName = (middle: number, y: number, text: string, width: number): Markup => {
  const half = widthOf(text) / 2
  return label(Math.max(half, Math.min(middle, width - half)), y, text, {
    anchor: 'middle',
    tone: 'strong',
  })
}

/** As much of a text as there is room for. */
export const fitted = (text: string, room: number): string => {
  const most = Math.max(4, Math.floor(room / widthOf('m')))
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
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

/** The SVG itself; its figure says what it is to those who do not see it. */
export const framed = (width: number, height: number, content: readonly Markup[]): Markup =>
  markup`<svg viewBox="0 0 ${width} ${round(height)}" width="${width}" height="${round(height)}" class="${width < 500 ? 'narrow' : 'wide'}" aria-hidden="true">${content}</svg>\n`

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
  const at = points
    .filter(([px, py]) => Number.isFinite(place.x(px)) && Number.isFinite(place.y(py)))
    .map(([px, py]) => [place.x(px), place.y(py)] as const)
  const path = thinned(at).map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px} ${py}`)
  return markup`${drawn !== 'dots' && path.length > 1 && markup`<path class="line s-${tone} ${drawn}" d="${path.join('')}"/>`}${(dots || drawn === 'dots' || at.length === 1) && at.map(([cx, cy]) => markup`<circle class="f-${tone}" cx="${cx}" cy="${cy}" r="3.5"/>`)}`
}

/** Points less than half a pixel from the one before show nothing. */
const thinned = (points: readonly (readonly [number, number])[]) =>
  points.filter(([x, y], index) => {
    const before = points[index - 1]
    return (
      before === undefined ||
      index === points.length - 1 ||
      Math.abs(before[0] - x) + Math.abs(before[1] - y) >= 0.2
    )
  })

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

/** Places as near to those wanted as can be that are `least` apart, and none beyond `most`. */
export function apart(wanted: readonly number[], least: number, most: number): readonly number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!)
  const places: number[] = [...wanted]
  order.forEach((index, at) => {
    if (at > 0) places[index] = Math.max(places[index]!, places[order[at - 1]!]! + least)
  })
  order.toReversed().forEach((index, at) => {
    const limit = at === 0 ? most : places[order[order.length - at]!]! - least
    places[index] = Math.min(places[index]!, limit)
  })
  return places
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

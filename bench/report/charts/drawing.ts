import { markup, type Markup } from '../markup.ts'

/** What things are coloured by: the page says the colour, in light and dark. */
export type Tone = 'one' | 'two' | 'three' | 'four' | 'five' | 'six' | 'quiet' | 'bad' | 'good'

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

/** The SVG itself; its figure says what it is to those who do not see it. */
export const framed = (width: number, height: number, content: readonly Markup[]): Markup =>
  markup`<svg viewBox="0 0 ${width} ${round(height)}" width="${width}" height="${round(height)}" class="${width < 500 ? 'narrow' : 'wide'}" aria-hidden="true">${content}</svg>\n`

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

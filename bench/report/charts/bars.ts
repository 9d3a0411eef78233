import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { framed, label, round, widthOf, type Tone } from './panel.ts'

export type Bar = {
  readonly name: string
  /** Values from `from` to `to`; from the axis' start where `from` is left out. */
  readonly from?: number
  readonly to: number
  /** Marked between the two. */
  readonly at?: number
  readonly value: string
  readonly tone: Tone
  readonly outlined?: boolean
}

const [rowHeight, barHeight] = [44, 16]

/** Bars from left to right, each under its name, which may be long; the value stands at the end. */
export function bars(width: number, axis: Axis, all: readonly Bar[]): Markup {
  const room = Math.max(...all.map(({ value }) => widthOf(value))) + 12
  const last = widthOf(axis.ticks.at(-1)?.text ?? '') / 2
  const [left, right] = [8, width - Math.max(room, last)]
  const bottom = all.length * rowHeight + 6
  const x = (value: number) => round(left + axis.place(value) * (right - left))
  let before = -Infinity
  const ticks = axis.ticks.filter(({ value, text }) => {
    const half = widthOf(text) / 2
    if (x(value) - half < before) return false
    before = x(value) + half + 8
    return true
  })
  return framed(width, bottom + 44, [
    ...ticks.map(({ value }) => markup`<path class="grid" d="M${x(value)} 20V${bottom}"/>`),
    ...all.map(({ name, from, to, at, value, tone, outlined }, index) => {
      const top = index * rowHeight + 22
      const [start, end] = [from === undefined ? left : x(from), x(to)]
      return markup`${label(left, top - 6, name, { tone: 'strong' })}<rect class="${outlined ? `o-${tone}` : `f-${tone}`}" x="${start}" y="${top}" width="${round(Math.max(end - start, 1.5))}" height="${barHeight}" rx="2"/>${at !== undefined && markup`<path class="mark" d="M${x(at)} ${top - 2}v${barHeight + 4}"/>`}${label(end + 8, top + 13, value)}`
    }),
    ...ticks.map(({ value, text }) => {
      const half = widthOf(text) / 2
      return label(Math.max(x(value), half), bottom + 16, text, { anchor: 'middle' })
    }),
    label((left + right) / 2, bottom + 37, axis.label, { anchor: 'middle', tone: 'strong' }),
  ])
}

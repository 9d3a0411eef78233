import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { axisName, fitted, framed, label, round, widthOf, type Tone } from './drawing.ts'

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

const barHeight = 16

/** Bars from left to right with the value at the end. Names stand before them on a desk, and above them on a phone. */
export function bars(width: number, axis: Axis, all: readonly Bar[]): Markup {
  const above = width < 500
  const rowHeight = above ? 44 : 32
  const names = Math.min(Math.max(...all.map(({ name }) => widthOf(name))), width * 0.36)
  const room = Math.max(...all.map(({ value }) => widthOf(value))) + 12
  const last = widthOf(axis.ticks.at(-1)?.text ?? '') / 2
  const [left, right] = [above ? 8 : names + 16, width - Math.max(room, last)]
  const bottom = all.length * rowHeight + 6
  const x = (value: number) => round(left + axis.place(value) * (right - left))
  const row = (index: number) => index * rowHeight + (above ? 22 : 10)
  let before = -Infinity
  const ticks = axis.ticks.filter(({ value, text }) => {
    const half = widthOf(text) / 2
    if (x(value) - half < before) return false
    before = x(value) + half + 8
    return true
  })
  return framed(width, bottom + 44, [
    ...axis.ticks.map(
      ({ value }) => markup`<path class="grid" d="M${x(value)} ${row(0) - 6}V${bottom}"/>`,
    ),
    markup`<path class="base" d="M${round(left)} ${bottom}H${round(right)}"/>`,
    ...all.map(({ name, from, to, at, value, tone, outlined }, index) => {
      const top = row(index)
      const [start, end] = [from === undefined ? left : x(from), x(to)]
      const written = above
        ? label(left, top - 6, fitted(name, width - left), { tone: 'strong' })
        : label(names, top + 13, fitted(name, names), { anchor: 'end', tone: 'strong' })
      return markup`${written}<rect class="${outlined ? `o-${tone}` : `f-${tone}`}" x="${round(start)}" y="${top}" width="${round(Math.max(end - start, 1.5))}" height="${barHeight}" rx="2"/>${at !== undefined && markup`<path class="mark" d="M${x(at)} ${top - 3}v${barHeight + 6}"/>`}${label(end + 8, top + 13, value)}`
    }),
    ...ticks.map(({ value, text }) =>
      label(Math.max(x(value), widthOf(text) / 2), bottom + 18, text, { anchor: 'middle' }),
    ),
    axisName((left + right) / 2, bottom + 38, axis.label, width),
  ])
}

import type { Table } from '../content/content.ts'
import type { Markup } from '../markup.ts'

/** A chart with what a reader needs to understand it. */
export type Figure = {
  readonly title: string
  /** How to read it, in one sentence. */
  readonly reading: string
  /** As SVG of that width in pixels; drawn twice, for a desk and for a phone. */
  readonly draw: (width: number) => Markup
  /** The same figures for those who do not see the chart, or want the numbers. */
  readonly table: Table
}

import type { Wrong } from '../../load/result.ts'

/** What is to be said of a part, whatever it is shown on: terminal, Markdown and HTML only lay it out. */
export type Content = {
  /** What has to be known before any figure is believed. */
  readonly alerts: readonly string[]
  readonly wrong: readonly Wrong[]
  readonly wrongCount: number
  /** The figures that people look for first. */
  readonly keys: readonly Key[]
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly tables: readonly Table[]
  readonly notes: readonly string[]
}

export type Key = {
  readonly name: string
  readonly value: string
  readonly unit: string
  readonly bad?: boolean
}

export type Table = {
  readonly caption: string
  readonly columns: readonly { readonly name: string; readonly unit?: string }[]
  /** The first cell of a row names it; the others are right-aligned, but for words. */
  readonly rows: readonly (readonly string[])[]
}

/** Of a part that has only tables. */
export const nothing: Omit<Content, 'tables'> = {
  alerts: [],
  wrong: [],
  wrongCount: 0,
  keys: [],
  facts: [],
  notes: [],
}

import type { Fields } from '../fields.ts'

/** One record of a log, and its place. Whatever stands in a log comes out as a row, so that all of it is accounted for. */
export type Row = {
  /** Counted from 1 within the file: the line, or the member of a JSON array. */
  readonly number: number
} & (
  | { readonly fields: Fields; readonly entry?: never; readonly unreadable?: never }
  /** An entry of our own decision log, as JSON. */
  | { readonly entry: Readonly<Record<string, unknown>>; readonly unreadable?: never }
  /** Why it is no record. */
  | { readonly unreadable: string; readonly entry?: never }
)

export type OnRow = (row: Row) => void

/** Shapes in which sign-ins are logged, told apart by how a log begins and by the names that its records have. */
export type Shape =
  | 'portal CSV'
  | 'other CSV'
  | 'Graph records'
  | 'diagnostic records'
  | 'rows of Log Analytics'
  | 'decision log'

/** Takes a log piece by piece. */
export type Reader = {
  readonly write: (piece: Buffer) => void
  readonly end: () => void
}

/** A record is never longer; what is goes on until it ends and is one row that can't be read. */
export const longestRecord = 16 * 1_048_576
export const tooLong = `longer than ${longestRecord / 1_048_576} MB`

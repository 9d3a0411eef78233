import { rounded } from '../table.ts'

/** Three digits that count, or whole numbers above; `–` for what is no number. */
export const number = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value)
    ? '–'
    : value < 0
      ? `−${rounded(-value)}`
      : rounded(value)

/** As `number`, with its zeros: for columns, where 1.30 stands below 1.25. */
export const figure = (value: number | undefined): string =>
  value !== undefined && value >= 0.001 && value < 99.95 ? value.toPrecision(3) : number(value)

export const count = (value: number): string => Math.round(value).toLocaleString('en')

export const plural = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** Microseconds as milliseconds, for columns that say so. */
export const ms = (us: number | undefined): string => figure(us === undefined ? us : us / 1_000)

/** Microseconds in the unit that reads best, for sentences and labels. */
export const duration = (us: number): string =>
  us < 1_000
    ? `${number(us)} µs`
    : us < 1_000_000
      ? `${number(us / 1_000)} ms`
      : `${number(us / 1_000_000)} s`

export const megabytes = (bytes: number | undefined): string =>
  figure(bytes === undefined ? bytes : bytes / 1e6)

/** A share of 1. */
export const percent = (share: number): string => `${number(share * 100)}%`

/** A change by a share of 1, with its sign. */
export const change = (share: number): string =>
  Number.isFinite(share) && share > 0 ? `+${percent(share)}` : percent(share)

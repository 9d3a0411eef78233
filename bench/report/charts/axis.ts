import { number } from '../units.ts'

/** A scale with what is written at it. */
export type Axis = {
  /** What it shows, with its unit. */
  readonly label: string
  /** From 0 to 1; values outside of the axis lie outside of it. */
  readonly place: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly text: string }[]
}

type Format = (value: number) => string

/**
 * Even steps of 1, 2 or 5 times a power of ten, from the step below the least to the one above the most; `tight` from the least
 * to the most.
 */
export function linear(
  label: string,
  values: readonly number[],
  {
    steps = 5,
    format = number,
    tight = false,
  }: { readonly steps?: number; readonly format?: Format; readonly tight?: boolean } = {},
): Axis {
  const known = values.filter(Number.isFinite)
  let [low, high] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)]
  if (low === high)
    [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2]
  const rough = (high - low) / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough * 0.999)!
  const [first, last] = tight
    ? [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
    : [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
  const [from, to] = tight ? [low, high] : [first * step, last * step]
  return {
    label,
    place: (value) => (value - from) / (to - from),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => {
      const value = Number(((first + index) * step).toPrecision(12))
      return { value, text: format(value) }
    }),
  }
}

/** From one power of ten to another; between them 2 and 5 where there are few. Values that are not above 0 do not count. */
export function logarithmic(
  label: string,
  values: readonly number[],
  format: Format = number,
): Axis {
  const known = values.filter((value) => Number.isFinite(value) && value > 0)
  const [least, most] = known.length === 0 ? [1, 10] : [Math.min(...known), Math.max(...known)]
  const marks = Array.from({ length: 40 }, (_, index) => index - 20).flatMap((power) =>
    [1, 2, 5].map((digit) => Number((digit * 10 ** power).toPrecision(3))),
  )
  let low = marks.findLast((mark) => mark <= least * 1.0001) ?? least
  let high = marks.find((mark) => mark >= most * 0.9999) ?? most
  if (low === high) [low, high] = [low / 2, high * 2]
  const [from, to] = [Math.log10(low), Math.log10(high)]
  const inside = marks.filter((mark) => mark >= low * 0.999 && mark <= high * 1.001)
  const shown = to - from > 3.2 ? inside.filter((mark) => Number.isInteger(tenth(mark))) : inside
  return {
    label,
    place: (value) => (Math.log10(value) - from) / (to - from),
    ticks: shown.map((value) => ({ value, text: format(value) })),
  }
}

const tenth = (mark: number) => Number(Math.log10(mark).toFixed(6))

/**
 * Shares, written in %, by how many nines they have: as far from 90% to 99% as from there to 99.9%. It ends where one of twice `count` requests
 * would be, so that the longest one has a place, but at the latest soon after 99.999%.
 */
export function nines(label: string, count: number): Axis {
  const most = Math.min(Math.max(1.2, Math.log10(2 * Math.max(count, 1))), 5.3)
  const shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999]
  return {
    label,
    place: (share) => Math.min(-Math.log10(1 - share), most) / most,
    ticks: shares
      .filter((share) => -Math.log10(1 - share) <= most + 1e-6)
      .map((value) => ({ value, text: String(Number((value * 100).toPrecision(9))) })),
  }
}

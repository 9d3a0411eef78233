const minuteMs = 60_000
const dayMs = 86_400_000

/**
 * The time that stands in bytes as `2026-11-24T09:30:00Z` or with three digits of a second, in milliseconds since 1970.
 * Undefined for all that is written otherwise, or is no such time.
 */
export function scanTime(bytes: Uint8Array, start: number, end: number): number | undefined {
  const length = end - start
  if (length !== 20 && length !== 24) return undefined
  for (const [place, byte] of marks) if (bytes[start + place] !== byte) return undefined
  if (bytes[end - 1] !== 0x5a) return undefined // Z
  const year = two(bytes, start) * 100 + two(bytes, start + 2)
  const month = two(bytes, start + 5)
  const day = two(bytes, start + 8)
  const hour = two(bytes, start + 11)
  const minute = two(bytes, start + 14)
  const second = two(bytes, start + 17)
  let ms = 0
  if (length === 24) {
    if (bytes[start + 19] !== 0x2e) return undefined // .
    ms = two(bytes, start + 20) * 10 + digit(bytes[start + 22]!)
  }
  const isTime =
    year >= 1 && // years are counted in hundreds below, and the first hundred is not worth the words
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysOf(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59
  if (!isTime || Number.isNaN(ms)) return undefined // what is no digit is NaN, and less and greater than nothing
  return (
    daysSince1970(year, month, day) * dayMs + (hour * 60 + minute) * minuteMs + second * 1_000 + ms
  )
}

const marks = [
  [4, 0x2d],
  [7, 0x2d],
  [10, 0x54],
  [13, 0x3a],
  [16, 0x3a],
] as const

const digit = (byte: number): number => (byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : Number.NaN)
const two = (bytes: Uint8Array, at: number): number =>
  digit(bytes[at]!) * 10 + digit(bytes[at + 1]!)

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const daysOf = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : monthDays[month - 1]!

/** By counting years from March, so that the leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + dayOfYear - 719_468
}

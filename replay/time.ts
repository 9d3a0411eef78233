/** Times as sign-in logs write them, in milliseconds since 1970; what has no zone is UTC, as the portals say in the column's name. */
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/
/** `4/28/2021, 2:08:45.221 PM`, `28/04/2021 14:08:45`, `28.4.2021 14:08`: the order of day and month is the reader's language. */
const local =
  /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(\.\d+)?)?(?: ?([AP])M)?$/i

/** In which order day and month of a log stand. */
export type DayOrder = 'day first' | 'month first'

/** `undefined` when it can't be read; `either` when day and month can't be told apart. */
export function logTime(text: string, order?: DayOrder): number | 'either' | undefined {
  const plain = plainTime(text)
  if (plain !== undefined) return plain
  if (iso.test(text)) return readIso(text)
  const found = local.exec(text)
  if (found === null) return undefined
  const [, one, , two, year, hour, minute, second = '0', fraction = '', half] = found
  // AM and PM in capitals are American, if nothing in the log says otherwise.
  const usual = half === half?.toUpperCase() && half !== undefined ? 'month first' : undefined
  const told = orderOf(text) ?? order ?? usual
  if (told === undefined && one !== two) return 'either'
  const [day, month] =
    told === 'day first' ? [Number(one), Number(two)] : [Number(two), Number(one)]
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0)
  const daysOfMonth = new Date(Date.UTC(Number(year), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth || hours > 23) return undefined
  const at = Date.UTC(Number(year), month - 1, day, hours, Number(minute), Number(second))
  return at + Math.floor(Number(`0${fraction}`) * 1_000)
}

/** What a time proves about the order of its log: a number above 12 is a day, and dots stand after days. */
export function orderOf(text: string): DayOrder | undefined {
  const [, one, sign, two] = local.exec(text) ?? []
  if (one === undefined) return undefined
  if (Number(one) > 12 || sign === '.') return 'day first'
  return Number(two) > 12 ? 'month first' : undefined
}

const [zero, dash, colon, letterT, letterZ] = [0x30, 0x2d, 0x3a, 0x54, 0x5a]

/** `2024-06-15T09:00:00Z`, as most logs have it, quickly; undefined where it is any other. */
function plainTime(text: string): number | undefined {
  if (text.length !== 20 || text.charCodeAt(19) !== letterZ || text.charCodeAt(10) !== letterT)
    return undefined
  if (text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash) return undefined
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return undefined
  const two = (at: number): number => {
    const [tens, ones] = [text.charCodeAt(at) - zero, text.charCodeAt(at + 1) - zero]
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
  }
  const [year, month, day] = [two(0) * 100 + two(2), two(5), two(8)]
  const [hour, minute, second] = [two(11), two(14), two(17)]
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function readIso(text: string): number | undefined {
  const [, date, time, zone = 'Z'] = iso.exec(text)!
  const at = Date.parse(`${date}T${time}${zone}`)
  return Number.isNaN(at) ? undefined : at
}

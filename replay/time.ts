/** Times as sign-in logs write them, in milliseconds since 1970; what has no zone is UTC, as the portals say in the column's name. */
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/
/** `4/28/2021, 2:08:45.221 PM`, `28/04/2021 14:08:45`, `28.4.2021 14:08`: the order of day and month is the reader's language. */
const local =
  /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(\.\d+)?)?(?: ?([AP])M)?$/i

/** In which order day and month of a log stand. */
export type DayOrder = 'day first' | 'month first'

/** `undefined` when it can't be read; `either` when day and month can't be told apart. */
export function logTime(text: string, order?: DayOrder): number | 'either' | undefined {
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

function readIso(text: string): number | undefined {
  const [, date, time, zone = 'Z'] = iso.exec(text)!
  const at = Date.parse(`${date}T${time}${zone}`)
  return Number.isNaN(at) ? undefined : at
}

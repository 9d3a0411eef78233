/** Times as sign-in logs write them; what has no zone is UTC, as the portals say in the column's name. */
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/
/** `4/28/2021, 2:08:45.221 PM`: month first, as the portal writes in English. */
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(\.\d+)? ([AP])M$/i

/** ISO 8601 in UTC, or undefined. */
export function logTime(text: string): string | undefined {
  const [, date, time, zone = 'Z'] = iso.exec(text) ?? []
  if (date !== undefined && time !== undefined) return toIso(Date.parse(`${date}T${time}${zone}`))
  const [, month, day, year, hour, minute, second, fraction = '', half] = american.exec(text) ?? []
  if (half === undefined) return undefined
  const hours = (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0)
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    hours,
    Number(minute),
    Number(second),
  )
  return toIso(at + Math.floor(Number(`0${fraction}`) * 1_000))
}

const toIso = (time: number): string | undefined =>
  Number.isNaN(time) ? undefined : new Date(time).toISOString()

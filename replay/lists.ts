import type { Device, Person, Report } from './report.ts'

type Column<T> = readonly [name: string, of: (each: T) => string | number | boolean | undefined]

/** A cell that a spreadsheet takes for a formula would be run when somebody opens the list. */
const formula = /^[=+\-@\t\r]/

function cell(value: string | number | boolean | undefined): string {
  const text = value === undefined ? '' : String(value)
  const safe = typeof value === 'string' && formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const csv = <T>(columns: readonly Column<T>[], rows: readonly T[]): string =>
  [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => cell(of(row))))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')

/** Whom to write to, in order of work: those for whom nothing changes are left out. */
export const usersCsv = ({ people }: Report): string =>
  csv<Person>(
    [
      ['user', ({ user }) => user],
      ['name', ({ name }) => name],
      ['type', ({ type }) => type],
      ['next step', nextStep],
      ['register by', ({ registerBy }) => registerBy],
      ['blocked sign-ins', ({ blocked }) => blocked],
      ['challenged sign-ins', ({ challenged }) => challenged],
      ['legacy sign-ins', ({ legacy }) => legacy],
      ['sign-ins', ({ signIns }) => signIns],
      ['administrator', ({ administrator }) => administrator],
      ['certainty', ({ certainty }) => certainty],
      ['last seen', ({ lastSeen }) => lastSeen],
    ],
    people.filter((each) => each.hits > 0 || each.registerBy !== undefined),
  )

export const nextStep = ({ blocked, legacy, registerBy, challenged }: Person): string =>
  blocked > 0
    ? legacy > 0
      ? 'replace the legacy client'
      : 'change how it signs in'
    : registerBy !== undefined
      ? 'register for multifactor authentication'
      : challenged > 0
        ? 'expect to be asked'
        : ''

/** Devices to mend, those with most sign-ins that would fail first. */
export const devicesCsv = ({ devices }: Report): string =>
  csv<Device>(
    [
      ['seems to be', ({ kind }) => kind],
      ['user', ({ user }) => user],
      ['name', ({ name }) => name],
      ['client app', ({ clientApp }) => clientApp],
      ['address', ({ ip }) => ip],
      ['user agent', ({ userAgent }) => userAgent],
      ['sign-ins', ({ signIns }) => signIns],
      ['would fail', ({ hits }) => hits],
      ['days', ({ days }) => days],
      ['first seen', ({ firstSeen }) => firstSeen],
      ['last seen', ({ lastSeen }) => lastSeen],
    ],
    devices,
  )

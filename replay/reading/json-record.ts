import { fieldsOfRecord } from '../fields.ts'
import { tooLong, type OnRow } from './row.ts'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The rows of one JSON document: a record, or an object or array that wraps some. */
export function documentRows(text: string, number: number, onRow: OnRow): void {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    onRow({ number, unreadable: 'not JSON' })
    return
  }
  rowsOf(document, number, onRow)
}

/** Graph answers pages as `value`, Event Hubs send `records`, functions get arrays of them; some exports wrap each record as `log`. */
function rowsOf(document: unknown, number: number, onRow: OnRow): void {
  if (Array.isArray(document)) for (const each of document) rowsOf(each, number, onRow)
  else if (!isObject(document)) onRow({ number, unreadable: 'not an object' })
  else if (Array.isArray(document['value'])) rowsOf(document['value'], number, onRow)
  else if (Array.isArray(document['records'])) rowsOf(document['records'], number, onRow)
  else if (isObject(document['log'])) rowsOf(document['log'], number, onRow)
  else if (document['v'] === 1 && isObject(document['signIn']) && isObject(document['decision']))
    onRow({ number, entry: document })
  else onRow({ number, fields: fieldsOfRecord(document) })
}

/** A record of which only the beginning was kept. */
export const longRow = (number: number, onRow: OnRow): void =>
  onRow({ number, unreadable: tooLong })

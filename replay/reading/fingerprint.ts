import { parse } from 'csv-parse/sync'
import { fieldsOfColumns, isSignInLog } from '../fields.ts'

/** How the records of a log are put together, by how it begins. */
export type Form =
  | { readonly form: 'lines' | 'documents' }
  | { readonly form: 'csv'; readonly delimiter: string; readonly names: readonly string[] }
  /** It is no log of sign-ins that we know. */
  | { readonly form: 'none' }

/** As much of a log is looked at. */
export const headBytes = 65_536

const delimiters = [',', ';', '\t'] as const

export function formOf(head: string): Form {
  const start = head.trimStart()
  if (start.startsWith('{') || start.startsWith('[')) {
    // Lines that begin at their margin with an object that ends with them: one record a line, be it that the first one is torn.
    const lines = head.split('\n').slice(0, -1)
    const isOneEach = lines.some((line) => line.startsWith('{') && isObject(line))
    return { form: isOneEach && !start.startsWith('[') ? 'lines' : 'documents' }
  }
  const first = start.slice(0, /\r?\n/.exec(start)?.index ?? start.length)
  for (const delimiter of delimiters) {
    const names = namesOf(first, delimiter)
    if (isSignInLog(fieldsOfColumns(names))) return { form: 'csv', delimiter, names }
  }
  return { form: 'none' }
}

function namesOf(line: string, delimiter: string): readonly string[] {
  try {
    const [names = []] = parse(line, { delimiter })
    return names
  } catch {
    return []
  }
}

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

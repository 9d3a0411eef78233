/** One record of a log as it was written, and where. */
export type Row = {
  readonly file: string
  /** Counted from 1 within the file: the line of NDJSON, the member of an array. */
  readonly number: number
  readonly value: unknown
}

/** A line that is not JSON: still a row, so that it is accounted for. */
export const notJson = Symbol('not JSON')

/** The rows of one log: a JSON array, an object that wraps one (`value`, `records`), or one JSON a line. */
export function rowsOf(file: string, text: string): readonly Row[] {
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text
  const whole = parse(clean)
  if (whole !== notJson)
    return members(whole).map((value, index) => ({ file, number: index + 1, value }))
  return clean
    .split('\n')
    .flatMap((line, index) =>
      line.trim() === ''
        ? []
        : members(parse(line)).map((value) => ({ file, number: index + 1, value })),
    )
}

/** Graph answers pages as `value`, Event Hubs send `records`; some exports wrap each record as `log`. */
function members(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document.map(unwrapped)
  if (typeof document === 'object' && document !== null) {
    const { value, records } = document as { value?: unknown; records?: unknown }
    if (Array.isArray(value)) return value.map(unwrapped)
    if (Array.isArray(records)) return records.map(unwrapped)
  }
  return [unwrapped(document)]
}

function unwrapped(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('log' in record)) return record
  return typeof record.log === 'object' && record.log !== null ? record.log : record
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return notJson
  }
}

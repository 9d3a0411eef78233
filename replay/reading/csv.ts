import { parse } from 'csv-parse/sync'
import { fieldsOfColumns, fieldsOfRow, type LogField } from '../fields.ts'
import { plainRows } from './plain-csv.ts'
import { longestRecord, tooLong, type OnRow, type Reader } from './row.ts'

const [newline, quote, nul] = [0x0a, 0x22, 0]
/** So many bytes are parsed at once: the parser has a cost of its own for each call. */
const partBytes = 262_144
/** A quoted text that goes over more lines than this was not closed. */
const mostLines = 64

/**
 * Reads CSV as portals, scripts and workbooks write it. It is cut at ends of lines outside of quotes. A part in which nothing is odd is
 * read quickly; in any other a parser goes through the lines one by one, so that a broken row costs itself and not those after it.
 */
export function csvReader(onRow: OnRow, delimiter: string): Reader {
  const options = {
    delimiter,
    recordDelimiter: ['\r\n', '\n'],
    relaxColumnCount: true,
    skipEmptyLines: true,
  }
  let columns: readonly (LogField | undefined)[] | undefined
  let wanted: readonly boolean[] = []
  let pending: Buffer = Buffer.alloc(0)
  let number = 1

  return {
    write(piece) {
      pending = pending.length > 0 ? Buffer.concat([pending, piece]) : piece
      if (pending.length < partBytes) return
      const end = lastRowEnd(pending)
      if (end > 0) part(pending.subarray(0, end))
      else if (pending.length <= longestRecord) return
      const all = end > 0 ? end : oneByOne(pending, false)
      pending = pending.subarray(all)
    },
    end() {
      if (pending.length > 0) part(pending)
    },
  }

  /** Whole rows. */
  function part(bytes: Buffer): void {
    if (columns === undefined) {
      const end = lineEnd(bytes, 0)
      oneByOne(bytes.subarray(0, end), true)
      if (end < bytes.length) part(bytes.subarray(end))
      return
    }
    const [named, begin] = [columns, number]
    const isPlain =
      !bytes.includes(nul) &&
      plainRows(bytes.toString('utf8'), delimiter, wanted, (values, line) =>
        onRow({ number: begin + line, fields: fieldsOfRow(named, values) }),
      )
    if (isPlain) number += count(bytes, newline)
    else oneByOne(bytes, true)
  }

  function take(row: readonly string[], at: number): void {
    if (columns === undefined) {
      columns = fieldsOfColumns(row)
      wanted = columns.map((field) => field !== undefined)
    } else onRow({ number: at, fields: fieldsOfRow(columns, row) })
  }

  /** Goes through lines, joining those that a quoted text goes over; says how far it has come. */
  function oneByOne(bytes: Buffer, isWhole: boolean): number {
    let from = 0
    while (from < bytes.length) {
      const first = lineEnd(bytes, from)
      if (first === bytes.length && !isWhole && bytes.at(-1) !== newline) {
        if (first - from <= longestRecord) return from
        onRow({ number, unreadable: tooLong })
        return first
      }
      const [end, why] = row(bytes, from, first)
      if (why !== undefined) onRow({ number, unreadable: why })
      number += count(bytes.subarray(from, end), newline)
      from = end
    }
    return from
  }

  /** Where the row that begins here ends, and why it can't be read. */
  function row(bytes: Buffer, from: number, first: number): readonly [end: number, why?: string] {
    let end = first
    let quotes = count(bytes.subarray(from, end), quote)
    for (let lines = 1; quotes % 2 === 1 && lines < mostLines && end < bytes.length; lines++) {
      const next = lineEnd(bytes, end)
      quotes += count(bytes.subarray(end, next), quote)
      end = next
    }
    const text = bytes.subarray(from, end)
    if (end === first && text.includes(nul)) return [first, 'has a NUL']
    let rows: string[][]
    try {
      rows = parse(text, options)
    } catch {
      return [first, unmatched]
    }
    if (rows.length > 1 || text.includes(nul)) return [first, unmatched]
    const [found] = rows
    if (found === undefined) return [end]
    if (columns !== undefined && !fits(found, columns.length))
      return [first, `${found.length} columns where the first row names ${columns.length}`]
    take(found, number)
    return [end]
  }
}

const unmatched = 'not CSV: its quotes do not match'

/** Of a row that is longer than its header, the rest is empty. */
const fits = (row: readonly string[], width: number): boolean =>
  row.length === width || (row.length > width && row.slice(width).every((text) => text === ''))

const lineEnd = (bytes: Buffer, from: number): number => {
  const at = bytes.indexOf(newline, from)
  return at < 0 ? bytes.length : at + 1
}

function count(bytes: Buffer, byte: number): number {
  let found = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) found++
  return found
}

/** The end of the last line that ends outside of quotes, 0 if there is none. */
function lastRowEnd(bytes: Buffer): number {
  let isQuoted = count(bytes, quote) % 2 === 1
  for (let end = bytes.length; end > 0;) {
    const from = bytes.lastIndexOf(quote, end - 1)
    if (!isQuoted) {
      const at = bytes.subarray(from + 1, end).lastIndexOf(newline)
      if (at >= 0) return from + 1 + at + 1
    }
    isQuoted = !isQuoted
    end = from
  }
  return 0
}

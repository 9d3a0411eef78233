import { documentRows, longRow } from './json-record.ts'
import { longestRecord, type OnRow, type Reader } from './row.ts'

const [quote, backslash, newline, comma, colon] = [0x22, 0x5c, 0x0a, 0x2c, 0x3a]
const [openBrace, closeBrace, openBracket, closeBracket, space] = [0x7b, 0x7d, 0x5b, 0x5d, 0x20]
const wrappers = new Set(['value', 'records'])

/**
 * Reads JSON documents that go over many lines: an array of records, or objects that wrap one as `value` or `records`. Each record is
 * parsed by itself, so a log of any length takes no more memory than its longest record. A record that is broken costs that record,
 * unless a bracket is missing: then nobody can tell where the next begins, and the row says that it has no end.
 */
export function documentReader(onRow: OnRow): Reader {
  let number = 0
  let depth = 0
  /** What is open around the records: arrays of them, and objects of which one member is such an array. */
  let around: ('array' | 'wrapper')[] = []
  let isRecord = false
  /** Of an object that wraps records, another member. */
  let isBeside = false
  let isOther = false
  let kept: Buffer[] = []
  let keptBytes = 0
  let isText = false
  let isEscaped = false
  let lastText = ''
  let isMember = false

  function write(piece: Buffer): void {
    let from = 0 // of the record, in this piece
    let textFrom = 0
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote || byte === newline) {
          // A text never goes over the end of a line: this one is broken, and so is its record, but those after it are not.
          isText = false
          if (depth === around.length + 1) lastText = piece.toString('latin1', textFrom, at)
        }
        continue
      }
      if (byte <= space) {
        if (byte === newline && depth === 0) other()
        continue
      }
      if (byte === quote) {
        isText = true
        textFrom = at + 1
        isMember = false
      } else if (byte === colon) isMember = depth === around.length + 1
      else if (byte === openBracket || byte === openBrace) {
        if (isRecord) {
          if (byte === openBracket && isMember && !isBeside && wrappers.has(lastText)) {
            around.push('wrapper', 'array')
            isRecord = false
            forget()
            number--
          }
        } else if (around.at(-1) === 'wrapper' || byte === openBrace) {
          isBeside = around.at(-1) === 'wrapper'
          isRecord = true
          from = at
          if (!isBeside) number++
        } else around.push('array')
        depth++
        isMember = false
      } else if (byte === closeBracket || byte === closeBrace) {
        other()
        if (depth > 0) depth--
        if (isRecord && depth === around.length) {
          isRecord = false
          if (!isBeside) record(piece.subarray(from, at + 1))
        } else if (!isRecord) around = around.slice(0, depth)
      } else if (byte === comma) other()
      else isMember = false
      if (!isRecord && around.at(-1) !== 'wrapper' && !isBracketOrComma(byte)) isOther = true
    }
    if (isRecord && !isBeside) keep(piece.subarray(from))
  }

  const isBracketOrComma = (byte: number) =>
    byte === openBracket || byte === closeBracket || byte === closeBrace || byte === comma

  /** What stands where a record should, and is no object. */
  function other(): void {
    if (!isOther || isRecord) return
    isOther = false
    onRow({ number: ++number, unreadable: 'not an object' })
  }

  function forget(): void {
    kept = []
    keptBytes = 0
  }

  function keep(part: Buffer): void {
    keptBytes += part.length
    if (keptBytes > longestRecord) kept = []
    else kept.push(part)
  }

  function record(part: Buffer): void {
    keep(part)
    if (keptBytes > longestRecord) longRow(number, onRow)
    else documentRows(Buffer.concat(kept).toString('utf8'), number, onRow)
    forget()
  }

  return {
    write,
    end() {
      other()
      if (isRecord && !isBeside) onRow({ number, unreadable: 'broken off: it has no end' })
    },
  }
}

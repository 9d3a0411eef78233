import { documentRows, longRow } from './json-record.ts'
import { longestRecord, type OnRow, type Reader } from './row.ts'

const newline = 0x0a

/** Reads one JSON document a line. A line that is torn costs that line. */
export function lineReader(onRow: OnRow): Reader {
  let rest: Buffer[] = []
  let restBytes = 0
  let number = 1
  const line = (bytes: Buffer) => {
    if (restBytes + bytes.length > longestRecord) longRow(number, onRow)
    else {
      const text = (rest.length > 0 ? Buffer.concat([...rest, bytes]) : bytes).toString('utf8')
      if (text.trim() !== '') documentRows(text, number, onRow)
    }
    rest = []
    restBytes = 0
    number++
  }
  return {
    write(piece) {
      let from = 0
      for (let to = piece.indexOf(newline); to >= 0; to = piece.indexOf(newline, from)) {
        line(piece.subarray(from, to))
        from = to + 1
      }
      if (from === piece.length) return
      restBytes += piece.length - from
      if (restBytes > longestRecord) rest = []
      else rest.push(piece.subarray(from))
    },
    end() {
      if (restBytes > 0) line(Buffer.alloc(0))
    },
  }
}

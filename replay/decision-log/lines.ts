import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const pieceBytes = 1_048_576
/** No entry is longer: a body has at most a megabyte. What is goes on until the next newline, and counts as torn. */
const longestLine = 16 * pieceBytes
const newline = 0x0a

export type OnLine = (line: Buffer, number: number) => void

/**
 * Calls with each line of a file, packed or not, that is not empty; numbers count from 1. `read` is told of the bytes of each piece, before it is
 * unpacked. Returns whether all of it could be read: a packed file that is cut off has an end that can't. Rejects when it can't be read at all.
 */
export async function eachLine(
  file: string,
  onLine: OnLine,
  read: (bytes: number) => void = () => undefined,
): Promise<boolean> {
  const stream = createReadStream(file, { highWaterMark: pieceBytes })
  stream.on('data', (piece) => read(piece.length))
  const pieces = file.endsWith('.gz')
    ? stream.pipe(createGunzip({ chunkSize: pieceBytes }))
    : stream
  stream.on('error', (error) => pieces.destroy(error))
  let rest: Buffer = Buffer.alloc(0)
  let number = 1
  const line = (bytes: Buffer) => {
    if (bytes.length > 0) onLine(bytes, number)
    number++
  }
  try {
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      let from = 0
      const first = piece.indexOf(newline)
      if (rest.length > 0 && first >= 0) {
        line(Buffer.concat([rest, piece.subarray(0, first)]))
        from = first + 1
        rest = Buffer.alloc(0)
      }
      for (let to = piece.indexOf(newline, from); to >= 0; to = piece.indexOf(newline, from)) {
        line(piece.subarray(from, to))
        from = to + 1
      }
      const left = piece.subarray(from)
      if (rest.length < longestLine) rest = rest.length > 0 ? Buffer.concat([rest, left]) : left
    }
  } catch (error) {
    if (number === 1 && rest.length === 0) throw error
    if (rest.length > 0) line(rest)
    return false
  }
  if (rest.length > 0) line(rest)
  return true
}

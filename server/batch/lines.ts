import { afterBlanks } from './members.ts'

/** A line of a stream, and its place counted from 0, empty lines included. */
export type Line = { readonly index: number; readonly bytes: Uint8Array }

/** Lines that came in together; `tooLongAt` says which one after them is longer than the limit, and that it ends the stream. */
export type Lines = { readonly lines: readonly Line[]; readonly tooLongAt?: number }

/** Pieces that a line may lie in: each takes many times the byte that it may hold. */
const mostPieces = 64

/** The lines of a stream of bytes, as many at a time as came in together but at most `most`; empty ones are left out. */
export async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  most: number,
): AsyncGenerator<Lines> {
  let index = 0
  let pieces: Uint8Array[] = [] // of the line that has not ended yet
  let length = 0
  let lines: Line[] = []
  const end = (last: Uint8Array) => {
    const bytes = pieces.length === 0 ? last : Buffer.concat([...pieces, last])
    if (afterBlanks(bytes, 0) < bytes.length) lines.push({ index, bytes })
    index++
    pieces = []
    length = 0
  }
  for await (const part of body) {
    let from = 0
    for (;;) {
      const newline = part.indexOf(0x0a, from)
      const to = newline < 0 ? part.length : newline
      if (length + to - from > limit) {
        yield { lines, tooLongAt: index }
        return
      }
      if (newline < 0) break
      end(part.subarray(from, to))
      from = newline + 1
      if (lines.length < most) continue
      yield { lines }
      lines = []
    }
    if (from < part.length) pieces.push(part.subarray(from))
    if (pieces.length === mostPieces) pieces = [Buffer.concat(pieces)]
    length += part.length - from
    if (lines.length > 0) yield { lines }
    lines = []
  }
  end(nothing)
  if (lines.length > 0) yield { lines }
}

const nothing = new Uint8Array()

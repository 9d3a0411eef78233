/** How the text of a log is encoded: PowerShell writes UTF-16 where it is not told otherwise. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

export function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  if (head[1] === 0 && head[3] === 0 && head[0] !== 0) return 'utf-16le'
  if (head[0] === 0 && head[2] === 0 && head[1] !== 0) return 'utf-16be'
  return 'utf-8'
}

/** Pieces as UTF-8 without a byte order mark. */
export function inUtf8(encoding: Encoding): (piece: Buffer) => Buffer {
  if (encoding !== 'utf-8') {
    const decoder = new TextDecoder(encoding)
    return (piece) => Buffer.from(decoder.decode(piece, { stream: true }))
  }
  let isFirst = true
  return (piece) => {
    const hasMark = isFirst && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf
    isFirst = false
    return hasMark ? piece.subarray(3) : piece
  }
}

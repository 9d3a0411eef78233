/** Bytes that are written at once: few enough to be made between two turns, enough that a write costs little each. */
const pieceBytes = 131_072

/** Puts texts one after the other as UTF-8, into pieces of a bounded size. */
export function byteWriter() {
  let piece = Buffer.allocUnsafeSlow(pieceBytes)
  let from = 0 // what has not been taken yet
  let at = 0
  const full: Uint8Array[] = []
  return {
    write(text: string): void {
      const most = 3 * text.length
      if (at + most > piece.length) {
        full.push(piece.subarray(from, at))
        piece = Buffer.allocUnsafeSlow(Math.max(pieceBytes, most))
        from = at = 0
      }
      at += piece.write(text, at)
    },
    /** The pieces that are full. */
    full: (): readonly Uint8Array[] => full.splice(0),
    /** The piece that is not full, up to here. */
    rest(): Uint8Array {
      const rest = piece.subarray(from, at)
      from = at
      return rest
    },
  }
}

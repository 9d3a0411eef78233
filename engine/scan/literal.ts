/** ASCII text to be compared with bytes, four at a time. */
export type Literal = {
  readonly length: number
  readonly words: Int32Array
  /** What is left over, and which of its bits count. */
  readonly rest: number
  readonly mask: number
}

/** Undefined for what JSON may write in more than one way, or not at all in ASCII. */
export function literalOf(text: string): Literal | undefined {
  if (!/^[ -~]*$/.test(text)) return undefined
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0))
  const whole = bytes.length >> 2
  const view = new DataView(Uint8Array.from([...bytes, 0, 0, 0, 0]).buffer)
  const mask = (1 << (8 * (bytes.length & 3))) - 1
  return {
    length: bytes.length,
    words: Int32Array.from({ length: whole }, (_, word) => view.getInt32(4 * word, true)),
    rest: view.getInt32(4 * whole, true) & mask,
    mask,
  }
}

/** Whether the literal stands at that place; up to three bytes behind it are read too. */
export function standsAt({ words, rest, mask }: Literal, view: DataView, at: number): boolean {
  let place = at
  for (let word = 0; word < words.length; word++, place += 4)
    if (view.getInt32(place, true) !== words[word]) return false
  return mask === 0 || (view.getInt32(place, true) & mask) === rest
}

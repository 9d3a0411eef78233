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

/** How long one of some texts is, by its number, if it stands at that place; else 0. */
export type LengthAt = (number: number, view: DataView, at: number) => number

/** The same comparisons as code, in which the texts are constants; for texts that are known before any bytes are. */
export function lengthAt(texts: readonly string[]): LengthAt {
  const cases = texts.flatMap((text, number) => {
    const literal = literalOf(text)
    if (literal === undefined) return []
    const { words, rest, mask, length } = literal
    const read = (word: number) => `view.getInt32(at + ${4 * word}, true)`
    const stands = [
      ...Array.from(words, (value, word) => `${read(word)} === ${value}`),
      ...(mask === 0 ? [] : [`(${read(words.length)} & ${mask}) === ${rest}`]),
    ]
    return [`case ${number}: return ${stands.join(' && ')} ? ${length} : 0`]
  })
  const source = `'use strict'; switch (number) {\n${cases.join('\n')}\n}\nreturn 0`
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('number', 'view', 'at', source) as LengthAt
}

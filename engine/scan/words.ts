/**
 * Finds which of some words stands in bytes, as its number, or -1: by a few of its bytes that tell the words apart, and then by all of
 * them. Words are ASCII; one that is not is never found.
 */
export type FindWord = (bytes: Uint8Array, start: number, end: number) => number

/** How many times as large as the words are many the table may be, and how many mixtures are tried for each size. */
const [mostRoom, mixtures] = [64, 512]

export function wordFinder(words: readonly string[]): FindWord {
  const spelt: readonly Uint8Array[] = words.map((word) =>
    Uint8Array.from(word, (char) => char.charCodeAt(0)),
  )
  const found = placed(spelt.filter((_, word) => isAscii(words[word]!)))
  if (found === undefined)
    return (bytes, start, end) =>
      spelt.findIndex((word, number) => isAscii(words[number]!) && stands(word, bytes, start, end))
  const { table, factor, mask } = found
  const numbers = new Map(spelt.map((bytes, number) => [bytes, number]))
  const places = table.map((bytes) => (bytes === undefined ? -1 : numbers.get(bytes)!))
  return (bytes, start, end) => {
    const number = places[placeOf(bytes, start, end, factor) & mask]!
    return number >= 0 && stands(spelt[number]!, bytes, start, end) ? number : -1
  }
}

function stands(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (word.length !== end - start) return false
  for (let at = 0; at < word.length; at++) if (word[at] !== bytes[start + at]) return false
  return true
}

/** A table in which every word has a place of its own; undefined where the bytes looked at do not tell them apart. */
function placed(words: readonly Uint8Array[]) {
  for (let room = 2; room <= mostRoom; room *= 2) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(words.length, 1) * room))
    for (let mixture = 1; mixture <= mixtures; mixture++) {
      const factor = Math.imul(mixture, 0x9e3779b1) | 1
      const table: (Uint8Array | undefined)[] = Array.from({ length: size })
      const fits = words.every((word) => {
        const place = placeOf(word, 0, word.length, factor) & (size - 1)
        if (table[place] !== undefined) return false
        table[place] = word
        return true
      })
      if (fits) return { table, factor, mask: size - 1 }
    }
  }
  return undefined
}

/** Mixes length, first, middle, and last two bytes. */
function placeOf(bytes: Uint8Array, start: number, end: number, factor: number): number {
  const length = end - start
  if (length === 0) return 0
  const mixed =
    length ^
    (bytes[start]! << 5) ^
    (bytes[start + (length >> 1)]! << 10) ^
    (bytes[end - 1]! << 16) ^
    (bytes[start + length - (length > 1 ? 2 : 1)]! << 21)
  const spread = Math.imul(mixed, factor)
  return spread ^ (spread >>> 15)
}

const isAscii = (word: string) => /^[ -~]*$/.test(word) && !/["\\]/.test(word)

/** Sets of clauses, as bits of 32-bit words. */
export type Bits = Int32Array

export const wordsFor = (size: number): number => Math.ceil(size / 32)

export function fullBits(size: number): Bits {
  const bits = new Int32Array(wordsFor(size)).fill(-1)
  if (size % 32 > 0) bits[bits.length - 1] = 2 ** (size % 32) - 1
  return bits
}

export function add(bits: Bits, clauses: Iterable<number>): void {
  for (const clause of clauses) bits[clause >> 5]! |= 1 << (clause & 31)
}

export function remove(bits: Bits, clauses: Iterable<number>): void {
  for (const clause of clauses) bits[clause >> 5]! &= ~(1 << (clause & 31))
}

export function keepOnly(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at++) bits[at]! &= others[at]!
}

/** Which words have bits at all: so that 32 empty words are passed over as one. */
export function liveWords(bits: Bits): Bits {
  const live = new Int32Array(wordsFor(bits.length))
  for (let word = 0; word < bits.length; word++)
    if (bits[word] !== 0) live[word >> 5]! |= 1 << (word & 31)
  return live
}

/** The number of the lowest bit that is set; there must be one. */
export const lowest = (word: number): number => 31 - Math.clz32(word & -word)

/** A set of numbers below `size` that is filled in any order and taken out in theirs, at the price of what is in it. */
export function markable(size: number) {
  const bits = new Int32Array(wordsFor(size))
  const live = new Int32Array(wordsFor(bits.length))
  return {
    add: (number: number): void => {
      bits[number >> 5]! |= 1 << (number & 31)
      live[number >> 10]! |= 1 << ((number >> 5) & 31)
    },
    /** Empties the set into `numbers`, and says how many there were. */
    take: (numbers: Int32Array): number => {
      let count = 0
      for (let block = 0; block < live.length; block++) {
        for (let words = live[block]!; words !== 0; words &= words - 1) {
          const word = block * 32 + lowest(words)
          for (let left = bits[word]!; left !== 0; left &= left - 1)
            numbers[count++] = word * 32 + lowest(left)
          bits[word] = 0
        }
        live[block] = 0
      }
      return count
    },
  }
}

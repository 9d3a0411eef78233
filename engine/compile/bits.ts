/** Sets of clauses, as bits of 32-bit words, or as a list of their numbers where they are few. */
export type Bits = Int32Array

export const wordsFor = (size: number): number => Math.ceil(size / 32)

export function fullBits(size: number): Bits {
  const bits = new Int32Array(wordsFor(size)).fill(-1)
  if (size % 32 > 0) bits[bits.length - 1] = 2 ** (size % 32) - 1
  return bits
}

/** `words` when it takes more than to go through a list. */
export type Selection = { readonly words: Bits | undefined; readonly ids: Int32Array }

export function selectionOf(ids: readonly number[], words: number): Selection {
  if (ids.length <= words / 2) return { words: undefined, ids: Int32Array.from(ids) }
  const bits = new Int32Array(words)
  for (const id of ids) bits[id >> 5]! |= 1 << (id & 31)
  return { words: bits, ids: none }
}

const none = new Int32Array(0)

export function add(bits: Bits, { words, ids }: Selection): void {
  if (words !== undefined) for (let at = 0; at < bits.length; at++) bits[at]! |= words[at]!
  for (let at = 0; at < ids.length; at++) bits[ids[at]! >> 5]! |= 1 << (ids[at]! & 31)
}

export function remove(bits: Bits, { words, ids }: Selection): void {
  if (words !== undefined) for (let at = 0; at < bits.length; at++) bits[at]! &= ~words[at]!
  for (let at = 0; at < ids.length; at++) bits[ids[at]! >> 5]! &= ~(1 << (ids[at]! & 31))
}

export function keepOnly(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at++) bits[at]! &= others[at]!
}

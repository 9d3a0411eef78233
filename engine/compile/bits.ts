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

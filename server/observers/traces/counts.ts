/** What became of spans. */
export const fates = ['sent', 'failed', 'dropped'] as const
export type Fate = (typeof fates)[number]

/** Numbers of spans in memory that all threads share, a row a listener. */
export const newCounts = (listeners: number): SharedArrayBuffer =>
  new SharedArrayBuffer(listeners * fates.length * Float64Array.BYTES_PER_ELEMENT)

export const rowOf = (memory: SharedArrayBuffer, listener: number): Float64Array =>
  new Float64Array(memory, listener * fates.length * Float64Array.BYTES_PER_ELEMENT, fates.length)

export function sumOf(memory: SharedArrayBuffer, fate: Fate): number {
  const all = new Float64Array(memory)
  let sum = 0
  for (let at = fates.indexOf(fate); at < all.length; at += fates.length) sum += all[at]!
  return sum
}

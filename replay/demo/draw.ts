/** Numbers that look drawn and are the same every time (mulberry32). */
export function drawer(seed: number) {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(fraction() * count)
  return {
    below,
    chance: (of: number): boolean => fraction() < of,
    of: <T>(list: readonly T[]): T => list[below(list.length)]!,
    /** An id of the usual form. */
    id: (): string => {
      const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join('')
      return [0, 8, 12, 16, 20].map((from, at, all) => hex.slice(from, all[at + 1])).join('-')
    },
  }
}
export type Draw = ReturnType<typeof drawer>

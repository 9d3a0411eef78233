export type Random = {
  /** A number from 0 to below 1. */
  readonly unit: () => number
  /** A whole number from 0 to `count` - 1. */
  readonly below: (count: number) => number
  readonly chance: (share: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T
  /** From `least` to `most` different members. */
  readonly some: <T>(list: readonly T[], least: number, most: number) => readonly T[]
  readonly shuffled: <T>(list: readonly T[]) => readonly T[]
}

/** The same numbers for the same seed, on every machine: mulberry32, 32 bits of state. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  const pick = <T>(list: readonly T[]) => list[below(list.length)]!
  return {
    unit: next,
    below,
    chance: (share) => next() < share,
    pick,
    some: (list, least, most) => {
      const wanted = least + below(most - least + 1)
      const found = new Set<(typeof list)[number]>()
      while (found.size < wanted) found.add(pick(list))
      return [...found]
    },
    shuffled: (list) => {
      const all = [...list]
      for (let at = all.length - 1; at > 0; at--) {
        const other = below(at + 1)
        ;[all[at], all[other]] = [all[other]!, all[at]!]
      }
      return all
    },
  }
}

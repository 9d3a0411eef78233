/**
 * Numbers of one thread by names that are not known beforehand, such as those of rules, in memory that all threads can read. A name
 * keeps its place for as long as the service runs, whichever rule set decides, so that no count ever goes down; and what is there
 * when the thread is lost is gone on with by the one that takes its place.
 */
export type NamedCounts = {
  /** Counts one by the name, behind what `prefix` says. Where there is no place left for another name, nothing is counted. */
  readonly counter: (prefix?: string) => (name: string) => void
  /** The same for lists whose names mostly come in one order: each is looked for behind the one before, which costs a fraction. */
  readonly orderly: (
    order: readonly string[],
  ) => (items: readonly { readonly fact: string }[]) => void
  readonly all: () => ReadonlyMap<string, number>
  /** Whether a name has found no place. */
  readonly isFull: () => boolean
}

/** How many names there are places for, an even number, and bytes for all of them. */
export type Room = { readonly names: number; readonly bytes: number }

const headBytes = 8

/** Bytes of memory that they take, a multiple of eight. */
export const bytesFor = ({ names, bytes }: Room): number => headBytes + names * 12 + bytes

export function namedCounts(
  memory: SharedArrayBuffer,
  offset: number,
  { names: most, bytes }: Room,
): NamedCounts {
  const [placed, full] = [0, 1]
  const head = new Int32Array(memory, offset, 2)
  const counts = new Float64Array(memory, offset + headBytes, most)
  const ends = new Uint32Array(memory, offset + headBytes + most * 8, most)
  const texts = new Uint8Array(memory, offset + headBytes + most * 12, bytes)
  const known = new Map<string, number>()

  /** All that have a place; one that was being given its place when the thread was lost has none. */
  function places(): ReadonlyMap<string, number> {
    const count = Atomics.load(head, placed)
    while (known.size < count) {
      const from = known.size === 0 ? 0 : ends[known.size - 1]!
      known.set(Buffer.from(texts.slice(from, ends[known.size])).toString(), known.size)
    }
    return known
  }

  function placeOf(name: string): number | undefined {
    const place = places().get(name)
    if (place !== undefined || head[full]! > 0) return place
    const text = Buffer.from(name)
    const next = head[placed]!
    const from = next === 0 ? 0 : ends[next - 1]!
    if (next === most || from + text.length > bytes) {
      head[full] = 1
      return undefined
    }
    texts.set(text, from)
    ends[next] = from + text.length
    Atomics.store(head, placed, next + 1)
    return next
  }

  function counter(prefix = '') {
    const found = new Map<string, number>()
    return (name: string): void => {
      let place = found.get(name)
      if (place === undefined) {
        place = placeOf(prefix + name)
        if (place === undefined) return
        found.set(name, place)
      }
      counts[place]!++
    }
  }

  function orderly(order: readonly string[]) {
    const one = counter()
    const placesInOrder = order.map((): number | undefined => undefined)
    return (items: readonly { readonly fact: string }[]): void => {
      let next = 0
      for (let at = 0; at < items.length; at++) {
        const name = items[at]!.fact
        let here = next
        while (here < order.length && order[here] !== name) here++
        if (here === order.length) {
          one(name)
          continue
        }
        next = here + 1
        const place = (placesInOrder[here] ??= placeOf(name))
        if (place !== undefined) counts[place]!++
      }
    }
  }

  return {
    counter,
    orderly,
    all: () => new Map(Array.from(places(), ([name, place]) => [name, counts[place]!])),
    isFull: () => head[full]! > 0,
  }
}

/** The sums over all threads. */
export function sumOfNamed(rows: readonly NamedCounts[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows)
    for (const [name, count] of row.all()) sums.set(name, (sums.get(name) ?? 0) + count)
  return sums
}

/** Above this many texts a table is looked up; up to it comparing with one after the other is as fast. */
export const fewTexts = 3

/**
 * JavaScript for a function of an array: bit n tells whether some member is one of the texts of list n. No bits for what is
 * no array, as for json-rules-engine's `someFact`.
 *
 * Where there are more than a few texts it reads some characters, which tell these apart, and compares with the one text
 * that has those: a long id then need not be hashed as a whole, which costs more than all the rest when the text was just
 * parsed.
 */
export const membersMask = (lists: readonly (readonly string[])[]): string =>
  maskFunction(
    lists,
    (look) => `(list) => {
let mask = 0
if (Array.isArray(list)) for (let at = 0; at < list.length; at++) { const x = list[at]; ${look} }
return mask }`,
  )

/** The same of a single value: bit n tells whether it is one of the texts of list n. */
export const valueMask = (lists: readonly (readonly string[])[]): string =>
  maskFunction(lists, (look) => `(x) => { let mask = 0; ${look}; return mask }`)

/** `around` makes a function of statements that add the bits of the text `x` to `mask`. */
function maskFunction(
  lists: readonly (readonly string[])[],
  around: (look: string) => string,
): string {
  const bits = new Map<string, number>()
  lists.forEach((list, index) => {
    for (const text of list) bits.set(text, (bits.get(text) ?? 0) | (2 ** index))
  })
  if (bits.size <= fewTexts) {
    const looks = [...bits].map(
      ([text, bit]) => `if (x === ${JSON.stringify(text)}) mask |= ${bit}`,
    )
    return around(looks.join('\nelse '))
  }
  const hash = hashOf([...bits.keys()])
  if (hash === undefined)
    return `(() => { const bits = new Map(${JSON.stringify([...bits])}); return ${around('mask |= bits.get(x) ?? 0')} })()`
  const bitsBySlot = JSON.stringify(hash.table.map((text) => bits.get(text ?? '') ?? 0))
  const look = `if (typeof x === 'string') { const slot = ${slotOf(hash)}; if (table[slot] === x) mask |= bits[slot] }`
  return `(() => { const table = ${tableOf(hash)}, bits = ${bitsBySlot}; return ${around(look)} })()`
}

type PerfectHash = {
  /** Where the characters stand that are read. */
  readonly places: readonly number[]
  readonly factor: number
  /** At each slot the text that belongs there; the number of slots is a power of two. */
  readonly table: readonly (string | undefined)[]
}

/** Multiplying by it spreads the bits of what differs little (Knuth's multiplicative hashing: 2^32 ÷ the golden ratio). */
const golden = 0x9e3779b1
const mostFactors = 16
const mostPlaces = 700

const slotOf = ({ places, factor, table }: PerfectHash) => {
  const read = places.map((place, index) => `x.charCodeAt(${place}) << ${8 * index}`)
  return `Math.imul(${read.join(' | ')}, ${factor}) >>> ${Math.clz32(table.length - 1)}`
}

const tableOf = ({ table }: PerfectHash) =>
  `[${table.map((text) => (text === undefined ? 'null' : JSON.stringify(text))).join(', ')}]`

const hashes = new Map<string, PerfectHash | undefined>()
const mostHashes = 32

/** Looking for one takes milliseconds, and the rule sets of a self-test, or the next one, have the same lists. */
function hashOf(texts: readonly string[]): PerfectHash | undefined {
  const key = JSON.stringify(texts)
  if (hashes.has(key)) return hashes.get(key)
  if (hashes.size === mostHashes) hashes.clear()
  const hash = perfectHash(texts)
  hashes.set(key, hash)
  return hash
}

/** As few characters as tell these texts apart, and a factor that gives each a slot of its own among 16 for each text. */
function perfectHash(texts: readonly string[]): PerfectHash | undefined {
  const length = Math.max(...texts.map((text) => text.length))
  for (const places of placesIn(length)) {
    const keys = texts.map((text) =>
      places.reduce((key, place, index) => key | (text.charCodeAt(place) << (8 * index)), 0),
    )
    if (new Set(keys).size < keys.length) continue
    for (let size = 2 ** Math.ceil(Math.log2(texts.length)); size <= 16 * texts.length; size *= 2)
      for (let turn = 0; turn < mostFactors; turn++) {
        const factor = golden + 2 * turn
        const slots = keys.map((key) => Math.imul(key, factor) >>> Math.clz32(size - 1))
        if (new Set(slots).size < slots.length) continue
        const table = Array.from<string | undefined>({ length: size })
        slots.forEach((slot, index) => {
          table[slot] = texts[index]
        })
        return { places, factor, table }
      }
  }
  return undefined
}

/** Single places, then pairs, then some triples: multiples of primes visit all places without a random generator. */
function* placesIn(length: number): Generator<readonly number[]> {
  const most = Math.min(length, 64)
  for (let first = 0; first < most; first++) yield [first]
  let pairs = 0
  for (let first = 0; first < most; first++)
    for (let second = 0; second < first && pairs < mostPlaces; second++, pairs++)
      yield [second, first]
  for (let turn = 0; turn < mostPlaces; turn++)
    yield [(turn * 7) % length, (turn * 13 + 1) % length, (turn * 29 + 2) % length]
}

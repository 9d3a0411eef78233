/** Above this many values a table is looked up; below it comparing one after the other is as fast. */
const fewValues = 3

/**
 * JavaScript for a function that tells whether `x` is one of these texts. For longer lists it reads three characters, which
 * tell the listed texts apart, and compares with the one text that has those: a long id then need not be hashed as a whole,
 * which costs more than all the rest when the text was just parsed.
 */
export function memberOf(texts: readonly string[]): string {
  const quoted = texts.map((text) => JSON.stringify(text))
  if (texts.length <= fewValues)
    return `(x) => ${quoted.map((value) => `x === ${value}`).join(' || ')}`
  const hash = perfectHash([...new Set(texts)])
  if (hash === undefined)
    return `(() => { const set = new Set([${quoted.join(', ')}]); return (x) => set.has(x) })()`
  return `(() => { const table = ${tableOf(hash)}; return (x) => typeof x === 'string' && table[${slotOf(hash)}] === x })()`
}

/**
 * JavaScript for a function of an array: bit n tells whether some member is one of the texts of list n. False for what is
 * no array, as for json-rules-engine's `someFact`.
 */
export function listsMask(lists: readonly (readonly string[])[]): string {
  const bits = new Map<string, number>()
  lists.forEach((list, index) => {
    for (const text of list) bits.set(text, (bits.get(text) ?? 0) | (2 ** index))
  })
  const hash = perfectHash([...bits.keys()])
  const [made, found] =
    hash === undefined
      ? [`const bits = new Map(${JSON.stringify([...bits])})`, 'mask |= bits.get(x) ?? 0']
      : [
          `const table = ${tableOf(hash)}, bits = ${JSON.stringify(hash.table.map((text) => bits.get(text ?? '') ?? 0))}`,
          `if (typeof x === 'string') { const slot = ${slotOf(hash)}; if (table[slot] === x) mask |= bits[slot] }`,
        ]
  return `(() => { ${made}; return (list) => {
let mask = 0
if (Array.isArray(list)) for (let at = 0; at < list.length; at++) { const x = list[at]; ${found} }
return mask } })()`
}

type PerfectHash = {
  readonly at: readonly [number, number, number]
  /** At each slot the text that belongs there. */
  readonly table: readonly (string | undefined)[]
}

const factors = [31, 961] as const
const mostTries = 150

const slotOf = ({ at: [first, second, third], table }: PerfectHash) =>
  `(x.charCodeAt(${first}) + x.charCodeAt(${second}) * ${factors[0]} + x.charCodeAt(${third}) * ${factors[1]}) & ${table.length - 1}`

const tableOf = ({ table }: PerfectHash) =>
  `[${table.map((text) => (text === undefined ? 'null' : JSON.stringify(text))).join(', ')}]`

/** Three places whose characters give each text a slot of its own in a table of up to 8 times their number. */
function perfectHash(texts: readonly string[]): PerfectHash | undefined {
  const length = Math.max(...texts.map((text) => text.length))
  for (let size = 2 ** Math.ceil(Math.log2(texts.length)); size <= 8 * texts.length; size *= 2) {
    for (let turn = 0; turn < mostTries; turn++) {
      // Multiples of primes visit all places without a random generator.
      const at = [(turn * 7) % length, (turn * 13 + 1) % length, (turn * 29 + 2) % length] as const
      const table = fill(texts, at, size)
      if (table !== undefined) return { at, table }
    }
  }
  return undefined
}

function fill(texts: readonly string[], at: PerfectHash['at'], size: number) {
  const table = Array.from<string | undefined>({ length: size })
  for (const text of texts) {
    const [first, second, third] = at.map((place) => text.charCodeAt(place))
    const slot = (first! + second! * factors[0] + third! * factors[1]) & (size - 1)
    if (table[slot] !== undefined) return undefined
    table[slot] = text
  }
  return table
}

/** Above this many values a table is looked up; below it comparing one after the other is as fast. */
const fewValues = 3

/**
 * JavaScript for "`x` is one of these texts", as the source of a function's body. For longer lists it reads three
 * characters, which tell the listed texts apart, and compares with the one text that has those: a long id then need not be
 * hashed as a whole, which costs more than all the rest when the text was just parsed.
 */
export function membershipSource(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value))
  if (values.length <= fewValues)
    return `return ${quoted.map((value) => `x === ${value}`).join(' || ')}`
  const hash = perfectHash(values)
  if (hash === undefined) return `return set.has(x)\nconst set = new Set([${quoted.join(', ')}])`
  const { at, mask, table } = hash
  const [first, second, third] = at
  const entries = table.map((value) => (value === undefined ? 'null' : JSON.stringify(value)))
  return [
    `return typeof x === 'string' && table[(x.charCodeAt(${first}) + x.charCodeAt(${second}) * ${factors[0]} + x.charCodeAt(${third}) * ${factors[1]}) & ${mask}] === x`,
    `const table = [${entries.join(', ')}]`,
  ].join('\n')
}

type PerfectHash = {
  readonly at: readonly [number, number, number]
  readonly mask: number
  /** At each hash the text that has it. */
  readonly table: readonly (string | undefined)[]
}

const factors = [31, 961] as const
const mostTries = 150

/** Three places whose characters give each text a slot of its own in a table of up to 8 times their number. */
function perfectHash(values: readonly string[]): PerfectHash | undefined {
  const length = Math.max(...values.map((value) => value.length))
  for (let size = 2 ** Math.ceil(Math.log2(values.length)); size <= 8 * values.length; size *= 2) {
    for (let turn = 0; turn < mostTries; turn++) {
      // Multiples of primes visit all places without a random generator.
      const at = [(turn * 7) % length, (turn * 13 + 1) % length, (turn * 29 + 2) % length] as const
      const table = fill(values, at, size - 1)
      if (table !== undefined) return { at, mask: size - 1, table }
    }
  }
  return undefined
}

function fill(
  values: readonly string[],
  at: PerfectHash['at'],
  mask: number,
): readonly (string | undefined)[] | undefined {
  const table = Array.from<string | undefined>({ length: mask + 1 })
  for (const value of values) {
    const [first, second, third] = at.map((place) => value.charCodeAt(place))
    const slot = (first! + second! * factors[0] + third! * factors[1]) & mask
    if (table[slot] !== undefined) return undefined
    table[slot] = value
  }
  return table
}

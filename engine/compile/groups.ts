import type { SignIn } from '../facts.ts'
import { fullBits, liveWords, wordsFor, type Bits } from './bits.ts'
import type { Column } from './columns.ts'
import { generate } from './emit.ts'

/** Columns that are looked up as one. */
export type Group = {
  readonly columns: readonly Column[]
  /** Combinations of the classes of their facts. */
  readonly classes: number
}

/** Finds what the facts of a sign-in leave possible, as sets of clauses that must all be intersected. */
export type Narrowing = {
  readonly groups: readonly Group[]
  /** By group, the class of the facts of the sign-in that was classified last. */
  readonly keys: readonly number[]
  /** Works out `keys`; false where a value has no class. */
  readonly classify: (signIn: SignIn) => boolean
  /** For the sign-in that was classified last: one set a group, until the next one. */
  readonly narrow: (signIn: SignIn) => void
  readonly clauses: Bits[]
  /** For each set which of its words have bits at all. */
  readonly live: Bits[]
}

type Kept = { readonly clauses: Bits; readonly live: Bits }

/** Combinations of classes that a group of several columns may have. */
const mostCombinations = 1_024
/** Sets of clauses kept by all groups together, in words of four bytes: 64 MB. */
const mostWordsKept = 16_777_216

/** What is left of the clauses by each group of columns is kept by the classes of their facts. `size` counts the clauses. */
export function narrowing(columns: readonly Column[], size: number): Narrowing {
  const groups = grouped(columns)
  const mostKept = shares(groups, Math.floor(mostWordsKept / (wordsFor(size) + 1)))
  const kept = groups.map(() => new Map<number, Kept>())
  const keys = groups.map(() => 0)
  const classify = keyMaker(groups, keys)
  // Without any column all clauses are possible.
  const clauses = [fullBits(size)]
  const live = [liveWords(clauses[0]!)]
  return { groups, keys, classify, narrow, clauses, live }

  function narrow(signIn: SignIn): void {
    for (let at = 0; at < keys.length; at++) {
      const found = kept[at]!.get(keys[at]!) ?? left(at, signIn)
      clauses[at] = found.clauses
      live[at] = found.live
    }
  }

  function left(at: number, signIn: SignIn): Kept {
    const clauses = fullBits(size)
    for (const column of groups[at]!.columns) column.narrow(signIn, clauses)
    const found = { clauses, live: liveWords(clauses) }
    if (kept[at]!.size === mostKept[at]) kept[at]!.clear()
    kept[at]!.set(keys[at]!, found)
    return found
  }
}

const leastKept = 16

/** How many sets each group may keep: all of its classes where they are few; the others share what is left. */
function shares(groups: readonly Group[], most: number): readonly number[] {
  const even = most / groups.length
  const few = groups.filter(({ classes }) => classes <= even)
  const left = most - few.reduce((sum, { classes }) => sum + classes, 0)
  const share = Math.max(leastKept, Math.floor(left / (groups.length - few.length)))
  return groups.map(({ classes }) => (classes <= even ? classes : share))
}

/** A function that puts the classes of a sign-in's facts into `keys`, by group; false where a value has no class. */
function keyMaker(groups: readonly Group[], keys: number[]): (signIn: SignIn) => boolean {
  const terms = groups.flatMap(({ columns }) =>
    columns.flatMap(({ by }) => ('term' in by ? [by.term] : [])),
  )
  return generate(terms, ({ nameOf, factName, valueName }) => {
    const all = valueName(keys)
    let names = 0
    const lines = groups.flatMap(({ columns }, at) => {
      const classes: string[] = []
      const combined = columns.map(({ by, classes: count }) => {
        if ('term' in by) return { name: nameOf(by.term), count }
        const name = `class${names++}`
        classes.push(`const ${name} = ${valueName(by.classOf)}(${factName(by.fact)})`)
        classes.push(`if (${name} === undefined) return false`)
        return { name, count }
      })
      const key = combined.reduce(
        (before, { name, count }) => (before === '' ? name : `(${before}) * ${count} + ${name}`),
        '',
      )
      return [...classes, `${all}[${at}] = ${key}`]
    })
    return `${lines.join('\n')}\nreturn true`
  }) as (signIn: SignIn) => boolean
}

/** Puts columns with few classes together, as long as they have not too many combinations; what rules out most comes first. */
function grouped(columns: readonly Column[]): readonly Group[] {
  const groups: { columns: Column[]; classes: number }[] = []
  for (const column of columns.toSorted((a, b) => a.classes - b.classes)) {
    const last = groups.at(-1)
    if (last !== undefined && last.classes * column.classes <= mostCombinations) {
      last.columns.push(column)
      last.classes *= column.classes
    } else groups.push({ columns: [column], classes: column.classes })
  }
  const rulesOut = ({ columns }: Group) => Math.max(...columns.map((column) => column.rulesOut))
  return groups.sort((a, b) => rulesOut(b) - rulesOut(a))
}

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
  /** One set a group, until the next sign-in; false where a column can't judge. */
  readonly narrow: (signIn: SignIn) => boolean
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
  const mostKept = Math.max(16, Math.floor(mostWordsKept / (groups.length * wordsFor(size) + 1)))
  const kept = groups.map(() => new Map<Key, Kept>())
  const keys: Key[] = groups.map(() => 0)
  const keysOf = keyMaker(groups, keys)
  // Without any column all clauses are possible.
  const clauses = [fullBits(size)]
  const live = [liveWords(clauses[0]!)]
  return { groups, narrow, clauses, live }

  function narrow(signIn: SignIn): boolean {
    if (!keysOf(signIn)) return false
    for (let at = 0; at < keys.length; at++) {
      const found = kept[at]!.get(keys[at]!) ?? left(at, signIn)
      clauses[at] = found.clauses
      live[at] = found.live
    }
    return true
  }

  function left(at: number, signIn: SignIn): Kept {
    const clauses = fullBits(size)
    for (const column of groups[at]!.columns) column.narrow(signIn, clauses)
    const found = { clauses, live: liveWords(clauses) }
    if (kept[at]!.size === mostKept) kept[at]!.clear()
    kept[at]!.set(keys[at]!, found)
    return found
  }
}

type Key = number | string

/** A function that puts the classes of a sign-in's facts into `keys`, by group; false where a value has no class. */
function keyMaker(groups: readonly Group[], keys: Key[]): (signIn: SignIn) => boolean {
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

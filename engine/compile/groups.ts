import type { SignIn } from '../facts.ts'
import { fullBits, liveWords, wordsFor, type Bits } from './bits.ts'
import type { Column } from './columns.ts'

/** Columns that are looked up as one: the clauses left by all of them are kept by the classes of their facts. */
export type Group = {
  readonly columns: readonly Column[]
  /** The clauses that these facts leave possible; undefined where a column can't judge. */
  readonly possible: (signIn: SignIn) => Possible | undefined
}

/** Not to be changed: it is kept. */
export type Possible = { readonly clauses: Bits; readonly live: Bits }

export const possible = (clauses: Bits): Possible => ({ clauses, live: liveWords(clauses) })

/** Combinations of classes that a group of several columns may have. */
const mostCombinations = 1_024
/** Sets of clauses kept by all groups together, in words of four bytes: 32 MB. */
const mostWordsKept = 8_388_608

/** Puts columns with few classes together, as long as all combinations of their classes can be kept; those that rule out most first. */
export function grouped(columns: readonly Column[], size: number): readonly Group[] {
  const groups: { readonly columns: Column[]; combinations: number }[] = []
  for (const column of columns.toSorted((a, b) => a.classes - b.classes)) {
    const last = groups.at(-1)
    if (last !== undefined && last.combinations * column.classes <= mostCombinations) {
      last.columns.push(column)
      last.combinations *= column.classes
    } else groups.push({ columns: [column], combinations: column.classes })
  }
  const mostKept = Math.max(16, Math.floor(mostWordsKept / (groups.length * wordsFor(size) + 1)))
  const rulesOut = ({ columns }: { readonly columns: readonly Column[] }) =>
    Math.max(...columns.map((column) => column.rulesOut))
  return groups
    .sort((a, b) => rulesOut(b) - rulesOut(a))
    .map(({ columns }) => groupOf(columns, size, mostKept))
}

function groupOf(columns: readonly Column[], size: number, mostKept: number): Group {
  const kept = new Map<number | string, Possible>()
  const [only, second] = columns
  return { columns, possible: only !== undefined && second === undefined ? ofOne(only) : ofSeveral }

  function ofOne({ classOf }: Column) {
    return (signIn: SignIn): Possible | undefined => {
      const key = classOf(signIn)
      return key === undefined ? undefined : (kept.get(key) ?? narrowed(key, signIn))
    }
  }

  function ofSeveral(signIn: SignIn): Possible | undefined {
    let key = 0
    for (let at = 0; at < columns.length; at++) {
      const own = columns[at]!.classOf(signIn)
      if (own === undefined) return undefined
      key = key * columns[at]!.classes + (own as number)
    }
    return kept.get(key) ?? narrowed(key, signIn)
  }

  function narrowed(key: number | string, signIn: SignIn): Possible {
    const clauses = fullBits(size)
    for (const column of columns) column.narrow(signIn, clauses)
    if (kept.size === mostKept) kept.clear()
    const left = possible(clauses)
    kept.set(key, left)
    return left
  }
}

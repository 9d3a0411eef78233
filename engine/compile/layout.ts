import type { Clause, Literal } from './clauses.ts'
import { formOf, type Form } from './forms.ts'

/** The literal of one clause on the fact of a column. */
export type Entry = { readonly clause: number; readonly form: Form }

/** Clauses of all rules, numbered so that those that are met together stand together. */
export type Layout = {
  /** The rule of each clause, by the number of the clause. */
  readonly rules: readonly number[]
  /** Literals by the fact that they are on; those on its members apart. */
  readonly facts: readonly FactEntries[]
  /** What each clause asks of several facts, or in no form that a column knows. */
  readonly others: readonly Clause[]
}

export type FactEntries = {
  readonly fact: string
  readonly onMembers: boolean
  readonly entries: readonly Entry[]
  /** How many clauses it takes out, were all values alike likely. */
  readonly rulesOut: number
}

/** A clause, with its literals by the column that they belong to. */
type Open = {
  readonly rule: number
  readonly forms: readonly Placed[]
  readonly others: Clause
  /** Where it stands among the others: by the column that rules it out most often, and the value that it wants there. */
  readonly place: readonly [column: number, value: number]
}
type Placed = { readonly column: ColumnKey; readonly form: Form }
type ColumnKey = { readonly fact: string; readonly onMembers: boolean; readonly forms: Form[] }

/** Clauses may become so many times more by being taken apart by values. */
const mostGrowth = 4

/**
 * A clause that wants one of several values becomes one for each of them, and clauses that want the same value stand side
 * by side: what a sign-in meets then lies in few words of memory, and all others are passed over many at a time.
 */
export function layOut(clausesOfRules: readonly (readonly Clause[])[]): Layout {
  const columns = new Map<string, ColumnKey>()
  const clauses = clausesOfRules.flatMap((clauses, rule) =>
    clauses.map((literals) => ({ rule, ...sorted(literals, columns) })),
  )
  const ranked = [...columns.values()]
    .map((column) => ({ column, rulesOut: rulesOut(column.forms) }))
    .sort((a, b) => b.rulesOut - a.rulesOut)
  const ranks = new Map(ranked.map(({ column }, rank) => [column, rank]))
  const values = ranked.map(() => new Map<unknown, number>())
  let room = clauses.length * mostGrowth
  const ordered = clauses
    .flatMap(({ rule, forms, others }): readonly Open[] => {
      const rankOf = ({ column }: Placed) => ranks.get(column)!
      const wanting = forms.filter(({ form }) => 'values' in form && form.holds)
      const [first] = wanting.sort((a, b) => rankOf(a) - rankOf(b))
      if (first === undefined || !('values' in first.form))
        return [{ rule, forms, others, place: [ranked.length, 0] }]
      const rank = rankOf(first)
      const { form } = first
      const apart = form.values.length <= room ? form.values.map((value) => [value]) : [form.values]
      room -= apart.length
      return apart.map((wanted) => ({
        rule,
        forms: forms.map((each) =>
          each === first ? { ...first, form: { ...form, values: wanted } } : each,
        ),
        others,
        place: [rank, numberIn(values[rank]!, wanted[0])],
      }))
    })
    .sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1])

  const entries = new Map(ranked.map(({ column }) => [column, [] as Entry[]]))
  for (const [clause, { forms }] of ordered.entries())
    for (const { column, form } of forms) entries.get(column)!.push({ clause, form })
  return {
    rules: ordered.map(({ rule }) => rule),
    facts: ranked.map(({ column, rulesOut }) => {
      const { fact, onMembers, forms } = column
      const own = entries.get(column)!
      return { fact, onMembers, entries: own, rulesOut: (rulesOut * own.length) / forms.length }
    }),
    others: ordered.map(({ others }) => others),
  }
}

/** The literals of a clause by column, and those that belong to none. */
function sorted(literals: Clause, columns: Map<string, ColumnKey>) {
  const forms: Placed[] = []
  const others: Literal[] = []
  for (const literal of literals) {
    const found = formOf(literal)
    if (found === undefined) {
      others.push(literal)
      continue
    }
    const { fact, form } = found
    const onMembers = form.form === 'someOf'
    const key = `${onMembers} ${fact}`
    const column = columns.get(key) ?? { fact, onMembers, forms: [] }
    columns.set(key, column)
    column.forms.push(form)
    forms.push({ column, form })
  }
  return { forms, others }
}

/** How many of these literals the values of their fact fail, on average over all values that they name and one more. */
function rulesOut(forms: readonly Form[]): number {
  const named = new Set<unknown>()
  for (const form of forms) if ('values' in form) for (const value of form.values) named.add(value)
  return forms.reduce((sum, form) => {
    if ('bound' in form) return sum + 1 / 2
    const share = form.values.length / (named.size + 1)
    return sum + (form.holds ? 1 - share : share)
  }, 0)
}

function numberIn(numbers: Map<unknown, number>, value: unknown): number {
  const number = numbers.get(value) ?? numbers.size
  numbers.set(value, number)
  return number
}

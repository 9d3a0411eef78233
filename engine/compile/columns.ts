import type { SignIn } from '../facts.ts'
import { add, fullBits, keepOnly, remove, type Bits } from './bits.ts'
import { isOrdered } from './forms.ts'
import type { Entry, FactEntries } from './layout.ts'
import type { Term } from './term.ts'

/**
 * All literals on one fact. The values that the fact can have fall into classes: what is met is the same for all values of
 * a class.
 */
export type Column = {
  readonly name: string
  /** How many classes there are; Infinity for arrays. */
  readonly classes: number
  readonly literals: number
  /** How many clauses it takes out, were all values alike likely. */
  readonly rulesOut: number
  /** Takes out the clauses whose literals are not met. */
  readonly narrow: (signIn: SignIn, clauses: Bits) => void
  readonly by: ByFact | { readonly term: Term }
}

/** Classes of values are numbers below `classes`; a value that the column can't judge has none. */
type ByFact = {
  readonly fact: string
  readonly classOf: (value: unknown) => number | undefined
}

/** The column of literals on one fact, all of them on its value, or all on its members. `size` is the number of clauses. */
export function factColumn(
  { fact, onMembers, entries, rulesOut }: FactEntries,
  size: number,
): Column {
  const valueOf = (signIn: SignIn): unknown => (signIn as Readonly<Record<string, unknown>>)[fact]
  const { classes, classOf } = classesOf(entries, onMembers)
  const asked = lanes(entries, size)
  const ruledOut = byValue(entries.filter(({ form }) => 'values' in form && !form.holds))
  const ordered = entries.flatMap(({ clause, form }) => ('bound' in form ? [{ clause, form }] : []))

  return {
    name: onMembers ? `${fact}[]` : fact,
    classes,
    literals: entries.length,
    rulesOut,
    by: { fact, classOf },
    narrow: (signIn, clauses) => {
      const value = valueOf(signIn)
      const values = onMembers ? (value as readonly unknown[]) : [value]
      for (const { others, met } of asked) {
        const possible = others.slice()
        for (const each of values) add(possible, met.get(each) ?? none)
        keepOnly(clauses, possible)
      }
      for (const each of values) remove(clauses, ruledOut.get(each) ?? none)
      for (const { clause, form } of ordered)
        if (isOrdered(form.form, value, form.bound) !== form.holds) remove(clauses, [clause])
    },
  }
}

const none: readonly number[] = []

/** A column of its own for a term on several facts, or of no form: two classes, 1 when it holds. */
export function termColumn(
  name: string,
  term: Term,
  test: (signIn: SignIn) => boolean,
  needed: readonly { readonly clause: number; readonly holds: boolean }[],
): Column {
  return {
    name,
    classes: 2,
    literals: needed.length,
    rulesOut: needed.length / 2,
    by: { term },
    narrow: (signIn, clauses) => {
      const holds = test(signIn)
      for (const each of needed) if (each.holds !== holds) remove(clauses, [each.clause])
    },
  }
}

type Lane = {
  /** Clauses that ask nothing here. */
  readonly others: Bits
  readonly met: ReadonlyMap<unknown, readonly number[]>
}

/** Literals that ask for some of their values; a clause with two of them has them in different lanes. */
function lanes(entries: readonly Entry[], size: number): readonly Lane[] {
  const inLanes: Entry[][] = []
  const taken = new Map<number, number>()
  for (const entry of entries) {
    if (!('values' in entry.form && entry.form.holds)) continue
    const lane = taken.get(entry.clause) ?? 0
    taken.set(entry.clause, lane + 1)
    ;(inLanes[lane] ??= []).push(entry)
  }
  return inLanes.map((lane) => {
    const others = fullBits(size)
    remove(
      others,
      lane.map(({ clause }) => clause),
    )
    return { others, met: byValue(lane) }
  })
}

function byValue(entries: readonly Entry[]): ReadonlyMap<unknown, readonly number[]> {
  const clauses = new Map<unknown, number[]>()
  for (const { clause, form } of entries) {
    // NaN equals nothing, and a map would find it.
    for (const value of 'values' in form
      ? form.values.filter((each) => !Number.isNaN(each))
      : none) {
      const known = clauses.get(value)
      if (known === undefined) clauses.set(value, [clause])
      else known.push(clause)
    }
  }
  return clauses
}

type Classes = {
  readonly classes: number
  readonly classOf: (value: unknown) => number | undefined
}

function classesOf(entries: readonly Entry[], onMembers: boolean): Classes {
  const values = new Map<unknown, number>()
  const bounds = new Set<number>()
  for (const { form } of entries) {
    if ('bound' in form) bounds.add(form.bound)
    else for (const value of form.values) if (!values.has(value)) values.set(value, values.size)
  }
  if (onMembers) return { classes: Infinity, classOf: membersClasses(values) }
  if (bounds.size === 0)
    return { classes: values.size + 1, classOf: (value) => (values.get(value) ?? -1) + 1 }

  // Numbers fall onto one of these or between two; what is no number comes after them.
  for (const value of values.keys()) if (typeof value === 'number') bounds.add(value)
  const sorted = Float64Array.from(bounds).sort()
  const numbers = 2 * sorted.length + 1
  const classOf = (value: unknown) => {
    if (typeof value === 'number' && !Number.isNaN(value)) return rank(sorted, value)
    const known = values.get(value)
    if (known !== undefined) return numbers + 1 + known
    // Texts and objects may read as numbers, for json-rules-engine.
    return readsAsNoNumber(value) ? numbers : undefined
  }
  return { classes: numbers + 1 + values.size, classOf }
}

const readsAsNoNumber = (value: unknown) =>
  value === null || value === undefined || typeof value === 'boolean' || Number.isNaN(value)

/** 2n + 1 for the n-th of these numbers, even numbers for what lies between them. */
function rank(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! < value) from = middle + 1
    else to = middle
  }
  return sorted[from] === value ? 2 * from + 1 : 2 * from
}

/**
 * Which of the values that rules look for an array has: 0 for none, then for one, then for two; for more, a negative number
 * made when they are first met together.
 */
function membersClasses(
  values: ReadonlyMap<unknown, number>,
): (value: unknown) => number | undefined {
  const many = new Map<string, number>()
  let made = 0
  return (value) => {
    if (!Array.isArray(value)) return undefined
    let first = -1
    let second = -1
    let more: Set<number> | undefined
    for (let at = 0; at < value.length; at++) {
      const member = values.get(value[at])
      if (member === undefined || member === first || member === second) continue
      if (first < 0) first = member
      else if (second < 0) second = member
      else (more ??= new Set([first, second])).add(member)
    }
    if (more !== undefined) return classOfMany([...more].sort((a, b) => a - b).join(' '))
    if (second < 0) return first + 1
    return (1 + Math.min(first, second)) * values.size + Math.max(first, second) + 1
  }

  function classOfMany(members: string): number {
    let known = many.get(members)
    if (known === undefined) {
      if (many.size === mostOfMany) many.clear() // numbers are not used again
      many.set(members, (known = --made))
    }
    return known
  }
}

/** Combinations of more than two members whose numbers are remembered. */
const mostOfMany = 16_384

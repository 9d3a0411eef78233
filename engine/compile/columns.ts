import { isReference } from '../constant.ts'
import {
  add,
  fullBits,
  keepOnly,
  remove,
  selectionOf,
  wordsFor,
  type Bits,
  type Selection,
} from './bits.ts'
import type { Literal } from './clauses.ts'

/** All literals of one form on one fact: what the fact holds tells at once which of them are met. */
export type Column = {
  readonly fact: string
  readonly form: Form['form']
  /** How many values or bounds are told apart. */
  readonly values: number
  /** Takes out the clauses whose literal is not met. False for a value that the column can't judge. */
  readonly narrow: (value: unknown, clauses: Bits) => boolean
}

/**
 * What a literal asks of its fact: to be, or to have a member that is, one of some values (`oneOf`, `someOf`), or to be
 * ordered against a bound.
 */
export type Form =
  | {
      readonly form: 'oneOf' | 'someOf'
      readonly holds: boolean
      readonly values: readonly unknown[]
    }
  | { readonly form: Order; readonly holds: boolean; readonly bound: number }

const orders = {
  lessThan: { above: false, inclusive: false },
  lessThanInclusive: { above: false, inclusive: true },
  greaterThan: { above: true, inclusive: false },
  greaterThanInclusive: { above: true, inclusive: true },
} as const
type Order = keyof typeof orders

/** The form of a literal, or undefined where no column can hold it. */
export function formOf({ term, holds }: Literal): (Form & { readonly fact: string }) | undefined {
  if (term.kind !== 'test' || isReference(term.test.value)) return undefined
  const { fact, value } = term.test
  const decorated = /^((?:not:)*)(.*)$/s.exec(term.test.operator)!
  const negations = decorated[1]!.length / 'not:'.length
  const operator = decorated[2]!
  const meant = negations % 2 === 0 ? holds : !holds
  switch (operator) {
    case 'equal':
    case 'notEqual':
      if (!isPrimitive(value)) return undefined
      return { fact, form: 'oneOf', holds: meant === (operator === 'equal'), values: [value] }
    case 'in':
    case 'notIn':
      if (!isList(value)) return undefined
      return { fact, form: 'oneOf', holds: meant === (operator === 'in'), values: value }
    case 'contains':
    case 'doesNotContain':
      if (!isPrimitive(value)) return undefined
      return { fact, form: 'someOf', holds: meant === (operator === 'contains'), values: [value] }
    case 'someFact:equal':
      return isPrimitive(value)
        ? { fact, form: 'someOf', holds: meant, values: [value] }
        : undefined
    case 'someFact:in':
      return isList(value) ? { fact, form: 'someOf', holds: meant, values: value } : undefined
    case 'lessThan':
    case 'lessThanInclusive':
    case 'greaterThan':
    case 'greaterThanInclusive':
      return typeof value === 'number' && !Number.isNaN(value)
        ? { fact, form: operator, holds: meant, bound: value }
        : undefined
    default:
      return undefined
  }
}

const isPrimitive = (value: unknown) => typeof value !== 'object' || value === null
const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.every(isPrimitive)

/** One clause's literal in a column. */
export type Entry = { readonly clause: number; readonly form: Form }

/** The column of these entries, all of one form and sign. `size` is the number of clauses. */
export function columnOf(fact: string, entries: readonly Entry[], size: number): Column {
  const { form, holds } = entries[0]!.form
  return form === 'oneOf' || form === 'someOf'
    ? valuesColumn(fact, form, holds, entries, size)
    : orderColumn(fact, form, holds, entries, size)
}

function valuesColumn(
  fact: string,
  form: 'oneOf' | 'someOf',
  holds: boolean,
  entries: readonly Entry[],
  size: number,
): Column {
  const words = wordsFor(size)
  const byValue = new Map<unknown, number[]>()
  const others = fullBits(size)
  for (const { clause, form } of entries) {
    remove(others, { words: undefined, ids: Int32Array.of(clause) })
    for (const value of new Set('values' in form ? form.values : [])) {
      if (Number.isNaN(value)) continue // equal to nothing, and a map would find it
      const clauses = byValue.get(value)
      if (clauses === undefined) byValue.set(value, [clause])
      else clauses.push(clause)
    }
  }
  const selections = new Map<unknown, Selection>()
  for (const [value, clauses] of byValue) selections.set(value, selectionOf(clauses, words))
  const met = new Int32Array(words)

  /** What is asked for is met by the values listed, and by no other. */
  const pick = (value: unknown) => {
    const selection = selections.get(value)
    if (selection !== undefined) add(met, selection)
  }
  /** What is ruled out is met by all values but those listed. */
  const rule = (value: unknown, clauses: Bits) => {
    const selection = selections.get(value)
    if (selection !== undefined) remove(clauses, selection)
  }
  const narrow =
    form === 'oneOf'
      ? holds
        ? (value: unknown, clauses: Bits) => {
            met.set(others)
            pick(value)
            keepOnly(clauses, met)
            return true
          }
        : (value: unknown, clauses: Bits) => {
            rule(value, clauses)
            return true
          }
      : holds
        ? (value: unknown, clauses: Bits) => {
            if (!Array.isArray(value)) return false
            met.set(others)
            for (let at = 0; at < value.length; at++) pick(value[at])
            keepOnly(clauses, met)
            return true
          }
        : (value: unknown, clauses: Bits) => {
            if (!Array.isArray(value)) return false
            for (let at = 0; at < value.length; at++) rule(value[at], clauses)
            return true
          }
  return { fact, form, values: selections.size, narrow }
}

/** So many clauses lie between two of the sets that are kept ready. */
const stride = 64

function orderColumn(
  fact: string,
  form: Order,
  holds: boolean,
  entries: readonly Entry[],
  size: number,
): Column {
  const { above, inclusive } = orders[form]
  const boundOf = ({ form }: Entry) => ('bound' in form ? form.bound : 0)
  // In this order a value rules out the first clauses, up to some place: of `x < bound` those with small bounds.
  const upwards = above !== holds
  const sorted = entries.toSorted((a, b) =>
    upwards ? boundOf(a) - boundOf(b) : boundOf(b) - boundOf(a),
  )
  const bounds = Float64Array.from(sorted, boundOf)
  const clauses = Int32Array.from(sorted, ({ clause }) => clause)
  const ready: Bits[] = [new Int32Array(wordsFor(size))]
  for (let from = 0; from + stride <= clauses.length; from += stride) {
    const next = ready.at(-1)!.slice()
    add(next, { words: undefined, ids: clauses.subarray(from, from + stride) })
    ready.push(next)
  }
  /** Whether a clause with that bound is ruled out by the value. */
  const isOut = (value: number, bound: number) =>
    (above
      ? inclusive
        ? value >= bound
        : value > bound
      : inclusive
        ? value <= bound
        : value < bound) !== holds

  return {
    fact,
    form,
    values: new Set(bounds).size,
    narrow: (value, left) => {
      if (typeof value !== 'number' || Number.isNaN(value)) {
        if (
          typeof value !== 'number' &&
          typeof value !== 'boolean' &&
          value !== null &&
          value !== undefined
        )
          return false
        // No order holds for what is no number: all that ask for one are out.
        if (holds) remove(left, { words: undefined, ids: clauses })
        return true
      }
      let [from, to] = [0, bounds.length]
      while (from < to) {
        const middle = (from + to) >> 1
        if (isOut(value, bounds[middle]!)) from = middle + 1
        else to = middle
      }
      const whole = Math.floor(from / stride)
      remove(left, { words: ready[whole], ids: clauses.subarray(whole * stride, from) })
      return true
    },
  }
}

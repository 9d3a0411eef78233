import type { FactValue } from '../kinds.ts'
import type { Formula } from './formula.ts'
import type { Class } from './partition.ts'
import type { Literal } from './solver.ts'

/** A fact as literals. */
export type Column =
  /** One value of several: exactly one of the literals holds. */
  | { readonly holds: 'one'; readonly classes: readonly Class[]; readonly of: readonly Literal[] }
  /** Any number of members. */
  | { readonly holds: 'many'; readonly classes: readonly Class[]; readonly of: readonly Literal[] }
  /** A number, or never. */
  | {
      readonly holds: 'number'
      readonly min: number
      readonly max: number
      /** That it is at most so much, where it is not never. */
      readonly atMost: (most: number) => Literal
      readonly never: Literal
      /** Its place among the numbers of which differences are known; a computed one has none. */
      readonly number?: number
      /** Where it is in the ordinary sign-in. */
      readonly usual?: number
    }

/** More classes than this are told to exclude each other by a chain in place of all pairs. */
const mostPairs = 6

export function oneOf(formula: Formula, classes: readonly Class[]): Column {
  if (classes.length === 1) return { holds: 'one', classes, of: [formula.always] }
  if (classes.length === 2) {
    const first = formula.choice()
    return { holds: 'one', classes, of: [first, -first] }
  }
  const of = classes.map(() => formula.choice())
  formula.add(of)
  if (of.length <= mostPairs)
    for (const [index, one] of of.entries())
      for (const other of of.slice(0, index)) formula.add([-one, -other])
  else {
    let earlier = of[0]!
    for (const one of of.slice(1)) {
      formula.add([-earlier, -one])
      earlier = formula.any([earlier, one])
    }
  }
  return { holds: 'one', classes, of }
}

export function manyOf(formula: Formula, classes: readonly Class[]): Column {
  return { holds: 'many', classes, of: classes.map(() => formula.choice()) }
}

/** The class that a value belongs to; one that nobody mentions is like the spare ones, which come last. */
export function classOf(classes: readonly Class[], value: unknown): number {
  const place = classes.findIndex(({ values }) => values.has(value))
  return place < 0 ? classes.length - 1 : place
}

/** That the column has this value, or one that nothing tells apart from it. */
export function equals(formula: Formula, column: Column, value: FactValue): Literal {
  switch (column.holds) {
    case 'one':
      return column.of[classOf(column.classes, value)]!
    case 'many': {
      const has = new Set((value as readonly string[]).map((each) => classOf(column.classes, each)))
      return formula.all(column.of.map((literal, index) => (has.has(index) ? literal : -literal)))
    }
    case 'number': {
      if (value === null) return column.never
      const number = value as number
      return formula.all([-column.never, column.atMost(number), -column.atMost(number - 1)])
    }
  }
}

import fc from 'fast-check'
import {
  comparisonsOf,
  facts,
  printValue,
  referencesOf,
  type Condition,
  type FactTable,
  type Invariant,
} from '../engine/index.ts'
import { leaveOut, put, wholeSignInJson, type Json } from './arbitraries.ts'

const table: FactTable = facts

/**
 * Sign-ins as callers send them, often with values that an invariant speaks of: times and ids drawn at large would seldom be
 * those.
 */
export function promised(
  { when, without = [] }: Invariant,
  conditions: Readonly<Record<string, Condition>>,
): fc.Arbitrary<Json> {
  const compared = Map.groupBy(
    comparisonsWithin(when, conditions).filter(({ fact }) => {
      const { origin, kind } = table[fact]!
      const isDrawn = ['integer', 'timestamp', 'timestampOrNever', 'id', 'ids'].includes(kind.kind)
      return origin.by === 'caller' && origin.absence !== 'classified' && isDrawn
    }),
    ({ fact }) => fact,
  )
  const changes = [...compared].map(([fact, comparisons]) => {
    const constants = comparisons.flatMap(
      ({ value }) => [value].flat(2) as (string | number | null)[],
    )
    const values = constants.flatMap((value): (string | number | null)[] =>
      typeof value === 'number' ? [value - 1, value, value + 1] : [value],
    )
    const { kind } = table[fact]!
    const sent = values.map((value) => ({
      value: printValue(kind, kind.kind === 'ids' ? [String(value)] : value),
    }))
    return fc
      .option(fc.constantFrom(...sent))
      .map((chosen) => (json: Json) => (chosen === null ? json : put(json, fact, chosen.value)))
  })
  return fc.tuple(wholeSignInJson, ...changes).map(([json, ...edits]) =>
    without.reduce(
      leaveOut,
      edits.reduce((edited, edit) => edit(edited), json),
    ),
  )
}

function comparisonsWithin(
  condition: Condition,
  conditions: Readonly<Record<string, Condition>>,
): ReturnType<typeof comparisonsOf> extends Iterable<infer C> ? C[] : never {
  return [
    ...comparisonsOf(condition),
    ...[...referencesOf(condition)].flatMap((name) =>
      comparisonsWithin(conditions[name]!, conditions),
    ),
  ]
}

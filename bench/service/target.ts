import { median } from '../statistics.ts'
import type { TargetsPart } from '../report/document.ts'

export type Bound = { readonly atLeast: number } | { readonly atMost: number }

/** What is to be reached. */
export type Target = Bound & {
  /** By which `--only` asks for it; `--only auto` asks for `auto-light-1` too. */
  readonly name: string
  readonly what: string
  readonly unit: string
  /** In one line. */
  readonly method: string
}

/** What was found: a figure a round, and what it was made of. */
export type Found = {
  readonly rounds: readonly number[]
  readonly figures: readonly {
    readonly of?: string
    readonly name: string
    readonly rounds: readonly number[]
    readonly unit: string
  }[]
}

/** What is needed for a measurement is not on this machine, and that is no fault of what would be measured. */
export class NotHere extends Error {
  override readonly name = 'NotHere'
}

export const isAsked = ({ name }: Pick<Target, 'name'>, only: readonly string[]): boolean =>
  only.length === 0 || only.some((each) => name === each || name.startsWith(`${each}-`))

/** A row of the table: the median of the rounds decides. What could not be measured is not reached, unless it is not here. */
export function rowOf(
  { name, what, unit, method, ...bound }: Target,
  found: Found | Error,
): TargetsPart['rows'][number] {
  const wanted = `${'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`} ${unit}`
  const row = { name, what, wanted, unit, method }
  if (found instanceof Error)
    return {
      ...row,
      rounds: 0,
      figures: [],
      cannot: found.message,
      ...(!(found instanceof NotHere) && { met: false }),
    }
  const { rounds, figures } = found
  if (rounds.length === 0)
    return { ...row, rounds: 0, figures: [], cannot: 'ended before it was measured', met: false }
  const value = median(rounds)
  return {
    ...row,
    value,
    least: Math.min(...rounds),
    most: Math.max(...rounds),
    rounds: rounds.length,
    met: 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost,
    figures: figures
      .filter((figure) => figure.rounds.length > 0)
      .map((figure) => ({
        ...(figure.of !== undefined && { of: figure.of }),
        name: figure.name,
        value: median(figure.rounds),
        unit: figure.unit,
      })),
  }
}

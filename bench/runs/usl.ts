import type { ScalingFit } from '../report/document.ts'

type Point = ScalingFit['points'][number]

/**
 * Fits the Universal Scalability Law, n·a / (1 + s·(n − 1) + k·n·(n − 1)), to throughputs X of n: n/X is linear in 1/a, s/a and
 * k/a. Errors count relative to what was measured; neither contention s nor crosstalk k is below 0.
 */
export function fitScaling(of: string, points: readonly Point[]): ScalingFit {
  const rows = points.map(({ n, perSecond }) => {
    const wanted = n / perSecond
    return [1, n - 1, n * (n - 1)].map((each) => each / wanted)
  })
  const fits = choices
    .map((columns) => leastSquares(rows, columns))
    .filter((fit) => fit !== undefined && fit.every((each) => each >= 0))
  const best = fits.sort((a, b) => errorOf(rows, a!) - errorOf(rows, b!))[0]!
  const [one, contention, crosstalk] = [best[0]!, best[1]! / best[0]!, best[2]! / best[0]!]
  const top = Math.sqrt(Math.max(0, 1 - contention) / crosstalk)
  const measured = Math.max(...points.map(({ n }) => n))
  return {
    of,
    points,
    perSecondOfOne: 1 / one,
    contention,
    crosstalk,
    // further out than twice what was measured the curve is a guess
    ...(top <= 2 * measured && { best: Math.max(1, top) }),
  }
}

/** Which of the three may differ from 0; the first always does. */
const choices = [[0, 1, 2], [0, 1], [0, 2], [0]]

/** Coefficients that make the rows, multiplied by them, as near to 1 as can be; those of other columns are 0. */
function leastSquares(
  rows: readonly (readonly number[])[],
  columns: readonly number[],
): readonly number[] | undefined {
  const system = columns.map((one) => [
    ...columns.map((other) => rows.reduce((sum, row) => sum + row[one]! * row[other]!, 0)),
    rows.reduce((sum, row) => sum + row[one]!, 0),
  ])
  const solved = solve(system)
  if (solved === undefined) return undefined
  const all = [0, 0, 0]
  for (const [at, column] of columns.entries()) all[column] = solved[at]!
  return all
}

const errorOf = (rows: readonly (readonly number[])[], fit: readonly number[]): number =>
  rows.reduce(
    (sum, row) => sum + (row.reduce((at, each, column) => at + each * fit[column]!, 0) - 1) ** 2,
    0,
  )

/** Gauss-Jordan with the largest pivot; nothing where the equations depend on each other. */
function solve(system: readonly (readonly number[])[]): readonly number[] | undefined {
  const rows = system.map((row) => [...row])
  for (let at = 0; at < rows.length; at++) {
    const pivot = rows.slice(at).sort((a, b) => Math.abs(b[at]!) - Math.abs(a[at]!))[0]!
    if (Math.abs(pivot[at]!) < 1e-12) return undefined
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(at, 0, pivot)
    for (const row of rows)
      if (row !== pivot) {
        const factor = row[at]! / pivot[at]!
        for (let column = at; column < row.length; column++) row[column]! -= factor * pivot[column]!
      }
  }
  return rows.map((row, at) => row.at(-1)! / row[at]!)
}

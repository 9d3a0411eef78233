import type { Difference, Range } from './differences.ts'

/**
 * Whether no whole numbers of these ranges keep to all these bounds, by shortest paths between all pairs (Floyd and Warshall):
 * another way than the theory's own, for the certifier.
 */
export function isImpossible(bounds: readonly Difference[], ranges: readonly Range[]): boolean {
  const most = ranges.map(({ max }, x) =>
    ranges.map(({ min }, y) => (x === y ? 0 : y === 0 ? max : x === 0 ? -min : Infinity)),
  )
  for (const { x, y, most: bound } of bounds) most[x]![y] = Math.min(most[x]![y]!, bound)
  for (const via of ranges.keys())
    for (const x of ranges.keys())
      for (const y of ranges.keys())
        most[x]![y] = Math.min(most[x]![y]!, most[x]![via]! + most[via]![y]!)
  return ranges.some((_, x) => most[x]![x]! < 0)
}

/** The value below which that share of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Median of the ratios of each round: what slows a machine down for a while slows both. */
export const ratioOfRounds = (above: readonly number[], below: readonly number[]): number =>
  median(above.map((value, round) => value / below[round]!))

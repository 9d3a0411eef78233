import { quantile } from './statistics.ts'

/**
 * The probability that two samples of one and the same source lie apart as far as these (Mann-Whitney, two-sided): counted
 * exactly up to 50 values in all, by the normal distribution above. Equal values share their ranks.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const ranks = doubledRanks([...a, ...b])
  const sum = sumOf(ranks.slice(0, a.length))
  if (ranks.length <= 50) return twoSided(waysToChoose(ranks, a.length), sum)
  const all = ranks.length
  const variance =
    ((a.length * b.length) / 12) * (all + 1 - tieSum([...a, ...b]) / (all * (all - 1)))
  return normal(sum / 2 - (a.length * (all + 1)) / 2, variance)
}

/**
 * The probability that differences which are as often up as down lie to one side as far as these (Wilcoxon's signed ranks,
 * two-sided): counted exactly up to 100 differences. Zeros are left out.
 */
export function wilcoxon(differences: readonly number[]): number {
  const some = differences.filter((each) => each !== 0)
  const sizes = some.map(Math.abs)
  const ranks = doubledRanks(sizes)
  const sum = sumOf(ranks.filter((_, at) => some[at]! > 0))
  const count = some.length
  if (count <= 100) return twoSided(waysToSign(ranks), sum)
  const variance = (count * (count + 1) * (2 * count + 1)) / 24 - tieSum(sizes) / 48
  return normal(sum / 2 - (count * (count + 1)) / 4, variance)
}

export type Estimate = { readonly middle: number; readonly low: number; readonly high: number }

/**
 * The middle of all averages of two differences (Hodges-Lehmann), and the interval that holds it with that confidence. It goes
 * with Wilcoxon's test: the interval excludes 0 where the test says that there is a difference.
 */
export function middleOf(differences: readonly number[], confidence: number): Estimate {
  const averages = differences
    .flatMap((one, at) => differences.slice(at).map((other) => (one + other) / 2))
    .sort((a, b) => a - b)
  const out = outside(differences.length, (1 - confidence) / 2)
  const half = averages.length / 2
  return {
    middle: (quantile(averages, 0.5) + averages[Math.ceil(half) - 1]!) / 2,
    low: averages[out - 1] ?? -Infinity,
    high: averages[averages.length - out] ?? Infinity,
  }
}

/** How many averages to leave out at each end; 0 when so few differences give no such confidence. */
function outside(count: number, share: number): number {
  const ways = waysToSign(Array.from({ length: count }, (_, at) => 2 * (at + 1)))
  const all = sumOf([...ways.values()])
  let below = 0
  for (let sum = 0; ; sum++) {
    below += ways.get(2 * sum) ?? 0
    if (below / all > share) return sum
  }
}

/** Twice the ranks, so that equal values, which share the mean of their ranks, get whole numbers too. */
function doubledRanks(values: readonly number[]): readonly number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!)
  const ranks: number[] = Array.from({ length: values.length })
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (const at of order.slice(from, to)) ranks[at] = from + 1 + to
    from = to
  }
  return ranks
}

/** How many choices of that many ranks have each sum. */
function waysToChoose(ranks: readonly number[], count: number): ReadonlyMap<number, number> {
  const ways = Array.from({ length: count + 1 }, () => new Map<number, number>())
  ways[0]!.set(0, 1)
  for (const rank of ranks)
    for (let chosen = count; chosen > 0; chosen--)
      for (const [sum, number] of ways[chosen - 1]!) add(ways[chosen]!, sum + rank, number)
  return ways[count]!
}

/** How many choices of signs give the positive ranks each sum. */
function waysToSign(ranks: readonly number[]): ReadonlyMap<number, number> {
  let ways = new Map([[0, 1]])
  for (const rank of ranks) {
    const next = new Map(ways)
    for (const [sum, number] of ways) add(next, sum + rank, number)
    ways = next
  }
  return ways
}

const add = (ways: Map<number, number>, sum: number, number: number) =>
  ways.set(sum, (ways.get(sum) ?? 0) + number)

/** Twice the smaller tail. */
function twoSided(ways: ReadonlyMap<number, number>, sum: number): number {
  const all = sumOf([...ways.values()])
  const tail = (in_: (each: number) => boolean) =>
    sumOf([...ways].filter(([each]) => in_(each)).map(([, number]) => number)) / all
  const below = tail((each) => each <= sum)
  return Math.min(
    1,
    2 *
      Math.min(
        below,
        tail((each) => each >= sum),
      ),
  )
}

/** Two-sided, with half a rank taken off since sums of ranks come in steps. */
function normal(distance: number, variance: number): number {
  if (variance <= 0) return 1
  const z = Math.max(0, Math.abs(distance) - 0.5) / Math.sqrt(variance)
  return Math.min(1, 2 * upperTail(z))
}

/** Of the normal distribution, at least to 1e-7 (Abramowitz and Stegun 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}

/** Σ t³ − t over groups of t equal values. */
function tieSum(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return sumOf([...counts.values()].map((t) => t ** 3 - t))
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

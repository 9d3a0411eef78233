import type { FactValue } from '../../engine/index.ts'
import type { Random } from '../random.ts'
import type { Draw } from './profile.ts'

/** Draws one value; `at` (milliseconds) is what times are measured from. */
export function drawn(draw: Draw, at: number, random: Random): FactValue {
  switch (draw.draw) {
    case 'constant':
      return draw.value
    case 'weighted':
      return drawn(weighted(draw.choices, random).of, at, random)
    case 'someOf':
      return random
        .shuffled(draw.values)
        .slice(0, between(draw.least, draw.most, random))
        .toSorted((a, b) => draw.values.indexOf(a) - draw.values.indexOf(b))
    case 'wholeNumber':
      return between(draw.from, draw.to, random)
    case 'before':
      return at - between(draw.leastMs, draw.mostMs, random)
    case 'after':
      return at + between(draw.leastMs, draw.mostMs, random)
  }
}

const between = (least: number, most: number, random: Random): number =>
  least + random.below(most - least + 1)

/** One of several, each as often as its weight says. */
export function weighted<T extends { readonly weight: number }>(
  choices: readonly T[],
  random: Random,
): T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0)
  let left = random.below(total)
  return choices.find(({ weight }) => (left -= weight) < 0) ?? choices.at(-1)!
}

/**
 * Weights by Zipf's law, the first the largest. Whole numbers, since powers may differ in their last digit from one
 * machine to another, and a workload may not.
 */
export const zipf = (count: number, exponent: number): readonly number[] =>
  Array.from({ length: count }, (_, rank) =>
    Math.max(1, Math.round(1_000_000 / (rank + 1) ** exponent)),
  )

/** Whole numbers in the proportion of the weights that add up to `total`: what is left over goes to the largest remainders. */
export function apportioned(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map((weight) => (total * weight) / sum)
  const whole = exact.map(Math.floor)
  const left = total - whole.reduce((sum, count) => sum + count, 0)
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - whole[index]! }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  for (const { index } of byRemainder.slice(0, left)) whole[index]!++
  return whole
}

import { randomFrom } from '../random.ts'
import type { Stage } from './result.ts'

/** Which requests are to be sent when; the same for the same seed. */
export type ArrivalPlan = {
  readonly arrivals: 'constant' | 'poisson'
  readonly stages: readonly Stage[]
  readonly seed: number
  /** It ends after so many, whatever the stages say. */
  readonly most: number
}

/**
 * Times at which requests are due, in milliseconds from the start, going up. With `constant` the n-th is due when the rate,
 * added up from the start, comes to n: evenly, also across stages. With `poisson` the distances between those sums are drawn
 * from the exponential distribution of mean 1 instead: callers who know nothing of each other.
 */
export function arrivalTimes({ arrivals, stages, seed, most }: ArrivalPlan): Float64Array {
  const total = stages.reduce((sum, stage) => sum + expectedIn(stage), 0)
  const { unit } = randomFrom(seed)
  const gap = arrivals === 'constant' ? () => 1 : () => -Math.log(1 - unit())
  const room = Math.ceil(arrivals === 'constant' ? total : total + 10 * Math.sqrt(total) + 100)
  const times = new Float64Array(Math.min(room, most))
  let count = 0
  let at = 0
  let [startMs, before] = [0, 0]
  let due = arrivals === 'constant' ? 0 : gap()
  while (at < stages.length && count < times.length) {
    const stage = stages[at]!
    const within = due - before
    if (within < expectedIn(stage) - tolerance) {
      times[count++] = startMs + 1_000 * secondsUntil(stage, Math.max(0, within))
      due += gap()
    } else {
      startMs += stage.seconds * 1_000
      before += expectedIn(stage)
      at++
    }
  }
  return times.subarray(0, count)
}

/** What floating point may add or lose: a request that is due at the very end of a stage belongs to the next. */
const tolerance = 1e-6

/** Requests of a stage on average. */
export const expectedIn = ({ seconds, fromPerSecond, toPerSecond }: Stage): number =>
  (seconds * (fromPerSecond + toPerSecond)) / 2

/** When the rate of a stage, added up from its start, comes to `sum`: the root of f·t + (g − f)·t²/2T = sum. */
function secondsUntil({ seconds, fromPerSecond, toPerSecond }: Stage, sum: number): number {
  if (sum === 0) return 0
  const bend = (toPerSecond - fromPerSecond) / (2 * seconds)
  const root = Math.sqrt(Math.max(0, fromPerSecond ** 2 + 4 * bend * sum))
  return (2 * sum) / (fromPerSecond + root)
}

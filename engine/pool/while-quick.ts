import type { Decider } from '../decider.ts'

/**
 * A decision that takes longer, in microseconds, is better taken on another thread: a hop there and back costs about as much, and
 * this one has connections to look after.
 */
const longestUs = 200
/** How much of what is known is made up by the last decision, and which share is tried although it has been slow. */
const [weight, tried] = [1 / 16, 1 / 64]
/** More than this was no deciding but a pause, which says nothing about the next. */
const mostUs = 5 * longestUs

/** Decides on the calling thread as long as that has been quick. */
export function whileQuick(
  decide: Decider['atOnce'],
  clockMs = () => performance.now(),
): Decider['atOnce'] {
  let usualUs = 0
  let leftOut = 0
  return (bytes, now) => {
    if (usualUs > longestUs && ++leftOut < 1 / tried) return undefined
    leftOut = 0
    const start = clockMs()
    const answer = decide(bytes, now)
    usualUs += (Math.min((clockMs() - start) * 1_000, mostUs) - usualUs) * weight
    return answer
  }
}

import { Unavailable } from '../decider.ts'

/** The part that batches may take of what may wait; the rest is left to single sign-ins. */
const shareOfBatches = 3 / 4

/** Of so many sign-ins that may wait, how many may be of batches. */
export const mostOfBatches = (mostWaiting: number): number =>
  Math.max(1, Math.floor(mostWaiting * shareOfBatches))

/** Places for sign-ins without an answer. Batches together leave some free, so that they never shut out single ones. */
export function places(mostWaiting: number) {
  const mostBatched = mostOfBatches(mostWaiting)
  let [all, batched] = [0, 0]
  return {
    /** Takes a place for each sign-in of a question, or says why not. */
    take: (count: number): Unavailable | undefined => {
      if (all + count > mostWaiting)
        return new Unavailable(
          `expected at most ${mostWaiting} sign-ins to wait, got ${count} more with ${all} waiting`,
        )
      if (count > 1 && batched + count > mostBatched)
        return new Unavailable(
          `expected at most ${mostBatched} sign-ins of batches to wait, got ${count} more with ${batched} waiting`,
        )
      all += count
      if (count > 1) batched += count
      return undefined
    },
    give: (count: number): void => {
      all -= count
      if (count > 1) batched -= count
    },
    taken: () => all,
  }
}

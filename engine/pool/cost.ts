/** How much of what is known is made up by the last decision. */
const weight = 1 / 16
/** A decision that took longer than this many times the usual, and some, was interrupted: that says nothing about the next. */
const [mostTimes, someUs] = [2, 50]

/** What a decision usually costs, in microseconds, as learnt from those that were taken. */
export type Cost = {
  readonly usualUs: () => number
  readonly learn: (us: number) => void
}

export function costOf(): Cost {
  let usual = 0
  return {
    usualUs: () => usual,
    learn(us) {
      usual += (Math.min(us, mostTimes * usual + someUs) - usual) * weight
    },
  }
}

/** What the generator says of itself, and of what it measured. */
export type SelfCheck = {
  readonly planned: number
  /** Planned requests whose turn had not come when the plan was over. */
  readonly behind: number
  /** What was measured. */
  readonly p99Us: number
  /** How late requests were sent although a connection was free, at most for 99% of them. */
  readonly lateP99Us: number
  readonly busy: number
  readonly eventLoopDelayP99Us: number
}

const leastAchieved = 0.99
const mostBusy = 0.85
const mostLateUs = 1_000
const mostLateShare = 0.1
const mostDelayUs = 5_000
const mostDelayShare = 0.5

/** Why the figures are about the generator rather than about the service, in one sentence; undefined when they are not. */
export function limitedBy(check: SelfCheck): string | undefined {
  const { planned, behind, p99Us, lateP99Us, busy, eventLoopDelayP99Us } = check
  const achieved = planned > 0 ? (planned - behind) / planned : 1
  const mostLate = Math.max(mostLateUs, mostLateShare * p99Us)
  const mostDelay = Math.max(mostDelayUs, mostDelayShare * p99Us)
  if (achieved < leastAchieved)
    return `the generator sent only ${percent(achieved)} of the planned requests in time`
  if (lateP99Us > mostLate)
    return `the generator sent requests late: 1% by more than ${ms(lateP99Us)}, where at most ${ms(mostLate)} does no harm`
  if (busy > mostBusy)
    return `the generator was busy ${percent(busy)} of the time, where at most ${percent(mostBusy)} leaves it room`
  if (eventLoopDelayP99Us > mostDelay)
    return `the generator's event loop was held up: 1% of its turns by more than ${ms(eventLoopDelayP99Us)}, where at most ${ms(mostDelay)} does no harm`
  return undefined
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`
const ms = (us: number): string => `${(us / 1_000).toFixed(2)} ms`

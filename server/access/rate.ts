import type { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Credential } from './credential.ts'
import { refusals, type Refusal } from './refusals.ts'

/** Undefined when a request may go on: at once, or once that is known. */
export type Rate = (credential: Credential) => Promise<Refusal | undefined> | undefined

const windowSeconds = 1

/**
 * Counts requests of each credential by the second. Each listener counts by itself and lets through its share, since asking another thread
 * costs more than a decision. `usual` is the limit of who has none of his own; 0 for none.
 */
export function rateLimits(usual: number, listeners: number): Rate {
  const limiters = new Map<number, Promise<RateLimiterMemory>>()
  const limiterOf = (perSecond: number) => {
    const known = limiters.get(perSecond)
    if (known) return known
    const points = Math.max(1, Math.ceil((perSecond * windowSeconds) / listeners))
    // Most services have no limit, and start sooner without it.
    const limiter = import('rate-limiter-flexible').then(
      (library) => new library.RateLimiterMemory({ points, duration: windowSeconds }),
    )
    limiters.set(perSecond, limiter)
    return limiter
  }
  return ({ id, ratePerSecond = usual }) =>
    ratePerSecond === 0
      ? undefined
      : limiterOf(ratePerSecond)
          .then((limiter) => limiter.consume(id))
          .then(
            () => undefined,
            () => refusals.rate,
          )
}

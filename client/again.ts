import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError } from './error.ts'
import type { Limits } from './options.ts'

const [firstPauseMs, longestPauseMs] = [50, 1_000]

/**
 * Tries until there is an answer, retries are used up, or the deadline is near. Only what was never answered is tried again: a lost
 * connection, and a 503 or 429 that says when. Pauses are drawn from nothing to twice as much each time (full jitter), so that callers who
 * failed together do not come back together.
 */
export async function again<T>(
  attempt: (withinMs: number) => Promise<T>,
  { timeoutMs, deadlineMs, retries }: Limits,
  random: () => number = Math.random,
): Promise<T> {
  const until = performance.now() + deadlineMs
  for (let attempts = 1; ; attempts++) {
    const leftMs = until - performance.now()
    try {
      return await attempt(Math.max(1, Math.min(timeoutMs, leftMs)))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      error.attempts = attempts
      const pauseMs = pauseAfter(error, attempts, random)
      if (pauseMs === undefined || attempts > retries || performance.now() + pauseMs >= until)
        throw error
      await sleep(pauseMs)
    }
  }
}

/** Milliseconds; undefined when asking again is no use. */
export function pauseAfter(
  error: ClientError,
  attempts: number,
  random: () => number,
): number | undefined {
  const jitterMs = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1))
  if (error.failure === 'unreachable') return jitterMs
  return error.retryAfterMs === undefined ? undefined : error.retryAfterMs + jitterMs
}

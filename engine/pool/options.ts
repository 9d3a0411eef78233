import type { Where } from './on-thread.ts'

export type PoolOptions = {
  /** Worker threads; by default one less than there are cores, so that one is left to the HTTP thread. */
  readonly threads?: number
  /** Sign-ins that may wait or be under way, batches at most three quarters of them; beyond it questions are turned away. */
  readonly mostWaiting?: number
  /** Milliseconds that a single question may wait in a standing queue, and five times as long in a burst; 0 for as long as a batch. */
  readonly waitLimitMs?: number
  /** Milliseconds that a batch may wait for its first turn, and that a thread may take for a message before it is replaced. */
  readonly deadlineMs?: number
  /** Milliseconds that a thread may take, beyond that, to start or to compile a rule set. */
  readonly loadDeadlineMs?: number
  readonly pool?: Where
  /** Told of every thread that was lost, and of every question that it took along. */
  readonly onLoss?: (error: unknown) => void
  /** What the threads run. */
  readonly module?: URL
}

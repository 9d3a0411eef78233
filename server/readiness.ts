import type { LogState } from './observers/log/log-state.ts'
import type { Settings } from './settings.ts'

/** What there is to check of a service that runs. */
export type Checks = {
  /** It has started, and is not stopping. */
  readonly accepting: boolean
  /** Worker threads can be asked. */
  readonly threads: boolean
  /** All threads that are to talk HTTP do. */
  readonly listeners: boolean
  /** The last change of rules succeeded, or there was none. */
  readonly lastReload: boolean
  /** The decision log is written, or there is none. */
  readonly decisionLog: boolean
}

/**
 * Whether it may be sent sign-ins. Threads are needed where nobody else decides; a listener that is missing is made up for by the
 * others; and after a change of rules that failed the rules before decide on. A decision log that can not be written matters as soon as it
 * keeps decisions from being told.
 */
export const isReadyBy = (
  { accepting, threads }: Pick<Checks, 'accepting' | 'threads'>,
  { pool }: Pick<Settings, 'pool'>,
  log: LogState | undefined,
): boolean => accepting && (threads || pool !== 'pooled') && (log?.letsTell ?? true)

import type { Decider, Pack } from '../engine/index.ts'
import type { Metrics } from './metrics.ts'
import type { Settings } from './settings.ts'

/** What the routes are given; made once when the service starts. */
export type Services = {
  readonly settings: Settings
  /** The pack that decides now. */
  readonly live: () => Pack
  readonly decider: Decider
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** False once the service is stopping. */
  readonly isReady: () => boolean
  /** One line for the operator. */
  readonly log: (line: string) => void
}

import type { Decider, Pack } from '../engine/index.ts'
import { access, type Access } from './access/access.ts'
import type { BundleState } from './bundles/bundle-state.ts'
import { controlling, type Control } from './control.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { LogState } from './observers/log/log-state.ts'
import type { LastReload } from './rule-sets/activation.ts'
import type { Settings } from './settings.ts'
import { telling, type Telling } from './telling.ts'

/** What the routes are given; made once when the service starts. */
export type Services = {
  readonly settings: Settings
  /** The pack that decides now. */
  readonly live: () => Pack
  /** How the last attempt to change it went; undefined if there was none. */
  readonly lastReload: () => LastReload | undefined
  readonly decider: Decider
  readonly metrics: Metrics
  readonly telling: Telling
  readonly control: Control
  readonly access: Access
  /** How the pulling of bundles goes, where they are pulled. */
  readonly bundle: () => BundleState | undefined
  /** How the decision log is, where there is one. */
  readonly logState: () => LogState | undefined
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** False once the service is stopping. */
  readonly isReady: () => boolean
  /** Threads of the service that talk HTTP. */
  readonly listenersUp: () => number
  /** One line for the operator. */
  readonly log: Log
}

/** Services of one that nobody operates; all but what it is made of may be left out. */
export function servicesOf(
  given: Pick<Services, 'settings' | 'live' | 'decider' | 'metrics'> & Partial<Services>,
): Services {
  const log = given.log ?? (() => undefined)
  return {
    telling: telling(given.metrics),
    control: controlling({}, (error) => log(String(error))),
    lastReload: () => undefined,
    access: access(given.settings, {}, given.clock ?? Date.now),
    bundle: () => undefined,
    logState: () => undefined,
    clock: Date.now,
    isReady: () => true,
    listenersUp: () => given.settings.listeners,
    log,
    ...given,
  }
}

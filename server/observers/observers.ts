import type { Log } from '../log.ts'
import type { ShadowSetup } from './shadow/observer.ts'
import type { Observer } from '../telling.ts'
import type { TracesSetup } from './traces/observer.ts'
import type { DecisionLogSetup } from './log/observer.ts'

/** What the observers of all listeners are made of, by name: plain data and shared memory, so that it reaches every thread. */
export type ObserverSetup = {
  readonly decisionLog?: DecisionLogSetup
  readonly shadow?: ShadowSetup
  readonly traces?: TracesSetup
}

/**
 * The observers of one listener, on its own thread. What they are made from is loaded only where it is wanted.
 */
export async function observersOf(
  setup: ObserverSetup,
  listener: number,
  log: Log,
): Promise<readonly Observer[]> {
  const observers: Observer[] = []
  if (setup.decisionLog)
    observers.push((await import('./log/observer.ts')).decisionLog(setup.decisionLog, listener))
  if (setup.shadow)
    observers.push((await import('./shadow/observer.ts')).shadowObserver(setup.shadow, listener))
  if (setup.traces)
    observers.push((await import('./traces/observer.ts')).traces(setup.traces, listener, log))
  return observers
}

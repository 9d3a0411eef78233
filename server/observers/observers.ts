import type { Log } from '../log.ts'
import type { Observer } from '../telling.ts'

/** What the observers of all listeners are made of, by name: plain data and shared memory, so that it reaches every thread. */
export type ObserverSetup = Readonly<Record<string, unknown>>

/**
 * The observers of one listener, on its own thread. What they are made from is loaded only where it is wanted.
 */
export async function observersOf(
  _setup: ObserverSetup,
  _listener: number,
  _log: Log,
): Promise<readonly Observer[]> {
  return []
}

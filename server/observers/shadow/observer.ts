import { countersIn, place } from '../../counters.ts'
import type { Observer } from '../../telling.ts'
import { ring } from './ring.ts'

/** What the observers of the shadow are made of; reaches every thread. */
export type ShadowSetup = {
  /** One for each listener. */
  readonly rings: readonly SharedArrayBuffer[]
  /** Whether somebody compares: its first word is 1 then. */
  readonly switch: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
}

const isOn = (words: Int32Array): boolean => words[0] === 1

/** Leaves the decisions of one listener to the thread that compares them, while there is one. What it has no room for is counted. */
export function shadowObserver(setup: ShadowSetup, listener: number): Observer {
  const words = new Int32Array(setup.switch)
  const notes = ring(setup.rings[listener]!)
  const row = countersIn(setup.counters).rows[listener]!
  const skipped = place('shadow skipped')
  return {
    note({ now, body, text }) {
      if (isOn(words) && !notes.put(now, body, text)) row[skipped]!++
    },
    noted: () => undefined,
  }
}

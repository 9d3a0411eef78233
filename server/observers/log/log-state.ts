import type { DecisionLogSetup } from './observer.ts'
import { bell, ring } from './ring.ts'

/** How the decision log is, as every listener can tell. */
export type LogState = {
  /** It was when that was last tried. */
  readonly isWritten: boolean
  /** Decisions can be told, as far as the log is concerned. */
  readonly letsTell: boolean
}

/** How full the memory of a log that can not be written may be, before sign-ins are better sent elsewhere. */
const mostFilled = 3 / 4

/** Looks at nothing but memory that is shared. */
export function logState(setup: DecisionLogSetup): () => LogState {
  const { onFull, answersWait, mostWaiting } = setup
  const writer = bell(setup.bell)
  const rings = setup.rings.map(ring)
  const isRoom = () => rings.every((each) => each.waiting() < mostFilled * mostWaiting)
  return () => {
    const isWritten = !writer.isFailing()
    return { isWritten, letsTell: isWritten || onFull === 'drop' || (!answersWait && isRoom()) }
  }
}

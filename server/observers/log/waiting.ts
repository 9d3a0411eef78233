import { Unavailable } from '../../../engine/index.ts'
import type { Ring } from './ring.ts'

type Waiting = {
  readonly place: number
  readonly untilMs: number
  readonly goOn: () => void
  readonly giveUp: (error: Unavailable) => void
}

/**
 * Lets callers wait until the writer has come to a place of the ring, which `reached` tells; `late` is called for each that has
 * waited so many milliseconds in vain, and is told that it may not go on.
 */
export function waitingFor(ring: Ring, reached: () => number, waitMs: number, late: () => void) {
  const waiting: Waiting[] = []
  let isWatching = false
  const isReached = (place: number) => ((reached() - place) | 0) >= 0

  async function watch(): Promise<void> {
    isWatching = true
    for (;;) {
      const seen = ring.progress()
      const now = performance.now()
      // All wait equally long, and none for less than those before it: so all that is done stands in front.
      const left = waiting.findIndex(({ place, untilMs }) => !isReached(place) && untilMs > now)
      const done = waiting.splice(0, left < 0 ? waiting.length : left)
      for (const { place, goOn, giveUp } of done)
        if (isReached(place)) goOn()
        else {
          late()
          giveUp(new Unavailable(`the decision log did not take the entry within ${waitMs} ms`))
        }
      const [oldest] = waiting
      if (oldest === undefined) break
      await ring.told(seen, Math.max(1, oldest.untilMs - now))
    }
    isWatching = false
  }

  return (place: number): Promise<void> | undefined => {
    if (isReached(place)) return undefined
    return new Promise((goOn, giveUp) => {
      waiting.push({ place, untilMs: performance.now() + waitMs, goOn, giveUp })
      if (!isWatching) void watch()
    })
  }
}

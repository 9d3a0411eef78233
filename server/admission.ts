import type { Asking } from './metrics.ts'

/** Whether a request may be worked on; asked once for each, when its head has come. */
export type Admission = (kind: Asking) => boolean

/** What an admission sees of the event loop. Times in milliseconds. */
export type Loop = {
  readonly clock: () => number
  /** How long the loop has slept in all, waiting for something to do. */
  readonly slept: () => number
  /** Calls back when the turn of the loop is over. */
  readonly onTurnEnd: (call: () => void) => void
}

export const eventLoop: Loop = {
  clock: () => performance.now(),
  slept: () => performance.nodeTiming.idleTime,
  onTurnEnd: setImmediate,
}

/** A loop that slept as recently as this meets a burst and no queue, which may wait longer, so much longer. */
const [burstMs, burstFactor] = [100, 2.5]
/** Shorter sleeps are only looks at sockets that were ready already. */
const shortestSleepMs = 0.05
/** The share of the limit for which every turn works whatever waits, so that an overload can't turn away everything. */
const floor = 1 / 8
/** One batch is the work of many singles, so batches give way first. */
const share: Readonly<Record<Asking, number>> = { single: 1, batch: 1 / 2 }

/**
 * Turns requests away by how long they may have waited: sockets that are ready are read in one turn of the event loop, one
 * after the other, and what becomes ready meanwhile waits unseen for the next. So a request that comes up has waited, at most,
 * for the turn before, unless the loop slept in between, and for what this turn has done so far. Beyond the limit it is not
 * worked on, which bounds the next turn too, whatever the number of connections. As with CoDel, the limit
 * is the lower one once no sleep shows that there is no standing queue. A limit of 0 admits everything.
 */
export function admission(
  limitMs: number,
  { clock, slept, onTurnEnd }: Loop = eventLoop,
): Admission {
  if (limitMs === 0) return () => true
  let inTurn = false
  let turnMs = -Infinity // when this turn's first request came up
  let sleptMs = slept()
  let lastSleepMs = clock() // when a turn last began with a sleep
  let unseenMs = 0 // how long a request of this turn may have waited before it
  let mostMs = limitMs
  const endTurn = () => {
    inTurn = false
  }
  return (kind) => {
    const now = clock()
    if (!inTurn) {
      inTurn = true
      onTurnEnd(endTurn)
      const sleep = slept() - sleptMs
      sleptMs += sleep
      if (sleep > shortestSleepMs) lastSleepMs = now
      unseenMs = sleep > shortestSleepMs ? 0 : now - turnMs
      turnMs = now
      mostMs = now - lastSleepMs <= burstMs ? limitMs * burstFactor : limitMs
    }
    const worked = now - turnMs
    return worked < limitMs * floor * share[kind] || worked + unseenMs <= mostMs * share[kind]
  }
}

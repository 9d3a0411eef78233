import type { Cost } from './cost.ts'

/** A hop to another thread and back costs both about this much, in microseconds; a decision that is cheaper is never worth it. */
const hopUs = 25
/** So much is decided in one turn of the event loop, which has connections to look after. */
const mostUsATurn = 200
/** A decision that takes longer is not taken here at all: the hop is little beside it. */
const longestUs = 1_000

/**
 * Says whether the next decision may be taken on the calling thread: always while decisions are cheap, else as long as this
 * turn of the event loop has not spent much on them. So a lone caller never waits for a hop, and many fill all threads.
 */
export function onTheSpot(
  { usualUs }: Pick<Cost, 'usualUs'>,
  nextTurn: (then: () => void) => void = setImmediate,
): () => boolean {
  let spentUs = 0
  return () => {
    const us = usualUs()
    if (us <= hopUs) return true
    if (us > longestUs || spentUs >= mostUsATurn) return false
    if (spentUs === 0) nextTurn(() => (spentUs = 0))
    spentUs += us
    return true
  }
}

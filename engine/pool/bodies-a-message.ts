/** Enough that the hop between threads costs little each. */
const mostBodies = 64
/** A message is to take about so long, in microseconds, so that no question waits long for others. */
const messageUs = 2_000

/** How many questions to put into the next message: few enough to share what waits out among the threads that are free. */
export const bodiesAMessage = (waiting: number, free: number, usualUs: number): number =>
  Math.max(1, Math.min(mostBodies, Math.ceil(waiting / free), Math.floor(messageUs / usualUs)))

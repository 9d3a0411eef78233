/** A thread that lived so long was well; what ends it then is the first failure. */
const wellMs = 1_000
/** A question that kills threads ends two before it is turned away; that is no reason yet to let the others wait. */
const atOnce = 3
const [firstMs, mostMs] = [100, 10_000]

/**
 * How long to rest before a thread is started again, after so many failures in a row: not at all after the first few, then
 * twice as long each time, up to a bound.
 */
export const restMs = (failures: number): number =>
  failures <= atOnce ? 0 : Math.min(mostMs, firstMs * 2 ** (failures - atOnce - 1))

/** Failures in a row, now that a thread has ended that was ready for so long; undefined if it never was. */
export const failuresAfter = (failures: number, livedMs: number | undefined): number =>
  livedMs !== undefined && livedMs >= wellMs ? 1 : failures + 1

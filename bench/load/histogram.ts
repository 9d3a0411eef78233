import type { Latency } from './result.ts'

/**
 * Counts times in whole microseconds, up to 35 minutes: exactly below 2,048 µs, and above it in 1,024 steps an octave, so that
 * a value is off by less than 0.1%. Recording is two additions and costs no memory.
 */
export type LatencyHistogram = {
  readonly record: (us: number) => void
  readonly count: () => number
  /** The least value that at least that share of all values do not exceed; 0 when there are none. */
  readonly quantile: (share: number) => number
  readonly max: () => number
  readonly reset: () => void
  readonly latency: () => Latency
}

const fineBits = 10
/** Buckets that are written down are coarser, at most 1/128 wide: a curve needs no more. */
const coarseBits = 7
const mostUs = 2 ** 31 - 1

/** Where a value is counted, with 2^bits steps an octave. */
function placeOf(us: number, bits: number): number {
  if (us < 2 << bits) return us
  const shift = 31 - Math.clz32(us) - bits
  return (shift << bits) + (us >>> shift)
}

/** The largest value that is counted in a place. */
function upperBound(place: number, bits: number): number {
  if (place < 2 << bits) return place
  const shift = (place >>> bits) - 1
  return (place - (shift << bits) + 1) * 2 ** shift - 1
}

const places = placeOf(mostUs, fineBits) + 1

export function latencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(places)
  let total = 0
  let sum = 0
  let least = Infinity
  let most = 0

  const quantile = (share: number): number => {
    let left = Math.max(1, Math.ceil(share * total))
    for (let place = placeOf(least, fineBits); place < places; place++) {
      left -= counts[place]!
      if (left <= 0) return Math.min(upperBound(place, fineBits), most)
    }
    return most
  }

  return {
    record(us) {
      const whole = us < 0 ? 0 : us > mostUs ? mostUs : Math.round(us)
      counts[placeOf(whole, fineBits)]!++
      total++
      sum += whole
      if (whole < least) least = whole
      if (whole > most) most = whole
    },
    count: () => total,
    quantile: (share) => (total === 0 ? 0 : quantile(share)),
    max: () => most,
    reset() {
      counts.fill(0)
      total = sum = most = 0
      least = Infinity
    },
    latency() {
      const at = (share: number) => (total === 0 ? 0 : quantile(share))
      return {
        count: total,
        minUs: total === 0 ? 0 : least,
        meanUs: total === 0 ? 0 : sum / total,
        maxUs: most,
        p50Us: at(0.5),
        p90Us: at(0.9),
        p99Us: at(0.99),
        p999Us: at(0.999),
        p9999Us: at(0.9999),
        buckets: coarse(counts),
      }
    },
  }
}

function coarse(counts: Uint32Array): (readonly [number, number])[] {
  const merged = new Map<number, number>()
  for (const [place, count] of counts.entries()) {
    if (count === 0) continue
    const bound = upperBound(placeOf(upperBound(place, fineBits), coarseBits), coarseBits)
    merged.set(bound, (merged.get(bound) ?? 0) + count)
  }
  return [...merged]
}

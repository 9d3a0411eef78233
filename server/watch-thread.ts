import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { gcBounds, place, write, type GcKind, type Row } from './counters.ts'

type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } }

const resolutionMs = 20
const windowMs = 5_000
const writtenEveryMs = 1_000
const gcKindOf = new Map<number, GcKind>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/**
 * Writes into a row how the calling thread is: pauses for garbage collection as they happen, its heap and the delay of its event
 * loop every second. Two histograms of delays are begun anew in turn, so that the older one always has the last 5 to 10 seconds,
 * whoever reads it and however often.
 */
export function watchThread(row: Row): { readonly close: () => void } {
  let [older, newer] = [0, 1].map(() => {
    const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
    histogram.enable()
    return histogram
  }) as [ReturnType<typeof monitorEventLoopDelay>, ReturnType<typeof monitorEventLoopDelay>]
  const late = (nanoseconds: number) =>
    older.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)
  const writeState = () => {
    const { total_heap_size, used_heap_size, external_memory } = getHeapStatistics()
    write(row, {
      'delay p50': late(older.percentile(50)),
      'delay p99': late(older.percentile(99)),
      'delay max': late(older.max),
      'heap total': total_heap_size,
      'heap used': used_heap_size,
      'heap external': external_memory,
    })
  }
  writeState()
  const writing = setInterval(writeState, writtenEveryMs)
  const turning = setInterval(() => {
    older.reset()
    ;[older, newer] = [newer, older]
  }, windowMs)
  writing.unref()
  turning.unref()

  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as GcEntry[]) {
      const kind = gcKindOf.get(detail.kind)
      if (kind === undefined) continue
      const seconds = duration / 1_000
      row[place(`gc ${kind} count`)]! += 1
      row[place(`gc ${kind} seconds`)]! += seconds
      for (const bound of gcBounds) if (seconds <= bound) row[place(`gc ${kind} ${bound}`)]! += 1
    }
  })
  observer.observe({ entryTypes: ['gc'] })

  return {
    close() {
      older.disable()
      newer.disable()
      clearInterval(writing)
      clearInterval(turning)
      observer.disconnect()
    },
  }
}

import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { moduleBeside } from '../../engine/index.ts'

/** Shared with the thread that paces. */
export type Paced = {
  /** When something is due, in milliseconds from the start, going up. */
  readonly times: Float64Array
  readonly leadMs: number
  /** The start, in milliseconds since 1970. */
  readonly start: Float64Array
  /** 0 until the start is known. */
  readonly started: Int32Array
}

export type Pacer = {
  /** Begins to count, and to wake; `startMs` by this thread's `performance.now()`. */
  readonly start: (startMs: number, onWake: () => void) => void
  readonly close: () => void
}

/**
 * Wakes this thread a moment before each time that is due. The event loop's own timers come up to a millisecond late, and
 * waiting by running around would take a core from the service that is measured; a thread that sleeps has neither fault.
 */
export async function startPacer(times: Float64Array, leadMs: number): Promise<Pacer> {
  const shared = new Float64Array(new SharedArrayBuffer(times.byteLength))
  shared.set(times)
  const start = new Float64Array(new SharedArrayBuffer(8))
  const started = new Int32Array(new SharedArrayBuffer(4))
  const workerData: Paced = { times: shared, leadMs, start, started }
  const thread = new Worker(moduleBeside(import.meta.url, 'pacer-thread'), { workerData })
  await once(thread, 'online')
  return {
    start(startMs, onWake) {
      thread.on('message', onWake)
      start[0] = performance.timeOrigin + startMs
      Atomics.store(started, 0, 1)
      Atomics.notify(started, 0)
    },
    close: () => void thread.terminate(),
  }
}

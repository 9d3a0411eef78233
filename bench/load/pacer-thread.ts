import { performance } from 'node:perf_hooks'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { Paced } from './pacer.ts'

const { times, leadMs, start, started } = workerData as Paced
const wake = parentPort as MessagePort
const never = new Int32Array(new SharedArrayBuffer(4))

Atomics.wait(started, 0, 0)
const startMs = start[0]! - performance.timeOrigin
let before = -Infinity
for (const time of times) {
  const isApart = time - before > leadMs // whoever is awake for the one sees the other come
  before = time
  const restMs = startMs + time - leadMs - performance.now()
  if (!isApart || restMs < 0) continue
  Atomics.wait(never, 0, 0, restMs)
  wake.postMessage(0, [])
}

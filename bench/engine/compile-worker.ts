import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { compile } from '../../engine/index.ts'
import { signInsOf } from './sign-ins.ts'
import { signInsToTenant } from './tenant-sign-ins.ts'
import { rulesOfTenant } from './tenant.ts'

export type Compiled = {
  /** Until the first decision, since V8 compiles what it is first asked to run. */
  readonly ms: number
  /** What is kept in the end, buffers outside the heap included. */
  readonly heapBytes: number
  /** What was allocated on the way, most of it garbage by then. */
  readonly allocatedBytes: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const deciding = rulesOfTenant(workerData as number)
const signIns = signInsOf(signInsToTenant(64)).fresh()

const before = heap()
const start = performance.now()
const decide = compile(deciding)
decide(signIns[0]!)
const ms = performance.now() - start
const { total_allocated_bytes } = getHeapStatistics()
for (const signIn of signIns) decide(signIn)
const after = heap()
decide(signIns[0]!) // kept until here
const compiled: Compiled = {
  ms,
  heapBytes: after.used - before.used,
  allocatedBytes: total_allocated_bytes - before.allocated,
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not a window
parentPort!.postMessage(compiled)

function heap() {
  collectGarbage()
  const { used_heap_size, external_memory, total_allocated_bytes } = getHeapStatistics()
  return { used: used_heap_size + external_memory, allocated: total_allocated_bytes }
}

import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { moduleBeside } from '../../engine/index.ts'
import type { Compiled } from './compile-worker.ts'

export type CompileTime = Compiled & {
  readonly rules: number
  /** The longest that the main thread's event loop was held up meanwhile. */
  readonly mainThreadHeldUpMs: number
}

/** Compiles that many rules in a thread of its own, as the service does. */
export async function measureCompiling(rules: number): Promise<CompileTime> {
  const worker = new Worker(moduleBeside(import.meta.url, 'compile-worker'), { workerData: rules })
  await once(worker, 'online')
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [compiled] = (await once(worker, 'message')) as [Compiled]
  delay.disable()
  await worker.terminate()
  return { ...compiled, rules, mainThreadHeldUpMs: delay.max / 1e6 }
}

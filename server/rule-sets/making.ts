import { Piscina } from 'piscina'
import { moduleBeside } from '../../engine/index.ts'
import type { Made, Order } from './make.ts'

export type Making = {
  /** Never rejects: a thread that dies or takes too long is a pack that does not go live. */
  readonly make: (order: Order) => Promise<Made>
  readonly close: () => Promise<void>
}

export type MakingOptions = {
  /** The module that makes; exports a task that gets an `Order`. */
  readonly filename?: string
  /** Milliseconds that it may take, beside what proving may. */
  readonly deadlineMs?: number
}

/** Since a second change often follows soon, and a thread that is warm is several times as quick. */
const keptIdleMs = 60_000

/** Makes packs, one after the other, on a thread of its own, so that one which hangs, dies or takes all memory takes nothing else along. */
export function making({ filename, deadlineMs = 30_000 }: MakingOptions = {}): Making {
  let thread: { readonly pool: Piscina<Order, Made>; readonly ended: Promise<never> } | undefined
  let closed = false

  function start() {
    const pool = new Piscina<Order, Made>({
      filename: filename ?? moduleBeside(import.meta.url, 'making-thread').href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: keptIdleMs,
      atomics: 'disabled',
      recordTiming: false,
    })
    pool.on('error', () => undefined) // its task says so too
    // Piscina keeps, and says nothing of, an order whose thread ends before it is ready.
    const ended = new Promise<never>((_, reject) => {
      pool.once('workerDestroy', () => {
        forget(pool)
        setImmediate(reject, new Error('its thread has ended')) // where Piscina says why, that is said first
      })
    })
    ended.catch(() => undefined) // idle for long
    return { pool, ended }
  }

  function forget(pool: Piscina) {
    if (thread?.pool === pool) thread = undefined
  }

  async function make(order: Order): Promise<Made> {
    if (closed) return refused('unavailable', 'the service is stopping')
    const { pool, ended } = (thread ??= start())
    let late = false
    const end = () => {
      forget(pool)
      return pool.destroy()
    }
    const { proof, withinMs } = order.gate
    const longestMs = deadlineMs + (proof === 'off' ? 0 : withinMs)
    const deadline = setTimeout(() => {
      late = true
      void end()
    }, longestMs)
    try {
      return await Promise.race([pool.run(order), ended])
    } catch (error) {
      void end()
      if (closed) return refused('unavailable', 'the service is stopping')
      const why = late ? `it took longer than ${longestMs} ms` : String(error)
      return refused('rule-set-refused', `the pack can't be made ready: ${why}`)
    } finally {
      clearTimeout(deadline)
    }
  }

  return {
    make,
    async close() {
      closed = true
      await thread?.pool.destroy()
    },
  }
}

const refused = (problem: 'unavailable' | 'rule-set-refused', detail: string): Made => ({
  refused: { problem, detail },
})

import { moduleBeside } from '../../engine/index.ts'
import { Piscina } from 'piscina'
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
  let thread: Piscina<Order, Made> | undefined
  let closed = false

  function start(): Piscina<Order, Made> {
    const own = new Piscina<Order, Made>({
      filename: filename ?? moduleBeside(import.meta.url, 'making-thread').href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: keptIdleMs,
      atomics: 'disabled',
      recordTiming: false,
    })
    own.on('error', () => undefined) // its task says so too
    return own
  }

  async function make(order: Order): Promise<Made> {
    if (closed) return refused('unavailable', 'the service is stopping')
    const own = (thread ??= start())
    let late = false
    const end = () => {
      if (thread === own) thread = undefined
      return own.destroy()
    }
    const { proof, withinMs } = order.gate
    const longestMs = deadlineMs + (proof === 'off' ? 0 : withinMs)
    const deadline = setTimeout(() => {
      late = true
      void end()
    }, longestMs)
    try {
      return await own.run(order)
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
      await thread?.destroy()
    },
  }
}

const refused = (problem: 'unavailable' | 'rule-set-refused', detail: string): Made => ({
  refused: { problem, detail },
})

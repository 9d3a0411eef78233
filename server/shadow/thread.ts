import type { LogFields } from '../log.ts'
import { ring, type Note } from '../observers/shadow/ring.ts'
import { comparing } from './comparing.ts'
import { lowerPriority } from './lower-priority.ts'
import type { Order, Report, Start } from './messages.ts'

/** Bytes of notes that are taken at once: what is lost with the thread. */
const bytesAtOnce = 65_536
/** Milliseconds of work until orders are heard, between looks for notes, and once nobody has asked for a while. */
const [turnMs, lookEveryMs, idleEveryMs] = [5, 10, 50]
const idleAfterMs = 1_000
const examplesEveryMs = 500
const logEveryMs = 1_000

/** Compares what listeners leave in their rings, as a task that lasts until it is told to stop. */
export default function shadow(start: Start): Promise<void> {
  return shadowing(start, () => undefined)
}

/** `before` is given each note before it is compared. */
export function shadowing(
  { rings: memories, watch, main }: Start,
  before: (note: Note) => void,
): Promise<void> {
  lowerPriority()
  const rings = memories.map(ring)
  const report = (message: Report) => main.postMessage(message, [])
  let loggedAt = -Infinity
  const log = (line: string, fields?: LogFields) => {
    if (performance.now() < loggedAt + logEveryMs) return // it is counted
    loggedAt = performance.now()
    report({ kind: 'log', line, ...(fields && { fields }) })
  }
  const begin = (next: Start['watch']) => comparing(next, log, before, () => undefined)
  let comparison = begin(watch)
  comparison.foundLost()

  /** Works for so long at most; false once nothing waits. */
  function work(forMs: number): boolean {
    const until = performance.now() + forMs
    for (;;) {
      let found = false
      for (const each of rings) {
        const notes = each.take(bytesAtOnce)
        comparison.compareAll(notes)
        if (notes.length > 0) found = true
        if (performance.now() >= until) return true
      }
      if (!found) return false
    }
  }

  return new Promise((resolve, reject) => {
    let lastAt = performance.now()
    let next: NodeJS.Timeout | NodeJS.Immediate
    const tellExamples = () => {
      if (comparison.hasNews())
        report({ kind: 'examples', watch: comparison.id, examples: comparison.examples() })
    }
    const telling = setInterval(tellExamples, examplesEveryMs)

    function look(): void {
      try {
        const more = work(turnMs)
        const now = performance.now()
        if (more) lastAt = now
        next = more
          ? setImmediate(look)
          : setTimeout(look, now > lastAt + idleAfterMs ? idleEveryMs : lookEveryMs)
      } catch (error) {
        reject(error)
      }
    }
    look()
    report({ kind: 'started' })

    main.on('message', (order: Order) => {
      try {
        if (order.kind === 'ping') report({ kind: 'pong' })
        else if (order.kind === 'watch') {
          tellExamples()
          comparison = begin(order.watch)
        } else {
          clearTimeout(next as NodeJS.Timeout)
          clearImmediate(next as NodeJS.Immediate)
          clearInterval(telling)
          work(order.withinMs)
          tellExamples()
          resolve()
        }
      } catch (error) {
        reject(error)
      }
    })
  })
}

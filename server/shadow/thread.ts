import type { LogFields } from '../log.ts'
import { ring, type Note } from '../observers/shadow/ring.ts'
import { fileSink } from '../observers/log/file-sink.ts'
import { masking, type Mask } from '../observers/log/mask.ts'
import { errorOf, type Sink } from '../observers/log/sink.ts'
import { comparing } from './comparing.ts'
import { entryOf } from './entry.ts'
import { lineWriter } from './line-writer.ts'
import { lowerPriority } from '../lower-priority.ts'
import type { Order, Report, ShadowFile, Start } from './messages.ts'
import { tallyIn } from './tally.ts'

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
export async function shadowing(
  { rings: memories, watch, file, mask, main }: Start,
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
  const tell = (line: string) => report({ kind: 'log', line, fields: { level: 'warn' } })
  let tally = tallyIn(watch.tally)
  const unwritten = (lines: number) => tally.add('unlogged', lines)
  const lines = file && lineWriter(await opened(file, tell), tell, unwritten)
  const masked: Mask = mask.length > 0 ? masking(mask) : unmasked
  const begin = (next: Start['watch']) => {
    tally = tallyIn(next.tally)
    return comparing(next, log, mask, before, (note, kind, difference, ruleSet) =>
      lines?.add(entryOf(note, kind, difference, ruleSet, masked)),
    )
  }
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
          if (lines) lines.close().then(resolve, reject)
          else resolve()
        }
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** A byte order mark is left out, as it is by a decoder. */
const unmasked: Mask = (body, decision) => ({ body, decision, masked: [] })

/** A file that can't be opened now is tried again with each piece. */
async function opened(
  { path, maxBytes, keep }: ShadowFile,
  tell: (line: string) => void,
): Promise<Sink> {
  const open = () =>
    fileSink(path, { maxBytes, keep, fsync: 'never', tell: (line) => tell(`shadow log: ${line}`) })
  let sink = await open().catch(() => undefined)
  return {
    async append(lines) {
      try {
        return await (sink ??= await open()).append(lines)
      } catch (error) {
        return { taken: 0, error: errorOf(error) }
      }
    },
    sync: async () => sink?.sync(),
    close: async () => sink?.close(),
  }
}

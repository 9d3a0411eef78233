import { moduleBeside } from '../../engine/index.ts'
import { MessageChannel } from 'node:worker_threads'
import type { Log } from '../log.ts'
import { ownLoop } from '../own-loop.ts'
import type { Examples, Order, Report, Start, Watch } from './messages.ts'

export type KeepOptions = Pick<Start, 'rings' | 'file' | 'mask'> & {
  readonly watch: Watch
  readonly log: Log
  readonly examples: (watch: number, examples: Examples) => void
  /** Told each time that a thread was lost. */
  readonly lost: () => void
  /** The module that is the thread; exports a task that gets a `Start`. */
  readonly filename?: string
  readonly pingEveryMs?: number
}

/** The thread that compares, kept alive. */
export type KeptThread = {
  readonly watch: (watch: Watch) => void
  /** Ends it once it has compared what waits, or after so many milliseconds. */
  readonly stop: (withinMs: number) => Promise<void>
}

const [firstPauseMs, longestPauseMs] = [100, 10_000]
const mostPings = 10
/** Until a thread has started; one of low priority takes its time on a busy machine. */
const startWithinMs = 60_000
const stopGraceMs = 250

/** Starts it, and starts it again whenever it is lost: soon, but later and later if that does not help. Nobody waits for it. */
export function keepThread(options: KeepOptions): KeptThread {
  const { rings, file, mask, log, examples, lost, filename, pingEveryMs = 1_000 } = options
  let { watch } = options
  let stopping = false
  let failures = 0
  let pause: NodeJS.Timeout | undefined
  let order: (message: Order) => void = () => undefined
  let destroy: () => Promise<void> = () => Promise.resolve()
  let ended: Promise<void> = start()

  async function start(): Promise<void> {
    const startedAt = performance.now()
    try {
      await run()
    } catch (error) {
      if (stopping) return
      lost()
      if (performance.now() - startedAt > longestPauseMs) failures = 0
      const pauseMs = Math.min(firstPauseMs * 2 ** failures++, longestPauseMs)
      log(`the shadow's thread was lost (${String(error)}); starting it again in ${pauseMs} ms`, {
        level: 'warn',
      })
      pause = setTimeout(() => {
        ended = start()
      }, pauseMs)
      pause.unref()
    }
  }

  async function run(): Promise<void> {
    const threads = ownLoop<Start, void>(filename ?? moduleBeside(import.meta.url, 'thread').href)
    destroy = () => threads.destroy()
    const { port1: port, port2: main } = new MessageChannel()
    order = (message) => port.postMessage(message)
    let why = ''
    let unanswered = 0
    const lose = (reason: string) => {
      why = reason
      void destroy()
    }
    // Counted rather than timed: a main thread that was itself held up has sent none meanwhile.
    const ping = () => {
      if (unanswered++ < mostPings) order({ kind: 'ping' })
      else lose('it no longer answers')
    }
    let timer = setTimeout(lose, startWithinMs, 'it did not start')
    port.on('message', (report: Report) => {
      if (report.kind === 'pong') unanswered = 0
      else if (report.kind === 'started') {
        clearTimeout(timer)
        timer = setInterval(ping, pingEveryMs)
      } else if (report.kind === 'log') log(report.line, report.fields)
      else examples(report.watch, report.examples)
    })
    try {
      // piscina takes the type from the wrong overload of postMessage
      const transferList = [main] as unknown as NonNullable<
        Parameters<typeof threads.run>[1]
      >['transferList']
      await threads.run(
        { rings, watch, mask, main, ...(file && { file }) },
        { transferList: transferList! },
      )
    } catch (error) {
      throw why === '' ? error : new Error(why, { cause: error })
    } finally {
      clearTimeout(timer) // or an interval by now
      port.close()
      await destroy()
    }
    if (!stopping) throw new Error('it ended without having been told to')
  }

  return {
    watch(next) {
      watch = next
      order({ kind: 'watch', watch })
    },
    async stop(withinMs) {
      stopping = true
      clearTimeout(pause)
      order({ kind: 'stop', withinMs })
      const late = setTimeout(() => void destroy(), withinMs + stopGraceMs)
      await ended
      clearTimeout(late)
    },
  }
}

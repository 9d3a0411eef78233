import { MessageChannel } from 'node:worker_threads'
import { moduleBeside } from '../../engine/index.ts'
import type { Decider, Pack } from '../../engine/index.ts'
import type { Control } from '../control.ts'
import type { Log } from '../log.ts'
import { ownLoop } from '../own-loop.ts'
import type { LastReload } from '../rule-sets/activation.ts'
import type { Order, Report, Start } from './messages.ts'
import { answerer } from './questions.ts'

export type ThreadOptions = Omit<Start, 'main' | 'pack'> & {
  readonly decider: Decider
  readonly control: Control
  readonly log: Log
  /** The module that is the thread; exports a task that gets a `Start`. */
  readonly filename?: string
  /** Milliseconds until it has to accept. */
  readonly startWithinMs?: number
  /** Milliseconds between pings from then on; a thread that leaves ten of them without an answer is hung. */
  readonly pingEveryMs?: number
}

/** One listener thread, from its start to its end. */
export type ListenerThread = {
  /** Resolves once it accepts; rejects if it never comes to that. */
  readonly listening: Promise<void>
  /** Requests cut off by its stop; rejects when the thread was lost. By then nothing of it is left. */
  readonly ended: Promise<number>
  /** Makes a pack ready on the thread. Rejects when it can't be; resolves when the thread has ended, too. */
  readonly prepare: (pack: Pack) => Promise<void>
  /** Resolves once the thread decides by the pack, or has ended; one that can't is ended. */
  readonly commit: (pack: Pack) => Promise<void>
  readonly reloaded: (lastReload: LastReload) => void
  readonly retire: () => void
  readonly stop: (withinMs: number) => void
  /** Ends it at once. */
  readonly lose: (why: string) => void
}

const mostPings = 10

/**
 * A listener as a long-running task of a piscina of its own, of one thread: piscina itself gives up on a pool whose thread failed
 * while it was loading, so that each thread's can be thrown away whole.
 */
export function startThread(pack: Pack, options: ThreadOptions): ListenerThread {
  const {
    decider,
    control,
    log,
    filename,
    startWithinMs = 10_000,
    pingEveryMs = 1_000,
    ...start
  } = options
  const threads = ownLoop<Start, number>(filename ?? moduleBeside(import.meta.url, 'thread').href)
  const { port1: port, port2: main } = new MessageChannel()
  const order = (message: Order) => port.postMessage(message)
  const questions = answerer(decider, (replies) => order({ kind: 'replies', replies }))

  let reason = ''
  const lose = (why: string) => {
    reason ||= why
    void threads.destroy()
  }
  let timer = setTimeout(() => lose(`it did not start within ${startWithinMs} ms`), startWithinMs)
  let accepts: () => void = () => undefined
  const accepting = new Promise<void>((resolve) => {
    accepts = () => {
      clearTimeout(timer)
      timer = setInterval(ping, pingEveryMs)
      resolve()
    }
  })
  let unanswered = 0
  // Counted rather than timed: a main thread that was itself held up has sent none meanwhile.
  const ping = () => {
    if (unanswered++ >= mostPings) lose('it no longer answers')
    else order({ kind: 'ping' })
  }
  const unacknowledged: ((error?: string) => void)[] = []
  /** What was made ready last. */
  let ready: string | undefined
  let over = false

  port.on('message', (report: Report) => {
    if (report.kind === 'questions') questions.put(report.questions)
    else if (report.kind === 'command')
      void control(report.name, report.args).then((controlled) =>
        order({ kind: 'controlled', id: report.id, controlled }),
      )
    else if (report.kind === 'pong') unanswered = 0
    else if (report.kind === 'log') log(report.line, report.fields)
    else if (report.kind === 'listening') accepts()
    else unacknowledged.shift()?.(report.error)
  })

  async function run(): Promise<number> {
    try {
      // piscina takes the type from the wrong overload of postMessage
      const transferList = [main] as unknown as NonNullable<
        Parameters<typeof threads.run>[1]
      >['transferList']
      return await threads.run({ ...start, pack, main }, { transferList: transferList! })
    } catch (error) {
      throw new Error(reason || String(error), { cause: error })
    } finally {
      clearTimeout(timer) // or an interval by now
      port.close()
      await threads.destroy()
      over = true
      for (const done of unacknowledged) done()
    }
  }
  /** Resolves to what is wrong, if something is. */
  const acknowledged = (message: Order) =>
    new Promise<string | undefined>((resolve) => {
      if (over) return resolve(undefined)
      order(message)
      return void unacknowledged.push(resolve)
    })
  const ended = run()
  const lost = ended.then(() => {
    throw new Error('it ended while it was starting')
  })
  return {
    listening: Promise.race([accepting, lost]),
    ended,
    async prepare(next) {
      const error = await acknowledged({ kind: 'prepare', pack: next })
      if (error !== undefined) throw new Error(`listener ${start.listener}: ${error}`)
      ready = next.ruleSet.revision
    },
    async commit(next) {
      questions.flush() // what the old one has decided is told before, and so is answered before
      const isReady = ready === next.ruleSet.revision
      const error = await acknowledged({ kind: 'commit', ...(!isReady && { pack: next }) })
      if (error !== undefined) lose(`it could not load the rule set: ${error}`)
    },
    reloaded: (lastReload) => order({ kind: 'reloaded', lastReload }),
    retire: () => order({ kind: 'retire' }),
    stop: (withinMs) => order({ kind: 'stop', withinMs }),
    lose,
  }
}

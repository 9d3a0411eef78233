import { Piscina } from 'piscina'
import type { Message, Reply } from './message.ts'

/** A worker thread from its start to its end, which comes but once. */
export type OneThread = {
  /** One message at a time. Rejects when the thread ends; a thread that takes longer is ended. */
  readonly run: (message: Message, deadlineMs: number) => Promise<Reply>
  readonly end: (why: Error) => Promise<void>
}

/** What becomes of a thread that takes too long. */
export class Hung extends Error {
  override readonly name = 'Hung'
}

/**
 * Starts a thread. A piscina for each: its own way to replace threads starts them again and again without rest, and after
 * a module that fails to load its tasks hang; so whatever happens to the thread ends the piscina, and the next one is new.
 */
export function startThread(module: URL, onEnd: (why: Error) => void): OneThread {
  const pool = new Piscina<Message, Reply>({
    filename: module.href,
    minThreads: 0, // so that it does not start another one by itself
    maxThreads: 1,
    idleTimeout: Infinity,
    maxQueue: 1, // the first message waits until the thread has started
    concurrentTasksPerWorker: 1,
    atomics: 'disabled', // measured best with messages of many; "sync" would stop the threads' own timers
    recordTiming: false,
  })
  let ended: Promise<void> | undefined
  let fail: (why: Error) => void = () => undefined
  pool.on('error', (error: Error) => void end(error))
  // the only sign of a thread that ends idle; if there is more to say, it is said before the next turn
  pool.on('workerDestroy', () => {
    setImmediate(() => void end(new Error('the thread has ended')))
  })

  function end(why: Error): Promise<void> {
    if (ended === undefined) {
      ended = pool.destroy()
      fail(why)
      onEnd(why)
    }
    return ended
  }

  return {
    end,
    run(message, deadlineMs) {
      return new Promise((resolve, reject) => {
        fail = reject
        const late = setTimeout(
          () => void end(new Hung(`the thread took longer than ${deadlineMs} ms`)),
          deadlineMs,
        )
        pool
          .run(message)
          .then(resolve, end)
          .finally(() => clearTimeout(late))
      })
    },
  }
}

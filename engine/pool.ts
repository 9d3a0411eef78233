import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Answer } from './answer.ts'
import { Unavailable, type Decider } from './decider.ts'
import type { RuleSet } from './rule-set.ts'
import type { Message, Reply } from './worker.ts'

export type PoolOptions = {
  /** Worker threads; by default one less than there are cores, so that one is left to the HTTP thread. */
  readonly threads?: number
  /** Sign-ins that may wait or be under way; beyond it questions are turned away. */
  readonly mostWaiting?: number
  /** Milliseconds a message may take, its time in the queue included; then its thread is replaced. */
  readonly deadlineMs?: number
}

/** Sign-ins in one message: enough that the hop between threads costs little each, few enough to share the threads out. */
const messageSize = 128
const startDeadlineMs = 10_000

type Job = {
  readonly texts: readonly string[]
  readonly now: number
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Decides on worker threads. A hop between threads costs many times a decision, so questions that come in during one turn
 * of the event loop share messages, and large batches are split over the threads.
 */
export async function pooled(ruleSet: RuleSet, options: PoolOptions = {}): Promise<Decider> {
  const {
    threads = Math.max(1, availableParallelism() - 1),
    mostWaiting = 10_000,
    deadlineMs = 2_000,
  } = options
  const { revision } = ruleSet
  const pool = new Piscina<Message, Reply>({
    filename: new URL('./worker.ts', import.meta.url).href,
    workerData: ruleSet,
    minThreads: threads,
    maxThreads: threads, // a thread started on demand would make its first callers wait
    idleTimeout: Infinity,
    maxQueue: mostWaiting + threads, // the bound on sign-ins below is the one that turns away
    concurrentTasksPerWorker: 1,
    atomics: 'disabled', // measured best with batches; "sync" would stop the threads' own timers
    recordTiming: false,
  })
  // A thread that dies while idle has lost nobody's question; piscina starts another.
  pool.on('error', () => undefined)

  let waiting = 0
  let jobs: Job[] = []
  let closed = false

  try {
    await Promise.all(Array.from({ length: threads }, () => send([], 0, startDeadlineMs)))
  } catch (error) {
    await pool.destroy()
    throw new Unavailable('the worker threads did not start', { cause: error })
  }

  return {
    ruleSet,
    decide(texts, now) {
      if (closed) return Promise.reject(new Unavailable('the service is stopping'))
      if (waiting + texts.length > mostWaiting)
        return Promise.reject(
          new Unavailable(
            `${waiting} sign-ins are waiting already, and at most ${mostWaiting} may`,
          ),
        )
      waiting += texts.length
      return new Promise<readonly Answer[]>((resolve, reject) => {
        jobs.push({ texts, now, resolve, reject })
        if (jobs.length === 1) setImmediate(flush)
      }).finally(() => {
        waiting -= texts.length
      })
    },
    async close() {
      closed = true
      if (jobs.length > 0) flush()
      await pool.close({ force: false })
    },
  }

  /** Puts all that came in since the last turn into messages. Sign-ins without a time of their own share the first one's. */
  function flush(): void {
    const batch = jobs
    jobs = []
    const texts = batch.flatMap((job) => job.texts)
    const now = batch[0]?.now ?? 0
    const messages: Promise<readonly Answer[]>[] = []
    const size = Math.min(messageSize, Math.max(1, Math.ceil(texts.length / threads)))
    for (let at = 0; at < texts.length; at += size)
      messages.push(send(texts.slice(at, at + size), now, deadlineMs))
    settle(batch, messages, size)
  }

  /** Each job waits for the messages that carry its own texts, so that a lost one fails only those in it. */
  function settle(
    batch: readonly Job[],
    messages: readonly Promise<readonly Answer[]>[],
    size: number,
  ): void {
    for (const message of messages) message.catch(() => undefined)
    let start = 0
    for (const { texts, resolve, reject } of batch) {
      const [from, to] = [start, start + texts.length]
      start = to
      const first = Math.floor(from / size)
      const last = Math.ceil(to / size)
      Promise.all(messages.slice(first, last)).then(
        (parts) => resolve(parts.flat().slice(from - first * size, to - first * size)),
        (error: unknown) => reject(new Unavailable('no decision could be made', { cause: error })),
      )
    }
  }

  async function send(
    texts: readonly string[],
    now: number,
    withinMs: number,
  ): Promise<readonly Answer[]> {
    const signal = AbortSignal.timeout(withinMs)
    const message = { revision, texts, now }
    let reply = await pool.run(message, { signal })
    if ('unknownRevision' in reply) reply = await pool.run({ ...message, ruleSet }, { signal })
    if ('unknownRevision' in reply || reply.answers.length !== texts.length)
      throw new TypeError('a worker thread gave no answer')
    return reply.answers
  }
}

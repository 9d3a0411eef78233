import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { answerPlain, load, type Answer } from '../answer.ts'
import { Unavailable, type Decider } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import { keepingTo, type Where } from './on-thread.ts'
import type { Message } from './worker.ts'

export type PoolOptions = {
  /** Worker threads; by default one less than there are cores, so that one is left to the HTTP thread. */
  readonly threads?: number
  /** Sign-ins that may wait or be under way; beyond it questions are turned away. */
  readonly mostWaiting?: number
  /** Milliseconds that a question may wait for its first turn, and that a thread may take for a message before it is replaced. */
  readonly deadlineMs?: number
  /** Where `atOnce` decides: always on the calling thread (`inline`), never (`pooled`), or there while that is quick (`auto`). */
  readonly pool?: Where
  /** Told of every thread or message that was lost. */
  readonly onLoss?: (error: unknown) => void
}

/** In one message: enough that the hop between threads costs little each, few enough to share the threads out. */
const mostBodies = 64
const mostBytes = 131_072
const startDeadlineMs = 10_000

/** One call of `decide`: its answers come in by and by, from one message or from several. */
type Job = {
  readonly bodies: readonly Uint8Array[]
  readonly now: number
  readonly askedAt: number
  readonly answers: Answer[]
  /** How many bodies have been put into messages, and how many answered. */
  sent: number
  answered: number
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: Unavailable) => void
}

/** The part of a message that belongs to one job. */
type Share = { readonly job: Job; readonly from: number; readonly to: number }

/**
 * Decides on worker threads. A hop between threads costs many times a decision, so questions that come in together, or
 * while all threads are busy, share messages, and large batches are split. A message is under way only while a thread has
 * it: what waits, waits here, where it is counted and its age is known.
 */
export async function pooled(ruleSet: RuleSet, options: PoolOptions = {}): Promise<Decider> {
  const {
    threads = Math.max(1, availableParallelism() - 1),
    mostWaiting = 10_000,
    deadlineMs = 2_000,
    pool: where = 'auto',
    onLoss = () => undefined,
  } = options
  /** Threads that have compiled a rule set, and each answered once. */
  async function started(by: RuleSet) {
    const pool = new Piscina<Message, readonly Answer[]>({
      filename: new URL('./worker.ts', import.meta.url).href,
      workerData: by,
      minThreads: threads,
      maxThreads: threads, // a thread started on demand would make its first callers wait
      idleTimeout: Infinity,
      maxQueue: threads,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled', // measured best with batches; "sync" would stop the threads' own timers
      recordTiming: false,
    })
    pool.on('error', onLoss) // a thread that dies while idle has lost nobody's question; piscina starts another
    try {
      const nothing = { bodies: [], nows: [] }
      const signal = AbortSignal.timeout(startDeadlineMs)
      await Promise.all(Array.from({ length: threads }, () => pool.run(nothing, { signal })))
    } catch (error) {
      await pool.destroy()
      throw new Unavailable(`the worker threads did not start with ${by.revision}`, {
        cause: error,
      })
    }
    return pool
  }

  /** In the order in which their turns come; a batch that is not through goes to the end after each of its turns. */
  const queue = new Set<Job>()
  /** Bodies in the queue, and bodies that have no answer yet. */
  let queued = 0
  let waiting = 0
  let underWay = 0
  let lost = 0
  let woken = false
  let closing: Promise<void> | undefined
  let drained: () => void = () => undefined

  let pool = await started(ruleSet)
  let loaded = load(ruleSet)
  const inline: Decider['atOnce'] = (bytes, now) => answerPlain(loaded, bytes, now)
  const atOnce = keepingTo(where, inline)

  /** Each waits for the one before it. */
  let swapped = Promise.resolve()
  async function swap(to: RuleSet): Promise<void> {
    if (closing) throw new Unavailable('the service is stopping')
    const next = await started(to)
    const before = pool
    loaded = load(to)
    pool = next
    await before.close() // what is under way there is answered by it
  }

  return {
    get ruleSet() {
      return loaded.ruleSet
    },
    atOnce: (bytes, now) => (closing ? undefined : atOnce(bytes, now)),
    decide(bodies, now) {
      if (closing) return Promise.reject(new Unavailable('the service is stopping'))
      if (bodies.length === 0) return Promise.resolve([])
      if (waiting + bodies.length > mostWaiting)
        return Promise.reject(
          new Unavailable(
            `expected at most ${mostWaiting} sign-ins to wait, got ${bodies.length} more with ${waiting} waiting`,
          ),
        )
      waiting += bodies.length
      return new Promise<readonly Answer[]>((resolve, reject) => {
        const askedAt = performance.now()
        queue.add({ bodies, now, askedAt, answers: [], sent: 0, answered: 0, resolve, reject })
        queued += bodies.length
        wake()
      }).finally(() => {
        waiting -= bodies.length
        if (waiting === 0) drained()
      })
    },
    swap(to) {
      const done = swapped.then(() => swap(to))
      swapped = done.catch(() => undefined)
      return done
    },
    state() {
      let oldest = Infinity
      for (const { sent, askedAt } of queue) if (sent === 0) oldest = Math.min(oldest, askedAt)
      const oldestMs = oldest === Infinity ? 0 : performance.now() - oldest
      return { threads, waiting, oldestMs, lost, retried: 0 }
    },
    close() {
      closing ??= (async () => {
        await swapped
        if (waiting > 0) await new Promise<void>((resolve) => (drained = resolve))
        await pool.destroy()
      })()
      return closing
    },
  }

  /** Once a turn of the event loop, so that what comes in together goes together. */
  function wake(): void {
    if (woken) return
    woken = true
    setImmediate(() => {
      woken = false
      while (underWay < threads && queue.size > 0) {
        const shares = nextShares()
        if (shares.length > 0) send(shares)
      }
    })
  }

  /**
   * Takes the next message off the queue: a part of every job in turn, so that a single question never waits for a whole
   * batch. Questions whose first turn comes too late are turned away instead.
   */
  function nextShares(): readonly Share[] {
    const now = performance.now()
    let room = Math.min(mostBodies, Math.ceil(queued / (threads - underWay)))
    let bytes = mostBytes
    let turns = queue.size
    const shares: Share[] = []
    for (const job of queue) {
      if (turns-- === 0 || room <= 0 || bytes <= 0) break
      if (job.sent === 0 && now - job.askedAt > deadlineMs) {
        leave(job, new Unavailable(`no thread was free within ${deadlineMs} ms`))
        continue
      }
      const from = job.sent
      const fair = from + Math.max(1, Math.ceil(room / (turns + 1)))
      while (job.sent < Math.min(fair, job.bodies.length) && bytes > 0) {
        bytes -= job.bodies[job.sent]!.length
        job.sent++
      }
      room -= job.sent - from
      queued -= job.sent - from
      shares.push({ job, from, to: job.sent })
      queue.delete(job)
      if (job.sent < job.bodies.length) queue.add(job)
    }
    return shares
  }

  /** A job that can't be answered whole is not answered at all. */
  function leave(job: Job, error: Unavailable): void {
    if (queue.delete(job)) queued -= job.bodies.length - job.sent
    job.reject(error)
  }

  function send(shares: readonly Share[]): void {
    const bodies = shares.flatMap(({ job, from, to }) =>
      job.bodies.slice(from, to).map((body) => Uint8Array.from(body)),
    ) // copies, since a view would take all of what it looks at along
    const nows = shares.flatMap(({ job, from, to }) =>
      Array.from({ length: to - from }, () => job.now),
    )
    underWay++
    pool
      .run({ bodies, nows }, { signal: AbortSignal.timeout(deadlineMs) })
      .then((answers) => {
        if (answers.length !== bodies.length)
          throw new TypeError('a worker thread left questions open')
        let at = 0
        for (const share of shares) at = deliver(share, answers, at)
      })
      .catch((error: unknown) => {
        for (const { job } of shares)
          leave(job, new Unavailable('no decision could be made', { cause: error }))
        lost++
        onLoss(error)
      })
      .finally(() => {
        underWay--
        if (queue.size > 0) wake()
      })
  }

  function deliver({ job, from, to }: Share, answers: readonly Answer[], at: number): number {
    for (let index = from; index < to; index++) job.answers[index] = answers[at + index - from]!
    job.answered += to - from
    if (job.answered === job.bodies.length) job.resolve(job.answers)
    return at + to - from
  }
}

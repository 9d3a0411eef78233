import { moduleBeside } from '../module-beside.ts'
import { availableParallelism } from 'node:os'
import { answerPlain, load } from '../answer.ts'
import { Unavailable, type Decider } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import { costOf } from './cost.ts'
import { bodiesAMessage } from './bodies-a-message.ts'
import { deliver, replied } from './deliver.ts'
import { jobOf, type Share } from './job.ts'
import { answersOf } from './message.ts'
import { Hung } from './one-thread.ts'
import { keepingTo } from './on-thread.ts'
import type { PoolOptions } from './options.ts'
import { places } from './places.ts'
import { queueOf } from './queue.ts'
import { swapping } from './swapping.ts'
import { thread, type Thread } from './thread.ts'

/** So much, in milliseconds, the calling thread decides in one turn of its event loop when all others are busy. */
const helpMs = 0.4
/** How often, in milliseconds, what waits is looked at for what has waited too long. */
const sweepMs = 25

/**
 * Decides on worker threads. A hop between threads costs many times a decision, so questions that come in together, or
 * while all threads are busy, share messages, and large batches are split. A message is under way only while a thread has
 * it: what waits, waits here, where it is counted and its age is known.
 */
export async function pooled(ruleSet: RuleSet, options: PoolOptions = {}): Promise<Decider> {
  const {
    threads: count = Math.max(1, availableParallelism() - 1),
    mostWaiting = 10_000,
    deadlineMs = 2_000,
    waitLimitMs = 0,
    loadDeadlineMs = 10_000,
    pool: where = 'auto',
    onLoss = () => undefined,
    module = moduleBeside(import.meta.url, 'worker'),
  } = options
  const queue = queueOf(deadlineMs, waitLimitMs)
  const cost = costOf()
  const deciding = where === 'auto' ? count + 1 : count
  const waiting = places(mostWaiting)
  let current = ruleSet
  /** Questions without an answer that the current rule set decides, and who is told once they all have one. */
  let underWay = { count: 0, none: (): void => undefined }
  let lost = 0
  let retried = 0
  let woken = false
  let closing: Promise<void> | undefined
  let drained: () => void = () => undefined

  const onThreadLoss = (why: Error) => {
    lost++
    if (isResting()) queue.expire(performance.now(), resting(why))
    onLoss(why)
  }
  const threads = Array.from({ length: count }, () =>
    thread({
      module,
      current: () => current,
      deadlineMs,
      loadDeadlineMs,
      onFree: wake,
      onLoss: onThreadLoss,
    }),
  )
  const closeThreads = () => Promise.all(threads.map(({ close }) => close()))
  let loaded: ReturnType<typeof load> | undefined
  try {
    const started = Promise.all(threads.map((each) => each.started))
    started.catch(() => undefined) // it is awaited once this thread has loaded too, meanwhile
    if (where !== 'pooled') loaded = load(ruleSet)
    await started
  } catch (error) {
    await closeThreads()
    throw new Unavailable('the worker threads did not start', { cause: error })
  }

  const here = keepingTo(
    where,
    (bytes, now) => answerPlain(loaded!, bytes, now),
    cost,
    () => isResting(),
  )
  const swaps = swapping({ module, loadDeadlineMs }, async (to) => {
    const onThreads = (async () => {
      for (const { prepare } of threads) await prepare(to) // one after the other, so that the others go on deciding
    })() // never rejects
    const next = loaded && load(to) // while the first of them does the same
    await onThreads
    return async () => {
      loaded = next
      current = to
      const before = underWay
      underWay = { count: 0, none: () => undefined }
      if (before.count > 0) await new Promise<void>((resolve) => (before.none = resolve))
    }
  })
  const sweep = setInterval(() => {
    if (queue.size() > 0) queue.expire(performance.now())
  }, sweepMs).unref()

  return {
    get ruleSet() {
      return current
    },
    atOnce: (bytes, now) => (closing ? undefined : here(bytes, now)),
    decide(bodies, now) {
      if (closing) return stopping()
      if (bodies.length === 0) return Promise.resolve([])
      if (isResting()) return Promise.reject(resting())
      const refused = waiting.take(bodies.length)
      if (refused) return Promise.reject(refused)
      const by = underWay
      by.count++
      const { job, answered } = jobOf(bodies, now, current, performance.now(), () => {
        if (--by.count === 0) by.none()
        waiting.give(bodies.length)
        if (waiting.taken() === 0) drained()
      })
      queue.add(job)
      wake()
      return answered
    },
    swap: (to) => (closing ? stopping() : swaps.swap(to, () => current)),
    prepare: (to) => (closing ? stopping() : swaps.prepare(to, () => current)),
    isBehind() {
      const waitMs = (queue.singles() * cost.usualUs()) / 1_000 / deciding
      return waitMs > 0 && waitMs > queue.mostMs(performance.now())
    },
    state: () => ({
      threads: threads.filter(({ state }) => state() === 'free' || state() === 'busy').length,
      waiting: waiting.taken(),
      oldestMs: queue.oldestMs(performance.now()),
      lost,
      retried,
    }),
    close(withinMs) {
      closing ??= (async () => {
        await swaps.close()
        if (waiting.taken() > 0) {
          const answered = new Promise<void>((resolve) => (drained = resolve))
          const giveUp = () =>
            queue.expire(performance.now(), new Unavailable('the service is stopping'))
          const late = withinMs === undefined ? undefined : setTimeout(giveUp, withinMs)
          await answered
          clearTimeout(late)
        }
        clearInterval(sweep)
        await closeThreads()
      })()
      return closing
    },
  }

  function stopping(): Promise<never> {
    return Promise.reject(new Unavailable('the service is stopping'))
  }

  function resting(cause?: Error): Unavailable {
    return new Unavailable('the worker threads do not start; they are tried again', { cause })
  }

  /** Whether nothing can be asked of any thread for a while. */
  function isResting(): boolean {
    return threads.every(({ state }) => state() === 'resting')
  }

  /** Once a turn of the event loop, so that what comes in together goes together. */
  function wake(): void {
    if (woken) return
    woken = true
    setImmediate(() => {
      woken = false
      const free = threads.filter(({ state }) => state() === 'free')
      for (const [index, { ask }] of free.entries()) {
        const most = bodiesAMessage(queue.size(), free.length - index, cost.usualUs())
        const shares = queue.next(performance.now(), most)
        if (shares.length === 0) return
        send(ask, shares)
      }
      if (where === 'auto') help()
    })
  }

  /** All threads are busy: what still waits is better decided here than not at all. Batches are left to the threads. */
  function help(): void {
    const start = performance.now()
    let at = start
    while (at - start < helpMs) {
      const share = queue.single(current, at)
      if (!share) return
      deliver([share], [replied(loaded!, share.job.bodies[0]!, share.job.now)], queue.leave)
      const from = at
      at = performance.now()
      cost.learn((at - from) * 1_000)
    }
    if (queue.singles() > 0) wake()
  }

  function send(ask: Thread['ask'], shares: readonly Share[]): void {
    const bodies = shares.flatMap(({ job, from, to }) => job.bodies.slice(from, to))
    const nows = shares.flatMap(({ job, from, to }) =>
      Array.from({ length: to - from }, () => job.now),
    )
    ask(shares[0]!.job.ruleSet, bodies, nows)
      .then((reply) => {
        const answers = answersOf(reply)
        if (answers.length !== bodies.length)
          throw new TypeError(`expected ${bodies.length} answers, got ${answers.length}`)
        cost.learn(reply.us / bodies.length)
        deliver(shares, answers, queue.leave)
      })
      .catch((error: unknown) => shares.forEach((share) => lose(share, error)))
  }

  /**
   * A question whose thread died gets one more, in a message of its own, so that one that kills threads takes only itself down.
   * Never on the calling thread, which it would kill with all connections; and not if it hung, since it would again.
   */
  function lose(share: Share, error: unknown): void {
    if (share.job.done) return
    if (share.again || error instanceof Hung || isResting())
      return queue.leave(share.job, new Unavailable('no decision could be made', { cause: error }))
    retried += share.to - share.from
    queue.again(share)
    wake()
  }
}

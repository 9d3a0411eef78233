import { Unavailable } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import type { Job, Share } from './job.ts'
import { takeTurns } from './lane.ts'
import { limits } from './limits.ts'

export type Queue = {
  readonly add: (job: Job) => void
  /** Puts back what was lost with its thread: it gets a message of its own, before all others. */
  readonly again: (share: Share) => void
  /** The next message: at most so many bodies, at least one; none if nothing waits. */
  readonly next: (nowMs: number, most: number) => readonly Share[]
  /** The single question that has waited longest, if it is to be decided by this rule set. */
  readonly single: (ruleSet: RuleSet, nowMs: number) => Share | undefined
  /** Turns away what has waited too long; `error` turns everything away. */
  readonly expire: (nowMs: number, error?: Unavailable) => void
  /** Turns one away. */
  readonly leave: (job: Job, error: Unavailable) => void
  /** Bodies that wait. */
  readonly size: () => number
  readonly singles: () => number
  /** Milliseconds that a single question may wait now. */
  readonly mostMs: (nowMs: number) => number
  readonly oldestMs: (nowMs: number) => number
}

/**
 * What waits for a thread. Single questions and batches have a lane each, and every message has room for both, so that neither
 * holds the other up; within a lane each has its turn, and a batch that is not through goes to the end after each of its own.
 */
export function queueOf(deadlineMs: number, waitLimitMs: number): Queue {
  const singles = new Set<Job>()
  const batches = new Set<Job>()
  const lost: Share[] = []
  const { ofSingle, ofBatch, ofAll, emptied } = limits(deadlineMs, waitLimitMs)
  let size = 0
  let batchesFirst = false

  function leave(job: Job, error: Unavailable): void {
    if (job.done) return
    drop(job)
    job.reject(error)
  }

  function drop(job: Job): void {
    job.done = true
    if (singles.delete(job) || batches.delete(job)) size -= job.bodies.length - job.sent
  }

  function expireSingles(nowMs: number): void {
    const most = ofSingle(nowMs)
    for (const job of singles) {
      if (nowMs - job.askedAt <= most) break // those behind it are younger
      leave(job, new Unavailable(`no thread was free within ${most} ms`))
    }
    if (singles.size === 0) emptied(nowMs)
  }

  return {
    add(job) {
      if (singles.size === 0) emptied(job.askedAt)
      ;(job.bodies.length === 1 ? singles : batches).add(job)
      size += job.bodies.length
    },
    again: (share) => void lost.push({ ...share, again: true }),
    next(nowMs, most) {
      for (let share = lost.shift(); share; share = lost.shift())
        if (!share.job.done) return [share]
      expireSingles(nowMs)
      batchesFirst = !batchesFirst
      const [first, second] = batchesFirst ? [batches, singles] : [singles, batches]
      const message = takeTurns(first, second.size > 0 ? Math.ceil(most / 2) : most)
      takeTurns(second, most, message)
      takeTurns(first, most, message)
      size -= message.bodies
      if (singles.size === 0) emptied(nowMs)
      return message.shares
    },
    single(ruleSet, nowMs) {
      expireSingles(nowMs)
      const [job] = singles
      if (job?.ruleSet !== ruleSet) return undefined
      singles.delete(job)
      size--
      if (singles.size === 0) emptied(nowMs)
      return { job, from: 0, to: (job.sent = 1) }
    },
    expire(nowMs, error) {
      if (!error) expireSingles(nowMs)
      for (const job of [...singles, ...batches, ...lost.map(({ job }) => job)]) {
        const most = job.sent === 0 ? ofBatch : ofAll
        if (error) leave(job, error)
        else if (nowMs - job.askedAt > most)
          leave(job, new Unavailable(`not decided within ${most} ms`))
      }
    },
    leave,
    size: () => size + lost.length,
    singles: () => singles.size,
    mostMs: ofSingle,
    oldestMs(nowMs) {
      const [single] = singles
      // in each lane, those that have had no turn stand in the order in which they came
      const batch = batches.values().find(({ sent }) => sent === 0)
      return nowMs - Math.min(single?.askedAt ?? nowMs, batch?.askedAt ?? nowMs)
    },
  }
}

import { expect, test } from 'vitest'
import { Unavailable } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import type { Job, Share } from './job.ts'
import { queueOf } from './queue.ts'

const [before, after] = ['before', 'after'].map((revision) => ({ revision }) as RuleSet) as [
  RuleSet,
  RuleSet,
]

/** A queue with a clock, jobs with names, and who was turned away. */
function asked(deadlineMs = 2_000, waitLimitMs = 40) {
  const queue = queueOf(deadlineMs, waitLimitMs)
  const names = new Map<Job, string>()
  const turnedAway: string[] = []
  return {
    queue,
    turnedAway,
    add: (name: string, askedAt: number, count = 1, { bytes = 1, ruleSet = before } = {}) => {
      const job: Job = {
        bodies: Array.from({ length: count }, () => new Uint8Array(bytes)),
        now: 0,
        ruleSet,
        askedAt,
        answers: [],
        sent: 0,
        answered: 0,
        done: false,
        resolve: () => undefined,
        reject(error) {
          expect(error).toBeInstanceOf(Unavailable)
          turnedAway.push(name)
        },
      }
      names.set(job, name)
      queue.add(job)
      return job
    },
    /** `name×count` of each share. */
    next: (nowMs: number, most: number) => told(queue.next(nowMs, most)),
    told,
  }

  function told(shares: readonly Share[]): string {
    return shares.map(({ job, from, to }) => `${names.get(job)}×${to - from}`).join(' ')
  }
}

test('a message has room for both lanes, and each has a turn in its own', () => {
  const { add, next, queue } = asked()
  add('A', 0, 100)
  add('B', 0, 4)
  for (const name of 'abcdefgh') add(name, 0)
  expect(next(1, 8)).toBe('A×2 B×2 a×1 b×1 c×1 d×1')
  expect(next(1, 8)).toBe('e×1 f×1 g×1 h×1 A×2 B×2')
  expect(next(1, 8)).toBe('A×8')
  expect(queue.size()).toBe(88)
})

test('where a message has room for one question only, the lanes take turns', () => {
  const { add, next } = asked()
  add('A', 0, 2)
  add('a', 0)
  add('b', 0)
  expect([1, 2, 3, 4, 5].map((nowMs) => next(nowMs, 1))).toEqual(['A×1', 'a×1', 'A×1', 'b×1', ''])
})

test('a message has a bound in bytes, but always one question', () => {
  const { add, next } = asked()
  add('A', 0, 3, { bytes: 100_000 })
  add('a', 0, 1, { bytes: 1_000_000 })
  expect([next(1, 64), next(1, 64), next(1, 64)]).toEqual(['A×2', 'a×1', 'A×1'])
})

test('a message is decided by one rule set', () => {
  const { add, next } = asked()
  add('a', 0)
  add('b', 0, 1, { ruleSet: after })
  add('c', 0)
  add('B', 0, 2, { ruleSet: after })
  expect(next(1, 64)).toBe('B×2 b×1')
  expect(next(1, 64)).toBe('a×1 c×1')
})

test('what was lost comes first and alone, unless it has been turned away', () => {
  const { add, next, queue, told } = asked()
  const [lost, gone] = [add('a', 0), add('b', 0)]
  next(1, 64)
  add('c', 0)
  for (const job of [gone, lost]) queue.again({ job, from: 0, to: 1 })
  expect(queue.size()).toBe(3)
  queue.leave(gone, new Unavailable('gone'))
  const [share] = queue.next(1, 64)
  expect([told([share!]), share!.again]).toEqual(['a×1', true])
  expect(next(1, 64)).toBe('c×1')
})

test('in a burst a single question waits five times as long as in a standing queue', () => {
  const { add, next, turnedAway, queue } = asked()
  add('a', 1_000)
  add('b', 1_000)
  add('c', 1_000)
  expect(next(1_100, 1)).toBe('a×1') // empty 100 ms ago
  queue.expire(1_100)
  expect(turnedAway).toEqual([])
  add('d', 1_085)
  expect(next(1_101, 1)).toBe('d×1')
  expect(turnedAway).toEqual(['b', 'c'])
  add('e', 1_150)
  add('f', 1_150)
  expect(next(1_170, 1)).toBe('e×1')
  queue.expire(1_202)
  expect(queue.oldestMs(1_202)).toBe(52)
  queue.expire(1_251)
  expect(turnedAway).toEqual(['b', 'c', 'f'])
  expect([queue.size(), queue.oldestMs(1_251)]).toEqual([0, 0])
})

test('a batch waits a deadline for its first turn, and five for its last', () => {
  const { add, next, queue, turnedAway } = asked(1_000)
  add('A', 0, 3)
  add('B', 0, 3)
  expect(next(1, 1)).toBe('A×1')
  queue.expire(1_000)
  expect(turnedAway).toEqual([])
  expect(queue.oldestMs(1_000)).toBe(1_000)
  queue.expire(1_001)
  expect(turnedAway).toEqual(['B'])
  expect([queue.size(), queue.oldestMs(1_001)]).toEqual([2, 0])
  queue.expire(5_000)
  expect(turnedAway).toEqual(['B'])
  queue.expire(5_001)
  expect(turnedAway).toEqual(['B', 'A'])
  expect(queue.size()).toBe(0)
})

test('without a limit a single question waits a deadline, in a burst and in a standing queue', () => {
  const { add, next, queue, turnedAway } = asked(1_000, 0)
  for (const name of 'abcd') add(name, 0)
  expect(next(50, 1)).toBe('a×1')
  queue.expire(1_000)
  expect(next(1_000, 1)).toBe('b×1')
  expect(turnedAway).toEqual([])
  queue.expire(1_001)
  expect(turnedAway).toEqual(['c', 'd'])
})

test('no deadline is too short for a single question to be held to it', () => {
  const { add, queue, turnedAway } = asked(10)
  add('a', 0)
  queue.expire(10)
  expect(turnedAway).toEqual([])
  queue.expire(11)
  expect(turnedAway).toEqual(['a'])
})

test('what was lost is held to the bound on all', () => {
  const { add, next, queue, turnedAway } = asked(1_000)
  const job = add('a', 0)
  next(1, 1)
  queue.again({ job, from: 0, to: 1 })
  queue.expire(5_000)
  expect(turnedAway).toEqual([])
  queue.expire(5_001)
  expect(turnedAway).toEqual(['a'])
})

test('all can be turned away at once, each once', () => {
  const { add, next, queue, turnedAway } = asked()
  const job = add('a', 0)
  next(1, 1)
  queue.again({ job, from: 0, to: 1 })
  add('b', 0)
  add('A', 0, 5)
  queue.expire(1, new Unavailable('resting'))
  queue.expire(1, new Unavailable('resting'))
  expect(turnedAway.toSorted()).toEqual(['A', 'a', 'b'])
  expect(next(1, 64)).toBe('')
})

test('a single question to be decided elsewhere is the oldest that this rule set decides', () => {
  const { add, queue, told } = asked()
  add('A', 0, 2)
  add('a', 0)
  add('b', 0, 1, { ruleSet: after })
  const single = (ruleSet: RuleSet) => queue.single(ruleSet, 1)
  expect(single(after)).toBeUndefined()
  expect(told([single(before)!])).toBe('a×1')
  expect(told([single(after)!])).toBe('b×1')
  expect(single(after)).toBeUndefined()
  expect([queue.size(), queue.singles()]).toEqual([2, 0])
})

import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Worker } from 'node:worker_threads'
import { crossing } from '../../property-tests/crossing.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { answer, load, type Answer } from '../answer.ts'
import { Unavailable, type Decider } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import type { PoolOptions } from './options.ts'
import { pooled } from './pool.ts'

const faulty = new URL('./faulty-worker.ts', import.meta.url)
const { pack } = shippedPacks[0]!
const ruleSets = shippedPacks.map(({ loaded }) => loaded.ruleSet)
const [first, second] = ruleSets as [RuleSet, RuleSet]
const third: RuleSet = { ...first, revision: 'sha256:third' }
const loaded = [first, second, third].map(load)

const ask = (fault = '') =>
  Buffer.from(
    JSON.stringify({ ...pack.cases[0]!.signIn, envelope: { correlationId: fault || 'fine' } }),
  )
const fine = ask()

/** What a question must get by the rule set of that revision. */
function expected(body: Uint8Array, revision: string): Answer {
  const by = loaded.find(({ ruleSet }) => ruleSet.revision === revision)
  if (!by) throw new Error(`nobody knows revision ${revision}`)
  return crossing(answer(by, body, 0))
}

let decider: Decider
let losses: unknown[]
async function start(options: PoolOptions = {}) {
  losses = []
  decider = await pooled(first, {
    threads: 1,
    pool: 'pooled',
    module: faulty,
    onLoss: (error) => losses.push(error),
    ...options,
  })
}
afterEach(() => decider.close())

/** How each of the questions fares, asked in one turn: answered as it must be, or turned away. */
async function fates(bodies: readonly Uint8Array[]): Promise<string> {
  const all = await Promise.allSettled(bodies.map((body) => decider.decide([body], 0)))
  return all
    .map((each, at) => {
      if (each.status === 'fulfilled') {
        expect(each.value.map(crossing)).toEqual([expected(bodies[at]!, first.revision)])
        return '+'
      }
      expect(each.reason).toBeInstanceOf(Unavailable)
      return '-'
    })
    .join('')
}

/** Asks until it is answered, as callers do. */
async function healed(): Promise<void> {
  await vi.waitFor(async () => expect(await fates([fine])).toBe('+'), { timeout: 20_000 })
}

describe('a thread that dies', () => {
  test.each([
    ['asks its questions again, each alone', [fine, ask('#dies in company'), fine], '+++', 1, 3],
    ['is taken along by one that kills twice', [fine, ask('#exits'), fine], '+-+', 2, 3],
    ['is what a throwing worker is', [fine, ask('#throws'), fine], '+-+', 2, 3],
  ] as const)('%s', async (_, bodies, wanted, lost, retried) => {
    await start()
    expect(await fates(bodies)).toBe(wanted)
    expect(decider.state()).toMatchObject({ lost, retried, waiting: 0 })
    expect(losses).toHaveLength(lost)
  })

  test('takes a part of a batch along, which is asked again, once', async () => {
    await start()
    const batch = Array.from({ length: 100 }, () => fine)
    const poisoned = batch.with(80, ask('#exits'))
    const [good, bad] = await Promise.allSettled([
      decider.decide(batch, 0),
      decider.decide(poisoned, 0),
    ])
    expect(good).toEqual({
      status: 'fulfilled',
      value: batch.map((body) => expected(body, first.revision)),
    })
    expect(bad).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
    expect(decider.state()).toMatchObject({ lost: 2, waiting: 0 })
  })

  test('while idle loses nobody, and is replaced', async () => {
    const workers: Worker[] = []
    const seen = (worker: Worker) => workers.push(worker)
    process.on('worker', seen)
    await start()
    process.off('worker', seen)
    await Promise.all(workers.map((worker) => worker.terminate()))
    await healed()
    expect(decider.state()).toMatchObject({ threads: 1, lost: 1, retried: 0 })
  })
})

test('a thread that hangs is ended, and what it had is turned away, not asked again', async () => {
  await start({ deadlineMs: 1_000 })
  expect(await fates([fine, ask('#hangs'), fine])).toBe('---')
  expect(decider.state()).toMatchObject({ lost: 1, retried: 0, waiting: 0 })
  expect(String(losses)).toContain('longer than 1000 ms')
  await healed()
})

test('batches that fill their part of the queue leave the rest to single questions', async () => {
  await start({ mostWaiting: 8 })
  const batch = (count: number) =>
    decider.decide(
      Array.from({ length: count }, () => fine),
      0,
    )
  const all = await Promise.allSettled([3, 3, 2, 1, 1, 1].map(batch))
  expect(all.map(({ status }) => (status === 'fulfilled' ? '+' : '-')).join('')).toBe('++-++-')
})

test('a reply that is too short for its questions answers none of them', async () => {
  await start()
  expect(await fates([fine, ask('#short'), fine])).toBe('+-+')
  expect(decider.state()).toMatchObject({ lost: 0, retried: 3, waiting: 0 })
})

test('a pool is behind while more waits than can be decided in time', async () => {
  await start({ waitLimitMs: 1 })
  await decider.decide(
    Array.from({ length: 100 }, () => fine),
    0,
  ) // it learns what a decision costs
  expect(decider.isBehind()).toBe(false)
  const asked = Array.from({ length: 9_000 }, () => decider.decide([fine], 0))
  expect(decider.isBehind()).toBe(true)
  await Promise.allSettled(asked)
  expect(decider.isBehind()).toBe(false)
})

describe('while the only thread hangs', () => {
  test.each([
    ['auto', '+++++'],
    ['pooled', '-----'],
    ['inline', '-----'],
  ] as const)('%s: questions that wait', async (pool, wanted) => {
    await start({ deadlineMs: 1_000, waitLimitMs: 40, pool })
    let hanging = true
    const hung = decider.decide([ask('#hangs')], 0).finally(() => (hanging = false))
    hung.catch(() => undefined)
    await new Promise(setImmediate) // now it is under way
    expect(await fates(Array.from({ length: 5 }, () => fine))).toBe(wanted)
    expect(hanging).toBe(true)
    await expect(hung).rejects.toBeInstanceOf(Unavailable)
  })
})

test('threads that die again and again rest: questions are turned away at once, but for those decided on the spot', async () => {
  await start({ pool: 'auto' })
  const kill = (worker: Worker) => void worker.terminate()
  process.on('worker', kill)
  try {
    await Promise.allSettled([decider.decide([ask('#exits')], 0)])
    await vi.waitFor(
      () => expect(decider.decide([fine], 0)).rejects.toThrow(/worker threads do not start/),
      { timeout: 20_000 },
    )
    expect(decider.state()).toMatchObject({ threads: 0, waiting: 0, oldestMs: 0 })
    expect(crossing(decider.atOnce(fine, 0)!)).toEqual(expected(fine, first.revision))
  } finally {
    process.off('worker', kill)
  }
  await healed()
})

test('a pool whose module can not be loaded does not start', async () => {
  const missing = new URL('./missing.ts', import.meta.url)
  await expect(start({ module: missing, threads: 2 })).rejects.toThrow(/did not start/)
  await expect(
    pooled({ ...first, title: '#hangs' }, { module: faulty, deadlineMs: 10, loadDeadlineMs: 200 }),
  ).rejects.toThrow(/did not start/)
})

describe('a swap', () => {
  test.each(['#hangs', '#exits', '#throws'])(
    'to a rule set that %s changes nothing',
    async (title) => {
      await start({ loadDeadlineMs: 1_000, pool: 'auto' })
      const bad = { ...second, title }
      await expect(decider.swap(bad)).rejects.toBeInstanceOf(Unavailable)
      expect(decider.ruleSet).toBe(first)
      expect(await fates([fine])).toBe('+')
      expect(crossing(decider.atOnce(fine, 0)!)).toEqual(expected(fine, first.revision))
      expect(decider.state()).toMatchObject({ threads: 1, lost: 0 })
      await decider.swap(second)
      expect(decider.ruleSet).toBe(second)
    },
  )

  test('to what decides already is none', async () => {
    await start()
    await decider.swap({ ...first, title: '#exits' })
    expect(decider.ruleSet).toBe(first)
  })

  test('leaves each question with what decided when it was asked, and a thread with what it needs', async () => {
    await start({ threads: 2 })
    const batch = Array.from({ length: 200 }, () => fine)
    const asked: Promise<void>[] = []
    for (const to of [second, third, first, third, second, first]) {
      const { revision } = decider.ruleSet
      asked.push(
        decider.decide(batch, 0).then((answers) => {
          expect(answers.map(crossing)).toEqual(batch.map((body) => expected(body, revision)))
        }),
      )
      await decider.swap(to)
      expect(decider.ruleSet).toBe(to)
    }
    await Promise.all(asked)
    expect(decider.state().lost).toBe(0)
  })

  test.each(['auto', 'pooled'] as const)(
    '%s: is over once what was asked before has been answered',
    async (pool) => {
      await start({ pool, mostWaiting: 60_000 })
      const settled: string[] = []
      const batch = Array.from({ length: 40_000 }, () => fine)
      const asked = decider.decide(batch, 0).finally(() => settled.push('asked before'))
      await decider.swap(second).finally(() => settled.push('swapped'))
      await asked
      expect(settled).toEqual(['asked before', 'swapped'])
    },
  )

  test('is over although what was asked before was turned away', async () => {
    await start({ deadlineMs: 1_000 })
    const hung = decider.decide([ask('#hangs')], 0).catch((error: unknown) => error)
    await new Promise(setImmediate)
    await decider.swap(second)
    expect(await hung).toBeInstanceOf(Unavailable)
    expect(decider.ruleSet).toBe(second)
  })

  test('is refused once the pool is closing', async () => {
    await start()
    const under = decider.swap(second)
    const closed = decider.close()
    await expect(decider.swap(third)).rejects.toThrow(/stopping/)
    await expect(under).rejects.toBeInstanceOf(Unavailable)
    await closed
    expect(decider.ruleSet).toBe(first)
  })
})

describe('under faults and swaps', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ ask: fc.nat(200), fault: fc.constant('') }) },
    {
      weight: 2,
      arbitrary: fc.record({
        ask: fc.integer({ min: 1, max: 3 }),
        fault: fc.constantFrom('#exits', '#throws', '#dies in company'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ swap: fc.constantFrom(first, second, third) }) },
    { weight: 1, arbitrary: fc.constant({ kill: true }) },
    { weight: 2, arbitrary: fc.constant({ turn: true }) },
  )

  test.each(['auto', 'pooled'] as const)(
    '%s: every question is answered by the revision that its answer names, or turned away',
    async (pool) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const workers: Worker[] = []
          const seen = (worker: Worker) => workers.push(worker)
          process.on('worker', seen)
          await start({ threads: 2, pool })
          const all: Promise<unknown>[] = []
          let swapped: RuleSet = first
          for (const each of steps) {
            if ('ask' in each) {
              const bodies = Array.from({ length: each.ask }, () => ask(each.fault))
              const asked = decider.decide(bodies, 0).then(
                (answers) =>
                  expect(answers.map(crossing)).toEqual(bodies.map(answerNamed(answers))),
                (error: unknown) => expect(error).toBeInstanceOf(Unavailable),
              )
              all.push(asked)
            } else if ('swap' in each) {
              all.push(
                decider.swap(each.swap).then(
                  () => (swapped = each.swap),
                  () => undefined,
                ),
              )
            } else if ('kill' in each) void workers.at(-1)?.terminate()
            else await new Promise(setImmediate)
          }
          await Promise.all(all)
          process.off('worker', seen)
          expect(decider.ruleSet.revision).toBe(swapped.revision)
          expect(decider.state()).toMatchObject({ waiting: 0, oldestMs: 0 })
          await decider.close()
        }),
        { numRuns: 8, endOnFailure: true },
      )
    },
    120_000,
  )

  const answerNamed = (answers: readonly Answer[]) => (body: Uint8Array, at: number) => {
    const came = answers[at]
    if (!came || !('json' in came)) throw new Error(`question ${at} has no decision`)
    const { ruleSet } = JSON.parse(came.json) as { ruleSet: { revision: string } }
    return expected(body, ruleSet.revision)
  }
})

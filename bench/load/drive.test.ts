import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { answer } from '../../engine/index.ts'
import { drive, mustListen, type DriveOptions } from './drive.ts'
import type { LoadOrder } from './order.ts'
import type { LoadResult, Loop, Stage } from './result.ts'
import { startService } from './service.ts'
import { startStub, stubWorkload, type Behaviour, type StubRecord } from './stub.ts'
import type { Workload } from './workload.ts'

const steady = (seconds: number, perSecond: number): Stage => ({
  seconds,
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
})
const open = (seconds: number, perSecond: number): Loop => ({
  kind: 'open',
  arrivals: 'constant',
  stages: [steady(seconds, perSecond)],
})
const closed = (connections: number): Loop => ({ kind: 'closed', connections })

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

const order = (url: string, loop: Loop, changes: Partial<LoadOrder> = {}): LoadOrder => ({
  target: { url, protocol: 'portcullis' },
  workload: stubWorkload(1),
  loop,
  seconds: 1,
  warmUpSeconds: 0,
  timeoutMs: 20_000, // the machine may be busy
  mostConnections: 500,
  mostRequests: 100_000,
  ...changes,
})

/** What the generator says of a stub that behaves so, and what the stub says itself. */
async function ask(
  behaviour: Omit<Behaviour, 'name'>,
  loop: Loop,
  changes: Partial<LoadOrder> = {},
  options: DriveOptions = {},
): Promise<{ readonly result: LoadResult; readonly did: StubRecord }> {
  const stub = await startStub({ name: 'test', ...behaviour })
  try {
    const result = await drive(order(stub.url, loop, changes), options)
    return { result, did: await stub.record() }
  } finally {
    await stub.stop()
  }
}

const loops: readonly [string, Loop, Partial<LoadOrder>][] = [
  ['open loop', open(1, 200), {}],
  ['closed loop', closed(20), {}],
  ['light closed loop', closed(20), { light: true }],
]

/** Much at once, since each run has two processes to start. */
const bad = { delayMs: 20, wrongEvery: 10, neverEvery: 33, hangUpEvery: 35 }

describe.concurrent.each(loops)('%s', (kind, loop) => {
  test('counts and times what is answered, what is not, and what is wrong', async () => {
    const { result, did } = await ask(bad, loop, { timeoutMs: 2_000 })
    expect(Math.min(did.wrong, did.never.length, did.hungUp)).toBeGreaterThan(0)
    if (kind === 'open loop') expect(result).toMatchObject({ planned: 200, sent: 200 })
    expect(result).toMatchObject({ dropped: 0, unavailable: 0, connectionErrors: did.hungUp })
    expect(sum(Object.values(result.failures))).toBe(did.hungUp)
    expect(result.timeouts).toBeGreaterThanOrEqual(did.never.length) // a busy machine may add some
    expect(result.answered + result.timeouts).toBe(did.answered.length + did.never.length)
    expect(result.sent).toBe(result.answered + result.timeouts + result.connectionErrors)
    expect(result.decisions).toBe(result.answered)
    expect(result.statuses).toEqual({ 200: result.answered })
    for (const { count, minUs, maxUs } of [
      result.latency,
      result.rawLatency,
      result.byClass.allow!,
    ]) {
      expect(count).toBe(result.answered + result.timeouts)
      expect(minUs).toBeGreaterThan(18_000) // timers may come a little early
      expect(maxUs).toBeGreaterThanOrEqual(2_000_000)
    }
    expect(result.rawLatency.maxUs).toBe(2_000_000)
    expect(sum(result.series.map(({ answered }) => answered))).toBe(result.answered)
    expect(sum(result.series.map(({ failed }) => failed))).toBe(
      result.timeouts + result.connectionErrors,
    )
    expect(result.generator.cpuUsPerRequest).toBeGreaterThan(0)
    expect(result.interrupted).toBeUndefined()

    if (result.timeouts === did.never.length) expect(result.wrong.count).toBe(did.wrong)
    expect(result.wrong.examples).toHaveLength(Math.min(10, result.wrong.count))
    expect(result.wrong.examples[0]).toMatchObject({
      question: 'the question',
      signIn: '{"a":"sign-in"}',
      expected: expect.stringContaining('"outcome":"allow"') as string,
      actual: expect.stringMatching(/^200 .*"outcome":"block"/) as string,
    })
  })

  test('sends no more than it may', async () => {
    const { result, did } = await ask({ delayMs: 1 }, loop, { mostRequests: 30 })
    expect(did.answered).toHaveLength(30)
    expect(result).toMatchObject({ sent: 30, answered: 30, interrupted: true })
  })

  test('leaves the warm-up out, but not its wrong answers', async () => {
    const { result, did } = await ask({ delayMs: 1, wrongEvery: 10 }, loop, { warmUpSeconds: 1 })
    expect(result.wrong.count).toBe(did.wrong)
    expect(result.answered).toBeGreaterThan(0)
    expect(result.answered).toBeLessThan(did.answered.length)
    const served = result.perSecond * result.seconds
    if (loop.kind === 'closed') expect(served).toBeCloseTo(result.answered)
    expect(served).toBeGreaterThan(0)
    expect(served).toBeLessThan(did.answered.length)
    expect(result.latency.count).toBe(result.answered)
  })

  test('is ended by its signal with what was measured so far', async () => {
    const stopping = new AbortController()
    const long = loop.kind === 'open' ? open(100, 200) : loop
    const { result } = await ask(
      { delayMs: 1 },
      long,
      { seconds: 100 },
      {
        signal: stopping.signal,
        progress: (text) => {
          if (/^[1-9].* answers/.test(text)) stopping.abort()
        },
      },
    )
    expect(result.interrupted).toBe(true)
    expect(result.answered).toBeGreaterThan(0)
    expect(result.seconds).toBeLessThan(90)
  })
})

describe.concurrent('open loop', () => {
  test('counts the time that requests waited for a connection', async () => {
    const { result } = await ask({ delayMs: 100 }, open(1, 50), { mostConnections: 1 })
    expect(result.answered).toBe(50) // ten a second can be answered: the last waits four seconds
    expect(result.perSecond).toBeLessThanOrEqual(11)
    expect(result.latency.maxUs).toBeGreaterThan(3_000_000)
    expect(result.rawLatency.p50Us).toBeLessThan(result.latency.p50Us)
    expect(result.generator.lateness!.count).toBeLessThan(50) // only where a connection was free
  })

  test('drops what waited for as long as the timeout, and counts it as slow', async () => {
    const { result, did } = await ask({ delayMs: 300 }, open(1, 50), {
      mostConnections: 1,
      timeoutMs: 1_000,
    })
    expect(result.dropped).toBeGreaterThan(30)
    expect(result.sent + result.dropped).toBe(50)
    expect(did.answered.length + did.never.length).toBeLessThan(20)
    expect(result.latency.count).toBe(50)
    expect(result.latency.p50Us).toBeGreaterThanOrEqual(1_000_000)
  })

  test('cannot be slowed down by a service that stalls', async () => {
    const { result } = await ask({ delayMs: 1, stall: { everyMs: 500, forMs: 400 } }, open(2, 100))
    expect(result.sent).toBe(200)
    expect(result.latency.p90Us).toBeGreaterThan(150_000)
  })

  test('follows stages one after the other', async () => {
    const stages = [
      steady(1, 100),
      steady(1, 20),
      { seconds: 1, fromPerSecond: 0, toPerSecond: 80 },
    ]
    const { result } = await ask({ delayMs: 1 }, { kind: 'open', arrivals: 'constant', stages })
    expect(result.series.map(({ planned }) => planned)).toEqual([100, 20, 40])
    expect(result.seconds).toBe(3)
  })
})

test('closed loop: no connection has two requests under way, also after one was lost', async () => {
  const { result } = await ask({ delayMs: 20, hangUpEvery: 10 }, closed(5))
  const { count, meanUs, maxUs } = result.latency
  expect(result.connectionErrors).toBeGreaterThan(0)
  expect(count * meanUs).toBeLessThanOrEqual(5 * (result.seconds * 1_000_000 + maxUs))
})

test.each(loops)('nothing that listens is an error at once (%s)', async (_, loop) => {
  await expect(drive(order('http://127.0.0.1:1', loop))).rejects.toThrow(
    'expected a decision point at http://127.0.0.1:1, got ECONNREFUSED',
  )
})

test('a service is asked one by one, in batches and in streams, and tells of itself', async () => {
  const { name, pack, loaded } = shippedPacks[0]!
  const expectedOf = (text: string) => {
    const given = answer(loaded, text, 0)
    if ('faults' in given) return { outcome: 'refused' } as const
    return { outcome: given.outcome, requirements: [], json: given.json }
  }
  const texts = [...pack.cases.slice(0, 20).map(({ signIn }) => JSON.stringify(signIn)), '{}']
  const question = (form: 'single' | 'batch' | 'stream', signIns: readonly string[]) => ({
    name: form,
    form,
    signIns,
    expected: { [pack.ruleSet.revision]: signIns.map(expectedOf) },
  })
  const workload: Workload = {
    name: 'test',
    description: '',
    seed: 1,
    ruleSet: pack.ruleSet,
    questions: [
      ...texts.map((text) => question('single', [text])),
      question('batch', texts),
      question('stream', texts),
    ],
    order: Array.from({ length: 23 }, (__, at) => at),
  }
  const service = await startService({
    pack: name,
    args: ['--threads', '1', '--wait-limit', '0'], // nothing is turned away on a busy machine
  })
  try {
    for (const loop of [open(1, 60), closed(2)]) {
      const target = { url: service.url, protocol: 'portcullis', pid: service.pid } as const
      const result = await drive({ ...order(service.url, loop), target, workload })
      expect(result.wrong.examples).toEqual([])
      expect(Object.keys(result.statuses)).toEqual(['200', '400'])
      expect(result.decisions).toBeGreaterThan(result.answered)
      expect(result.byClass.refused!.count).toBeGreaterThan(0)
      expect(result.byClass.many!.count).toBeGreaterThan(0)
      expect(result.service!.cpuUsPerRequest).toBeGreaterThan(0)
      expect(result.service!.rssBytes).toBeGreaterThan(30_000_000)
      expect(result.service!.gcPauseMs!.count).toBeGreaterThanOrEqual(0)
      expect(result.service!.eventLoopDelayP99Ms).toBeGreaterThanOrEqual(0)
    }
  } finally {
    await service.stop()
  }
})

test('a service that does not start says why', async () => {
  await expect(startService({ pack: 'no-such-pack' })).rejects.toThrow(
    /did not start: .*no-such-pack/s,
  )
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a service ends with who started it, by %s',
  async (by) => {
    const start = `
    const { startService } = await import(${JSON.stringify(new URL('service.ts', import.meta.url).href)})
    console.log((await startService({ pack: 'security-defaults', args: ['--threads', '1'] })).url)`
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', start], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(starter.stdout, 'data')) as [Buffer]
    const url = said.toString().trim()
    await mustListen(url)
    starter.kill(by)
    await vi.waitFor(() => expect(mustListen(url)).rejects.toThrow('ECONNREFUSED'), 5_000)
  },
)

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parsePack, plan } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { readPack } from '../../rules/index.ts'
import { stubAnswer, stubWorkload } from '../load/stub.ts'
import { Misuse } from '../runs/misuse.ts'
import { latencyOf, simulated, anyWorkload, unwatched } from '../runs/simulated.ts'
import { writePack } from './heavy-pack.ts'
import { measureService, targets } from './measure-service.ts'
import { flatnessOf } from './memory.ts'
import { service } from './servers.ts'
import { streamed } from './stream.ts'
import { isAsked, NotHere, rowOf, type Target } from './target.ts'
import { foundOf, sampleOf, trial, type Sample, type TurnTarget } from './turns.ts'
import { batchesOf, casesOf } from './workloads.ts'

const target = { name: 'row', what: 'what', unit: '×', method: 'how' }
const found = (...rounds: number[]) => ({ rounds, figures: [] })

test.each([
  ['at least: the median decides', { ...target, atLeast: 0.9 }, found(0.5, 0.9, 2), true, 0.9],
  ['at least, not reached', { ...target, atLeast: 0.9 }, found(2, 0.89, 0.5), false, 0.89],
  ['at most', { ...target, atMost: 50 }, found(50), true, 50],
  ['at most, not reached', { ...target, atMost: 50 }, found(50.1), false, 50.1],
  ['no round', { ...target, atMost: 50 }, found(), false, undefined],
  ['failed', { ...target, atMost: 50 }, new Error('why'), false, undefined],
  ['not on this machine', { ...target, atMost: 50 }, new NotHere('why'), undefined, undefined],
])('a row: %s', (_, of: Target, what, met, value) => {
  const row = rowOf(of, what)
  expect({ met: row.met, value: row.value }).toEqual({ met, value })
  if (what instanceof Error) expect(row.cannot).toBe('why')
})

test('a row tells the spread of its rounds, and what it was made of', () =>
  expect(
    rowOf(
      { ...target, atLeast: 1 },
      { rounds: [3, 1, 2], figures: [{ name: 'CPU', rounds: [9, 7, 8], unit: 'µs' }] },
    ),
  ).toMatchObject({
    wanted: '≥ 1 ×',
    value: 2,
    least: 1,
    most: 3,
    rounds: 3,
    figures: [{ name: 'CPU', value: 8, unit: 'µs' }],
  }))

test.each([
  ['auto-light-1', [], true],
  ['auto-light-1', ['auto'], true],
  ['auto-light-1', ['auto-light'], true],
  ['auto-light-16', ['auto-light-1'], false],
  ['hono', ['auto', 'hono'], true],
  ['hono', ['ho'], false],
])('%s is asked for by %j: %s', (name, only, asked) => expect(isAsked({ name }, only)).toBe(asked))

describe('turns', () => {
  const [one, other] = [service('one'), service('other')]
  const ratio: TurnTarget = {
    ...target,
    atLeast: 1,
    trials: [trial(one, 4), trial(other, 4)],
    figure: ([first, second]) => second!.cpuUs / first!.cpuUs,
  }
  const sample = (cpuUs: number): Sample => ({
    cpuUs,
    perSecond: 1,
    p50Us: 1,
    p99Us: 1,
    clientCpuUs: 1,
    shed: 0,
  })
  const round = (first?: number, second?: number) =>
    new Map([
      ...(first === undefined ? [] : [['one, 4 at once', sample(first)] as const]),
      ...(second === undefined ? [] : [['other, 4 at once', sample(second)] as const]),
    ])

  test('a ratio is of one round, and a round that is not whole does not count', () =>
    expect(foundOf(ratio, [round(10, 20), round(10), round(5, 20)], new Map())).toMatchObject({
      rounds: [2, 4],
    }))

  test('what failed is told of the targets that needed it', () => {
    const failures = new Map([[other, new NotHere('no')]])
    expect(foundOf(ratio, [round(10, 20)], failures)).toBe(failures.get(other))
    expect(foundOf({ ...ratio, trials: [trial(one, 4)] }, [], failures)).toMatchObject({
      rounds: [],
    })
  })

  test('CPU time is a decision, and wrong answers are no figures', async () => {
    const ask = (wrong: number) =>
      simulated({ perSecond: 1_000, wrong: () => wrong })(
        {
          target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
          workload: anyWorkload,
          loop: { kind: 'closed', connections: 1 },
          seconds: 1,
          warmUpSeconds: 0,
          timeoutMs: 1_000,
          mostConnections: 1,
          mostRequests: 1e6,
        },
        unwatched(),
      )
    const result = await ask(0)
    const cpus = { ...result, service: { ...result.service!, cpus: 0.5 } }
    expect(sampleOf('it', { ...cpus, decisions: 10_000, seconds: 1 }).cpuUs).toBe(50)
    const example = { question: '', signIn: '{}', expected: 'this', actual: 'that' }
    expect(() => sampleOf('it', { ...cpus, wrong: { count: 1, examples: [example] } })).toThrow(
      'it: expected this, got that',
    )
    expect(() => sampleOf('it', { ...cpus, timeouts: 1, latency: latencyOf([1]) })).toThrow(
      'timeouts',
    )
    const { service: _, ...silent } = cpus
    expect(() => sampleOf('it', silent)).toThrow('not known on this system')
  })
})

test('flat memory is the last third by the middle one', () => {
  const seen = [9, 9, 10, 10, 12, 12].map((rssBytes, second) => ({ second, rssBytes }))
  expect(flatnessOf(seen).rounds).toEqual([1.2])
  expect(flatnessOf(seen.slice(0, 5)).rounds).toEqual([])
})

test('a heavy pack is valid, the same each time, and looked at rule by rule', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  try {
    const revisions = [40, 40].map((rules) => {
      const folder = join(scratch, 'heavy')
      mkdirSync(folder, { recursive: true })
      writePack(folder, rules, 3)
      const pack = parsePack(readPack(folder))
      expect(pack.faults ?? []).toEqual([])
      if (pack.faults) throw new Error('faults')
      expect(pack.ruleSet.rules).toHaveLength(rules)
      expect(plan(pack.ruleSet)).toMatchObject({ strategy: 'code' })
      return pack.ruleSet.revision
    })
    expect(new Set(revisions).size).toBe(1)
  } finally {
    rmSync(scratch, { recursive: true })
  }
})

test('batches hold the single sign-ins and their answers, in order', () => {
  const single = casesOf(shippedPacks[0]!.pack, 1)
  const { questions } = batchesOf(single)
  const { revision } = single.ruleSet
  const inTurn = single.order.map((place) => single.questions[place]!)
  const all = questions.flatMap(({ signIns }) => signIns)
  const answers = questions.flatMap(({ expected }) => expected[revision]!)
  expect(all).toHaveLength(4_000)
  expect(answers).toHaveLength(4_000)
  for (const at of [0, 1_000, 3_999]) {
    const one = inTurn[at % inTurn.length]!
    expect(all[at]).toBe(one.signIns[0])
    expect(answers[at]).toBe(one.expected[revision]![0])
  }
})

test.each([
  ['every line', (index: number) => line(index, 'allow'), undefined],
  [
    'one that is wrong',
    (index: number) => line(index, index === 7 ? 'block' : 'allow'),
    /line 7: exp/,
  ],
  ['one out of order', (index: number) => line(index === 5 ? 6 : index, 'allow'), /line 5: exp/],
  [
    'one too few',
    (index: number) => (index === 19 ? '' : line(index, 'allow')),
    /20 lines, got 19/,
  ],
])('a stream is compared line by line: %s', async (_, answer, fault) => {
  const server = createServer((asked, response) => {
    asked.resume().on('end', () => {
      for (let index = 0; index < 20; index++) response.write(answer(index))
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signal = AbortSignal.timeout(20_000)
  try {
    const streaming = streamed(url, stubWorkload(1), 20, signal)
    if (fault) await expect(streaming).rejects.toThrow(fault)
    else expect((await streaming).bytes).toBe(20 * '{"a":"sign-in"}\n'.length)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

const line = (index: number, outcome: 'allow' | 'block') =>
  `{"index":${index},${stubAnswer(outcome).slice(1)}\n`

test('every target has a name and a method of its own, and only those are asked for that there are', async () => {
  expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length)
  for (const { method } of targets) expect(method).not.toMatch(/\n|^$/)
  const ground = {
    drive: simulated({ perSecond: 1 }),
    startService: () => Promise.reject(new Error('not to be started')),
    source: { pack: shippedPacks[0]!.pack, from: shippedPacks[0]!.name },
    seed: 1,
    rounds: 1,
    watch: unwatched(),
  }
  await expect(measureService(ground, ['no-such-row'])).rejects.toThrow(Misuse)
  const { rows } = await measureService(ground, ['rss-idle', 'bare-node'])
  expect(rows.map(({ name, met, cannot }) => ({ name, met, cannot }))).toEqual([
    { name: 'bare-node', met: false, cannot: 'not to be started' },
    { name: 'rss-idle', met: false, cannot: 'not to be started' },
  ])
})

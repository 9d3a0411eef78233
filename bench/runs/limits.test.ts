import { describe, expect, test } from 'vitest'
import type { LoadResult } from '../load/result.ts'
import type { BenchDocument, CapacityPart, Part } from '../report/document.ts'
import { againstEarlier } from './against.ts'
import { askClosed, askOpen, steady } from './asking.ts'
import { facts } from './facts.ts'
import { mustBeOurs } from './hosts.ts'
import { microseconds, share } from './quantities.ts'
import { shapeNames, shapes, stagesOf } from './shapes.ts'
import { anyWorkload, simulated, unwatched } from './simulated.ts'
import { thresholdVerdicts } from './thresholds.ts'

const asking = (service: Parameters<typeof simulated>[0]) => ({
  drive: simulated(service),
  target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' as const },
  workload: anyWorkload,
})
const open = async (service: Parameters<typeof simulated>[0]): Promise<Part> => ({
  kind: 'load',
  title: 'at 1,000',
  result: await askOpen(asking(service), steady(1_000, 5), unwatched()),
})
const failing = async (failed: Partial<LoadResult>): Promise<Part> => {
  const part = await open({ perSecond: 9_000 })
  return part.kind === 'load' ? { ...part, result: { ...part.result, ...failed } } : part
}
const closed = async (service: Parameters<typeof simulated>[0]): Promise<Part> => ({
  kind: 'load',
  title: 'closed',
  result: await askClosed(asking(service), 8, 2, unwatched()),
})
const capacity = (perSecond?: number): CapacityPart => ({
  kind: 'capacity',
  title: 'capacity',
  limit: { percentile: 'p99', us: 5_000 },
  steps: [],
  ...(perSecond !== undefined && { perSecond }),
})
const documentOf = (...parts: readonly Part[]): BenchDocument => ({
  format: 'portcullis-bench/1',
  startedAt: '2026-11-24T00:00:00.000Z',
  command: 'bench',
  ...facts(),
  seed: 1,
  headline: '',
  parts,
  verdicts: [],
})

const all = (parts: readonly Promise<Part>[]): Promise<readonly Part[]> => Promise.all(parts)

describe('thresholds', () => {
  test.each<[string, Promise<readonly Part[]>, Parameters<typeof thresholdVerdicts>[1], object]>([
    [
      'nothing asked, nothing wrong',
      all([open({ perSecond: 9_000 })]),
      {},
      { 'wrong answers': true },
    ],
    [
      'wrong answers break every run',
      all([open({ perSecond: 9_000, wrong: () => 1 })]),
      {},
      { 'wrong answers': false },
    ],
    [
      'p99 of what waits',
      all([open({ perSecond: 1_100 })]),
      { maxP99Us: 5_000 },
      { 'wrong answers': true, 'p99: at 1,000': false },
    ],
    [
      'p99 of what does not',
      all([open({ perSecond: 9_000 })]),
      { maxP99Us: 5_000 },
      { 'wrong answers': true, 'p99: at 1,000': true },
    ],
    [
      'p99 where more than one in a hundred are turned away',
      all([failing({ unavailable: 60 })]),
      { maxP99Us: 5_000 },
      { 'wrong answers': true, 'p99: at 1,000': false },
    ],
    [
      'p99 where more than one in a hundred lose their connection',
      all([failing({ connectionErrors: 60 })]),
      { maxP99Us: 5_000 },
      { 'wrong answers': true, 'p99: at 1,000': false },
    ],
    [
      'p99 where fewer fail',
      all([failing({ connectionErrors: 20, unavailable: 20 })]),
      { maxP99Us: 5_000 },
      { 'wrong answers': true, 'p99: at 1,000': true },
    ],
    [
      'p99 is for open loops',
      all([closed({ perSecond: 10 })]),
      { maxP99Us: 1 },
      { 'wrong answers': true },
    ],
    [
      'a rate without a capacity',
      all([closed({ perSecond: 900 })]),
      { minPerSecond: 1_000 },
      { 'wrong answers': true, 'rate: closed': false },
    ],
    [
      'the capacity counts',
      all([closed({ perSecond: 900 }), Promise.resolve(capacity(2_000))]),
      { minPerSecond: 1_000 },
      { 'wrong answers': true, 'rate: capacity': true },
    ],
    [
      'a capacity that was not found',
      Promise.resolve([capacity()]),
      { minPerSecond: 1 },
      { 'rate: capacity': false },
    ],
  ])('%s', async (_, parts, wanted, met) => {
    const verdicts = thresholdVerdicts(await parts, wanted)
    expect(Object.fromEntries(verdicts.map((each) => [each.what, each.met]))).toEqual(met)
  })
})

describe('against an earlier run', () => {
  const verdictsOf = (now: BenchDocument, before: BenchDocument) =>
    Object.fromEntries(againstEarlier(now, before, 0.05).map(({ what, met }) => [what, met]))

  test('no worse than the threshold', () => {
    const machine = { 'same machine': true }
    expect(verdictsOf(documentOf(capacity(960)), documentOf(capacity(1_000)))).toEqual({
      ...machine,
      capacity: true,
    })
    expect(verdictsOf(documentOf(capacity(940)), documentOf(capacity(1_000)))).toEqual({
      ...machine,
      capacity: false,
    })
    expect(verdictsOf(documentOf(capacity(9_000)), documentOf(capacity(1_000)))).toEqual({
      ...machine,
      capacity: true,
    })
  })

  test('a rate that was found and is found no more', async () => {
    expect(verdictsOf(documentOf(capacity()), documentOf(capacity(1_000)))).toMatchObject({
      capacity: false,
    })
    const dead = await closed({ perSecond: 0.1 })
    expect(
      verdictsOf(documentOf(dead), documentOf(await closed({ perSecond: 900 }))),
    ).toMatchObject({ 'closed: p99': false })
  })

  test('what costs more CPU', async () => {
    const [cheap, dear] = await Promise.all(
      [100, 106].map((cpuUsPerRequest) => closed({ perSecond: 900, cpuUsPerRequest })),
    )
    expect(verdictsOf(documentOf(dear!), documentOf(cheap!))).toMatchObject({
      'closed: CPU a request': false,
      'closed: rate': true,
    })
    expect(verdictsOf(documentOf(cheap!), documentOf(dear!))).toMatchObject({
      'closed: CPU a request': true,
    })
  })

  test('another machine is said to be one', () => {
    const before = documentOf(capacity(1_000))
    const other = { ...before, machine: { ...before.machine, cores: 64 } }
    expect(verdictsOf(before, other)).toEqual({ 'same machine': false, capacity: true })
  })

  test('nothing in common', async () => {
    const load = documentOf(await closed({ perSecond: 900 }))
    expect(() => verdictsOf(documentOf(capacity(1)), load)).toThrow(
      /it measured closed: p50, closed: p99, closed: rate, closed: CPU a request, this one capacity/,
    )
  })
})

describe('what is asked for', () => {
  test.each([
    ['http://127.0.0.1:8181', false, ''],
    ['http://localhost', false, ''],
    ['http://[::1]:80', false, ''],
    ['http://id.example:8181', true, ''],
    ['http://id.example:8181', false, 'id.example:8181 is not this machine'],
    ['https://127.0.0.1:8181', true, 'expected an address such as http://'],
    ['http://127.0.0.1.example', false, 'is not this machine'],
    ['127.0.0.1:8181', false, 'expected an address such as'],
    ['ftp://127.0.0.1', true, 'expected an address such as'],
  ])('%s, owned: %s', (url, iOwnThisHost, wanted) => {
    const ask = () => mustBeOurs(url, { iOwnThisHost })
    if (wanted === '') expect(ask().href).toContain(new URL(url).host)
    else expect(ask).toThrow(wanted)
  })

  test('times and shares', () => {
    expect(['5ms', '800us', '1.5s', '7µs'].map((each) => microseconds(each, '--p99'))).toEqual([
      5_000, 800, 1_500_000, 7,
    ])
    for (const wrong of ['5', 'ms', '0ms', '-1ms', '5 ms', ''])
      expect(() => microseconds(wrong, '--p99')).toThrow(
        `--p99: expected a time such as 5ms, 800us or 1s, got "${wrong}"`,
      )
    expect(share('2.5%', '--threshold')).toBe(0.025)
    expect(() => share('5', '--threshold')).toThrow(
      '--threshold: expected a share such as 5%, got "5"',
    )
  })

  test('shapes are bounded, and as long as is asked for', () => {
    for (const name of shapeNames) {
      const seconds = shapes[name].stages.reduce((sum, [each]) => sum + each, 0)
      expect(seconds, name).toBeLessThanOrEqual(3_600)
    }
    expect(stagesOf(shapes.spike, 100, 0.5)[1]).toEqual({
      seconds: 0.5,
      fromPerSecond: 20,
      toPerSecond: 200,
    })
  })

  test('every run has an end', async () => {
    const orders: unknown[] = []
    const drive = (order: { readonly mostRequests: number }) => {
      orders.push(order)
      return Promise.reject(new Error('enough'))
    }
    await expect(
      askOpen({ ...asking({ perSecond: 1 }), drive }, steady(100, 4), unwatched(), {
        warmUpSeconds: 1,
      }),
    ).rejects.toThrow('enough')
    await expect(
      askClosed({ ...asking({ perSecond: 1 }), drive }, 64, 2, unwatched()),
    ).rejects.toThrow('enough')
    expect(orders).toMatchObject([
      { seconds: 4, mostRequests: 824, timeoutMs: 2_000 },
      { seconds: 2, mostRequests: 400_000, timeoutMs: 2_000 },
    ])
  })
})

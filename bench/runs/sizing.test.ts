import { describe, expect, test } from 'vitest'
import type { LoadOrder } from '../load/order.ts'
import type { Drive } from './asking.ts'
import { measureScaling, type Scaled } from './scaling.ts'
import { askShaped } from './shaped.ts'
import { anyWorkload, simulated, unwatched } from './simulated.ts'
import { size, sizingPlans } from './sizing.ts'

const target = { url: 'http://127.0.0.1:1', protocol: 'portcullis' } as const
const asking = (drive: Drive) => ({ drive, target, workload: anyWorkload })

describe('sizing', () => {
  test('what it can do, what it costs, and how soon it answers at half of that', async () => {
    const { parts, headline } = await size(
      asking(simulated({ perSecond: 5_000, cpuUsPerRequest: 118.4 })),
      5_000,
      sizingPlans.quick,
      unwatched(),
    )
    expect(parts.map(({ title }) => title)).toEqual([
      '1 connection, as fast as they are answered',
      '8 connections, as fast as they are answered',
      '64 connections, as fast as they are answered',
      'How much it can take',
      'At half of what it can take',
    ])
    const [capacity, half] = parts.slice(3)
    if (capacity?.kind !== 'capacity' || half?.kind !== 'load') throw new Error('other parts')
    expect(half.result.loop).toMatchObject({
      stages: [{ fromPerSecond: capacity.perSecond! / 2 }],
    })
    expect(headline).toMatch(
      /^[34],\d{3} sign-ins a second at p99 ≤ 5 ms on this machine \(\d+ cores?, shared with the generator\); 118 µs of service CPU each, 118 at half of that rate, 100 MB$/,
    )
  })

  test('a generator that is the limit is the first thing that is said', async () => {
    const { headline, parts } = await size(
      asking(simulated({ perSecond: 1_000, generatorPerSecond: 0 })),
      5_000,
      sizingPlans.quick,
      unwatched(),
    )
    expect(headline).toMatch(/^the load generator was the limit \(the generator was too slow\)/)
    const capacity = parts.find(({ kind }) => kind === 'capacity')
    expect(capacity).not.toHaveProperty('perSecond')
  })

  test('where no rate is known, what it did without a limit is', async () => {
    const { headline } = await size(
      asking(simulated({ perSecond: 1_000, wrong: () => 1 })),
      5_000,
      sizingPlans.quick,
      unwatched(),
    )
    expect(headline).toMatch(
      /^no rate was found that it answers at p99 ≤ 5 ms on .*; without a limit it answered 1,000 a second; 100 µs/,
    )
  })

  test('ended early, it gives the parts that it has', async () => {
    const ending = new AbortController()
    const drive: Drive = (order, watch) => {
      if (order.loop.kind === 'closed' && order.loop.connections === 8) ending.abort()
      return simulated({ perSecond: 900 })(order, watch)
    }
    const { parts, headline } = await size(
      asking(drive),
      5_000,
      sizingPlans.quick,
      unwatched(ending.signal),
    )
    expect(parts).toHaveLength(2)
    expect(headline).toBe('ended early: 900 answers a second so far')
  })
})

describe('shapes', () => {
  const shaped = (shape: 'spike' | 'breakpoint', service: Parameters<typeof simulated>[0]) =>
    askShaped(asking(simulated(service)), { shape, perSecond: 1_000, limitUs: 5_000 }, unwatched())

  test('one run of all stages', async () => {
    const { parts, headline } = await shaped('spike', { perSecond: 9_000 })
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ result: { seconds: 57 } })
    expect(headline).toMatch(/^spike, R of 1,000 a second: p99 [\d.]+ ms$/)
  })

  test('more and more until it breaks, and no further', async () => {
    const { parts, headline } = await shaped('breakpoint', { perSecond: 2_000 })
    expect(parts.length).toBeGreaterThan(5)
    expect(parts.length).toBeLessThan(20)
    expect(headline).toMatch(/^breaks at 1,\d00 a second \(p99 [\d.]+ ms\); [\d,]+ a second held$/)
    const slow = await shaped('breakpoint', { perSecond: 1_600, generatorPerSecond: 450 })
    expect(slow.headline).toMatch(/^the load generator was the limit/)
    const fast = await shaped('breakpoint', { perSecond: 1e6 })
    expect(fast.headline).toBe('breakpoint: nothing broke; 4,000 a second held')
  })
})

test.each([
  ['spike', 1e12, 1, 'expected at most 200,000 requests a second, got 2,000,000,000,000'],
  ['breakpoint', 60_000, 1, 'expected at most 200,000 requests a second, got 204,000'],
  [
    'breakpoint',
    100,
    1,
    'the first step asks at least 100 times, since a p99 is of a hundred; got 50',
  ],
  ['soak', 3_000, 100, 'expected at most 20,000,000 requests in a run, got 864,000,000'],
] as const)('%s at %f a second, %f times as long', async (shape, perSecond, length, wanted) => {
  const service = asking(simulated({ perSecond: 1e6 }))
  const order = { shape, perSecond, length, limitUs: 5_000 }
  await expect(askShaped(service, order, unwatched())).rejects.toThrow(wanted)
})

test('more worker threads, more listeners: a service for each number, asked in turns, and stopped', async () => {
  const orders: LoadOrder[] = []
  let running = 0
  const ground: Scaled = {
    drive: (order, watch) => {
      orders.push(order)
      const threads = Number(new URL(order.target.url).port)
      const perSecond = (threads * 1_000) / (1 + 0.25 * (threads - 1))
      return simulated({ perSecond })(order, watch)
    },
    startService: ({ args }) => {
      running++
      const stop = () => {
        running--
        return Promise.resolve()
      }
      return Promise.resolve({ url: `http://127.0.0.1:${args?.[1]}`, pid: 1, stop })
    },
    pack: 'pack',
    workload: anyWorkload,
    connections: 64,
    seconds: 2,
  }
  const fits = await measureScaling(ground, 2, unwatched())
  expect(fits.map(({ of }) => of)).toEqual(['worker threads', 'listeners'])
  for (const { points, contention, best } of fits) {
    expect(points.map(({ n }) => n)).toEqual([1, 2, 3, 4])
    expect(contention).toBeCloseTo(0.25, 1)
    expect(best).toBeUndefined()
  }
  const turns = '123443211234'
  expect(orders.map(({ target: { url } }) => url.at(-1)).join('')).toBe(turns + turns)
  expect(running).toBe(0)

  const silent = { ...ground, drive: simulated({ perSecond: 1, mostWaiting: 0 }) }
  expect(await measureScaling(silent, 2, unwatched())).toEqual([])
  expect(running).toBe(0)
})

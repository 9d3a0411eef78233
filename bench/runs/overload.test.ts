import { expect, test } from 'vitest'
import type { Second } from '../load/result.ts'
import { overload, overloadFound, recovery } from './overload.ts'
import { anyWorkload, simulated, unwatched } from './simulated.ts'

const second = (at: number, changes: Partial<Second> = {}): Second => ({
  second: at,
  planned: 100,
  answered: 100,
  failed: 0,
  p50Us: 1_000,
  p99Us: 2_000,
  maxUs: 5_000,
  ...changes,
})

test.each<[string, Partial<Second>[], number | undefined]>([
  ['at once', [{}, {}], 0],
  ['when nobody is turned away', [{ failed: 3 }, { failed: 1 }, {}], 2],
  ['when p99 is as usual', [{ p99Us: 90_000 }, { p99Us: 8_000 }], 1],
  ['not while nothing is answered', [{ answered: 0, p99Us: 0 }, {}], 1],
  ['never', [{ failed: 1 }, { p99Us: 90_000 }], undefined],
])('recovers %s', (_, after, expected) => {
  const series = [second(0), ...after.map((each, at) => second(10 + at, each))]
  expect(recovery(series, 10, 5_000)).toBe(expected)
})

test('asks several times the capacity, then half of it, which counts by the second alone', async () => {
  const orders: unknown[] = []
  const drive = simulated({ perSecond: 1_000, mostWaiting: 20 })
  const found = await overload(
    {
      drive: (order, watch) => {
        orders.push([order.loop, order.tailSeconds])
        return drive(order, watch)
      },
      target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
      workload: anyWorkload,
    },
    { times: 3, seconds: 10, recoverySeconds: 5, perSecond: 1_000 },
    unwatched(),
  )
  const stage = (seconds: number, rate: number) => ({
    seconds,
    fromPerSecond: rate,
    toPerSecond: rate,
  })
  expect(orders).toEqual([
    [{ kind: 'open', arrivals: 'poisson', stages: [stage(5, 500)] }, 0],
    [{ kind: 'open', arrivals: 'poisson', stages: [stage(10, 3_000), stage(5, 500)] }, 5],
  ])
  const { parts, verdicts } = overloadFound(found, 3)
  expect(parts).toHaveLength(2)
  expect(verdicts.map(({ met }) => met)).toEqual([true, false]) // 20 ms; the stand-in has no series
})

test('slow answers to those admitted, or none at all, break it', async () => {
  const ask = (perSecond: number, mostWaiting: number) =>
    overload(
      {
        drive: simulated({ perSecond, mostWaiting }),
        target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
        workload: anyWorkload,
      },
      { times: 3, seconds: 10, recoverySeconds: 5, perSecond: 1_000 },
      unwatched(),
    )
  const slow = await ask(1_000, 200)
  expect(overloadFound(slow, 3).verdicts[0]).toMatchObject({ met: false })
  const silent = { ...slow, over: { ...slow.over, answered: 0, rawLatency: slow.usual.rawLatency } }
  expect(overloadFound(silent, 3).verdicts[0]).toMatchObject({ met: false })
})

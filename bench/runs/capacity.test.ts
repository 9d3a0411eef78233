import { describe, expect, test } from 'vitest'
import { capacityText, findCapacity, type Search } from './capacity.ts'
import { anyWorkload, simulated, unwatched, type Simulated } from './simulated.ts'

const search: Search = {
  limitUs: 5_000,
  startPerSecond: 1_000,
  probeSeconds: 4,
  confirmSeconds: 20,
  mostSeconds: 60,
}
/** Of a queue with one server, 99 in 100 wait less than ln 100 ÷ (served − asked). */
const capacityOf = ({ perSecond }: Simulated) => perSecond - Math.log(100) / 0.005

const find = (service: Simulated, asked: Partial<Search> = {}, signal?: AbortSignal) =>
  findCapacity(
    {
      drive: simulated(service),
      target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
      workload: anyWorkload,
    },
    { ...search, ...asked },
    unwatched(signal),
  )

describe('how much a service can take', () => {
  test.each([
    ['more than the start', { perSecond: 5_000 }, {}],
    ['far more', { perSecond: 20_000 }, {}],
    ['less than the start', { perSecond: 2_000 }, { startPerSecond: 16_000 }],
    ['where callers give up soon', { perSecond: 3_000, mostWaiting: 50 }, {}],
  ])('%s', async (_, service, asked) => {
    const part = await find(service, asked)
    expect(part.perSecond! / capacityOf(service)).toBeGreaterThan(0.85)
    expect(part.perSecond! / capacityOf(service)).toBeLessThan(1.06)
    expect(part.confirmation!.seconds).toBe(20)
    expect(part.confirmation!.latency.p99Us).toBeLessThanOrEqual(5_000)
    expect(part.steps.at(-1)).toMatchObject({ met: true, perSecond: part.perSecond })
    expect(part.steps.length).toBeLessThan(25)
  })

  test('a generator that is too slow gives no figure, and says so', async () => {
    const limited = await findCapacity(
      {
        drive: (order, watch) =>
          simulated({
            perSecond:
              order.loop.kind === 'open' && order.loop.stages[0]!.fromPerSecond > 2_000 ? 10 : 1e6,
            generatorPerSecond: 2_000,
          })(order, watch),
        target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
        workload: anyWorkload,
      },
      search,
      unwatched(),
    )
    expect(limited.perSecond).toBeUndefined()
    expect(limited.confirmation!.perSecond).toBeGreaterThan(1_800)
    expect(capacityText(limited)).toMatch(
      /^the load generator was the limit \(the generator was too slow\): the service does at least [\d,]+ a second at p99 ≤ 5 ms/,
    )
  })

  test('a service that answers wrongly has no capacity', async () => {
    const part = await find({ perSecond: 5_000, wrong: () => 3 })
    expect(part.perSecond).toBeUndefined()
    expect(part.steps[0]).toMatchObject({ met: false, because: '3 wrong answers' })
    expect(capacityText(part)).toBe('no rate was found that it answers at p99 ≤ 5 ms')
  })

  test('what breaks in the longer run is stepped down from', async () => {
    const part = await find({
      perSecond: 5_000,
      wrong: (order) =>
        order.seconds > 10 &&
        order.loop.kind === 'open' &&
        order.loop.stages[0]!.fromPerSecond > 3_000
          ? 2
          : 0,
    })
    expect(part.perSecond).toBeLessThanOrEqual(3_000)
    expect(
      part.steps.filter(({ because }) => because === '2 wrong answers').length,
    ).toBeGreaterThan(1)
  })

  test('ended early, it gives what was tried', async () => {
    const part = await find({ perSecond: 5_000 }, {}, AbortSignal.abort())
    expect(part).toMatchObject({ kind: 'capacity', steps: [] })
  })
})

import { describe, expect, test } from 'vitest'
import type { LoadResult } from '../load/result.ts'
import { randomFrom } from '../random.ts'
import { askClosed } from './asking.ts'
import { compare } from './compare.ts'
import { compared } from './compared.ts'
import { anyWorkload, latencyOf, simulated, unwatched } from './simulated.ts'
import type { Side } from './side.ts'

const [A, B] = ['A', 'B'].map((name) => ({ name, anew: true })) as [Named, Named]
type Named = Pick<Side, 'name' | 'anew'>
const url = 'http://127.0.0.1:1'
const base = await askClosed(
  {
    drive: simulated({ perSecond: 4_000 }),
    target: { url, protocol: 'portcullis' },
    workload: anyWorkload,
  },
  8,
  1,
  unwatched(),
)

/** Pairs of a machine that drifts to twice its speed and back; each run is off by another 2%, and B is slower by a share. */
function pairsOf(count: number, slower: number, seed: number) {
  const random = randomFrom(seed)
  const noise = () => {
    const sum = Array.from({ length: 12 }, () => random.below(1e6) / 1e6).reduce((a, b) => a + b)
    return Math.exp(0.02 * (sum - 6))
  }
  const run = (slow: number): LoadResult => ({
    ...base,
    perSecond: (4_000 / slow) * noise(),
    latency: { ...base.latency, p50Us: 2_000 * slow * noise(), p99Us: 9_000 * slow * noise() },
    service: { cpuUsPerRequest: 100 * slow * noise(), cpus: 1, rssBytes: 1 },
  })
  return Array.from({ length: count }, (_, at) => {
    const drift = 1.5 + Math.sin(at)
    return [run(drift), run(drift * (1 + slower))] as const
  })
}

const changed = (pairs: ReturnType<typeof pairsOf>) =>
  compared(A, B, pairs).part.rows.filter(({ verdict }) => verdict !== '~')

describe('A against B', () => {
  test('of a build with itself nothing is said in 19 of 20 runs', () => {
    const found = Array.from({ length: 300 }, (_, seed) => changed(pairsOf(10, 0, seed)))
    expect(found.filter((rows) => rows.length > 0).length / 300).toBeLessThanOrEqual(0.05)
  })

  test('three percent of CPU are found in 20 pairs', () => {
    const found = Array.from({ length: 100 }, (_, seed) => changed(pairsOf(20, 0.03, seed)))
    const cpu = found.map((rows) =>
      rows.find(({ unit, metric }) => unit === 'µs' && /CPU/.test(metric)),
    )
    expect(cpu.filter((row) => row?.verdict === 'worse').length).toBeGreaterThan(90)
  })

  test('what changed by how much, and which way is better', () => {
    const { part, headline, verdicts } = compared(A, B, pairsOf(20, 0.2, 1))
    expect(part.rows.map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['CPU of the service a request', 'worse'],
      ['answers a second', 'worse'],
      ['p50', 'worse'],
      ['p99', 'worse'],
    ])
    for (const { better, change, low, high, medianA, medianB, p } of part.rows) {
      expect(Math.abs(change - (better === 'less' ? 0.2 : -1 / 6))).toBeLessThan(0.02)
      expect(low).toBeLessThan(change)
      expect(high).toBeGreaterThan(change)
      expect(medianB > medianA).toBe(better === 'less')
      expect(p).toBeGreaterThan(0.05) // unpaired, the drift hides it
    }
    expect(part.values.map(({ a }) => a.length)).toEqual([20, 20, 20, 20])
    expect(headline).toMatch(
      /^B against A: CPU of the service a request \+\d+\.\d% \(\+\d+\.\d% to \+\d+\.\d%\), worse; answers a second -1/,
    )
    expect(verdicts).toEqual([
      { what: 'wrong answers', measured: '0', wanted: '0', met: true },
      { what: 'failed requests', measured: '0', wanted: '0', met: true },
    ])
    const swapped = compared(
      B,
      A,
      pairsOf(20, 0.2, 1).map(([a, b]) => [b, a] as const),
    )
    expect(swapped.part.rows.every(({ verdict }) => verdict === 'better')).toBe(true)
  })

  test('few pairs claim nothing, and their interval is what was met', () => {
    const { part, headline } = compared(A, B, pairsOf(5, 0.5, 1))
    for (const { low, high, change, verdict } of part.rows) {
      expect(verdict).toBe('~')
      expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true)
      expect(low < change && change < high).toBe(true)
    }
    expect(headline).toBe('5 pairs are too few to tell A from B: it takes at least 10')
  })

  test('a metric that one of them does not tell is left out', () => {
    const { service: _, ...silent } = base
    const running = { name: 'http://127.0.0.1:1', anew: false }
    expect(compared(A, running, pairsOf(10, 0, 1)).part.title).toMatch(/these processes/)
    const pairs = pairsOf(10, 0, 1).map(([a]) => [a, { ...silent, perSecond: 4_000 }] as const)
    expect(compared(A, B, pairs).part.rows.map(({ metric }) => metric)).toEqual([
      'answers a second',
      'p50',
      'p99',
    ])
  })

  test.each<[string, Partial<LoadResult>]>([
    ['turns all away', { answered: 0, perSecond: 0, unavailable: 9, latency: latencyOf([]) }],
    ['loses connections', { connectionErrors: 9 }],
    ['does not answer in time', { timeouts: 9 }],
    ['drops', { dropped: 9 }],
  ])('one that %s is not found to be the same', (_, failed) => {
    const pairs = pairsOf(10, 0, 1).map(([a, b]) => [a, { ...b, ...failed }] as const)
    const { headline, verdicts } = compared(A, B, pairs)
    expect(headline).toBe("90 requests failed: A and B can't be compared")
    expect(verdicts).toMatchObject([{ met: true }, { measured: '90', met: false }])
  })

  test('both are started anew for each pair, in turns, and stopped', async () => {
    const log: string[] = []
    const side = (name: string, fails = false): Side => ({
      name,
      anew: true,
      begin: (core) => {
        log.push(`${name} on ${core}`)
        if (fails && log.length > 2) return Promise.reject(new Error(`${name} fails`))
        return Promise.resolve({
          target: { url, protocol: 'portcullis' },
          workload: anyWorkload,
          stop: () => {
            log.push(`${name} stops`)
            return Promise.resolve()
          },
        })
      },
    })
    const plan = {
      pairs: 2,
      seconds: 1,
      warmUpSeconds: 1,
      connections: 4,
      cores: { service: 1, generator: 0 },
    }
    const wrong = simulated({ perSecond: 100, wrong: () => 3 })
    const { verdicts, headline } = await compare(wrong, [side('A'), side('B')], plan, unwatched())
    expect(log).toEqual([
      'A on 1',
      'B on 1',
      'A stops',
      'B stops',
      'B on 1',
      'A on 1',
      'B stops',
      'A stops',
    ])
    expect(verdicts).toMatchObject([{ measured: '12', met: false }, { met: true }])
    expect(headline).toBe('12 wrong answers: A and B do not decide as they should')

    log.length = 0
    const failing = compare(wrong, [side('A'), side('B', true)], plan, unwatched())
    await expect(failing).rejects.toThrow('B fails')
    expect(log.filter((line) => line === 'A stops').length).toBe(1)
    await expect(
      compare(wrong, [side('A'), side('B')], plan, unwatched(AbortSignal.abort())),
    ).rejects.toThrow('ended before two pairs were measured')
  })
})

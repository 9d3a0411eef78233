import { expect, test } from 'vitest'
import { randomFrom } from '../random.ts'
import { fitScaling } from './usl.ts'

type Law = { readonly a: number; readonly s: number; readonly k: number }
const throughput = ({ a, s, k }: Law, n: number) => (n * a) / (1 + s * (n - 1) + k * n * (n - 1))
const measured = (law: Law, ns: readonly number[], noise = () => 1) =>
  ns.map((n) => ({ n, perSecond: throughput(law, n) * noise() }))

test.each<[string, Law, readonly number[]]>([
  ['each adds as much as the first', { a: 4_000, s: 0, k: 0 }, [1, 2, 3, 4]],
  ['what can not be shared out', { a: 4_000, s: 0.2, k: 0 }, [1, 2, 3, 4]],
  ['and what they say to each other', { a: 900, s: 0.05, k: 0.04 }, [1, 2, 4, 8]],
  ['more makes it slower', { a: 5_000, s: 0.4, k: 0.3 }, [1, 2, 3, 4]],
])('%s', (_, law, ns) => {
  const fit = fitScaling('threads', measured(law, ns))
  expect(fit.perSecondOfOne).toBeCloseTo(law.a, 3)
  expect(fit.contention).toBeCloseTo(law.s, 6)
  expect(fit.crosstalk).toBeCloseTo(law.k, 6)
  const best = law.k === 0 ? undefined : Math.sqrt((1 - law.s) / law.k)
  if (best === undefined) expect(fit.best).toBeUndefined()
  else expect(fit.best).toBeCloseTo(best, 4)
})

test('noise of three percent, and no share below nothing', () => {
  const random = randomFrom(3)
  const noise = () => 1 + (random.below(1e6) / 1e6 - 0.5) * 0.06
  for (let run = 0; run < 50; run++) {
    const law = { a: 4_000, s: 0.15, k: 0.08 }
    const fit = fitScaling('threads', measured(law, [1, 1, 2, 2, 3, 3, 4, 4, 6, 8], noise))
    expect(Math.abs(fit.perSecondOfOne / law.a - 1)).toBeLessThan(0.06)
    expect(Math.abs(fit.best! / Math.sqrt(0.85 / 0.08) - 1)).toBeLessThan(0.3)
    const linear = fitScaling('threads', measured({ a: 4_000, s: 0, k: 0 }, [1, 2, 3, 4], noise))
    expect(Math.min(linear.contention, linear.crosstalk)).toBeGreaterThanOrEqual(0)
  }
})

test('two points give no crosstalk that nobody saw', () => {
  expect(fitScaling('threads', measured({ a: 100, s: 0.5, k: 0 }, [1, 2]))).toMatchObject({
    crosstalk: 0,
  })
})

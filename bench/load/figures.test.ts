import { expect, test } from 'vitest'
import { figuresBetween, parseMetrics, readFigures } from './figures.ts'

const metrics = (
  cpu: number,
  rss: number,
  gc: string,
  lag: string,
) => `# HELP process_cpu_seconds_total CPU time.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total ${cpu}
process_resident_memory_bytes ${rss}
portcullis_decisions_total{outcome="allow"} 12
${gc}${lag}`
const gc = (minor: number, major: number, count: number) =>
  `nodejs_gc_duration_seconds_bucket{le="0.001",kind="minor"} 7
nodejs_gc_duration_seconds_sum{kind="minor"} ${minor}
nodejs_gc_duration_seconds_count{kind="minor"} ${count}
nodejs_gc_duration_seconds_sum{kind="major"} ${major}
nodejs_gc_duration_seconds_count{kind="major"} 1
`

test('figures are what was used between two readings', () => {
  const before = parseMetrics(metrics(1.5, 1e8, gc(0.01, 0.02, 3), ''), 1_000)
  const after = parseMetrics(
    metrics(
      2,
      2e8,
      gc(0.015, 0.02, 5),
      [0.001, 0.004, 0.003]
        .map((lag, listener) => `nodejs_eventloop_lag_p99_seconds{listener="${listener}"} ${lag}\n`)
        .join(''),
    ),
    3_000,
  )
  const { gcPauseMs, ...others } = figuresBetween(before, after, 1_000)!
  expect(others).toEqual({
    cpuUsPerRequest: 500,
    cpus: 0.25,
    rssBytes: 2e8,
    eventLoopDelayP99Ms: 4,
  })
  expect(gcPauseMs!.total).toBeCloseTo(5, 9)
  expect(gcPauseMs!.count).toBe(2)
})

test.each([
  ['what is no metrics', '<html>'],
  ['metrics of something else', 'process_resident_memory_bytes 5\n'],
])('%s gives none', (_, text) => expect(parseMetrics(text, 0)).toBeUndefined())

test('without answers, or without both readings, there are none', () => {
  const reading = parseMetrics(metrics(1, 1e8, '', ''), 0)!
  expect(reading).toEqual({ atMs: 0, cpuSeconds: 1, rssBytes: 1e8 })
  expect(figuresBetween(reading, reading, 0)).toBeUndefined()
  expect(figuresBetween(undefined, reading, 5)).toBeUndefined()
  expect(figuresBetween(reading, undefined, 5)).toBeUndefined()
})

test('of a service that was started anew in between there are none', () => {
  const [before, after] = [9, 1].map((cpu) => parseMetrics(metrics(cpu, 1e8, '', ''), 0))
  expect(figuresBetween(before, after, 5)).toBeUndefined()
})

test.runIf(process.platform === 'linux')('Linux tells of a process that does not', async () => {
  const target = { url: 'http://127.0.0.1:1', protocol: 'authzen', pid: process.pid } as const
  const reading = (await readFigures(target, 'before'))!
  const { user, system } = process.cpuUsage()
  expect(Math.abs(reading.cpuSeconds - (user + system) / 1e6)).toBeLessThan(1)
  expect(reading.rssBytes / process.memoryUsage.rss()).toBeCloseTo(1, 0)
  expect(await readFigures({ ...target, pid: 2 ** 30 }, 'after')).toBeUndefined()
})

import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { newCounters, write } from './counters.ts'
import { watchService, type Metrics } from './metrics.ts'
import { printItemProblem } from './batch/item.ts'
import { problem } from './problems.ts'
import { endWithProblem, readyProblem, sendProblem } from './ready-problem.ts'

const value = async (metrics: Metrics, name: string): Promise<number> =>
  Number(
    (await metrics.text())
      .split('\n')
      .find((line) => line.startsWith(`${name} `))!
      .split(' ')[1],
  )
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms))

test('a delay of the event loop is told to everybody who asks', async () => {
  const metrics = watchService()
  await turn(50) // the watching begins with the first turn
  const end = performance.now() + 150
  while (performance.now() < end);
  await turn(50)
  for (let time = 0; time < 3; time++)
    expect(await value(metrics, 'nodejs_eventloop_lag_max_seconds{listener="0"}')).toBeGreaterThan(
      0.1,
    )
  metrics.close()
})

test('pauses for garbage collection are counted, in their buckets too', async () => {
  const metrics = watchService()
  const name = 'nodejs_gc_duration_seconds'
  const minor = (suffix: string) => value(metrics, `${name}${suffix}`)
  for (
    let kept: unknown[] = [];
    (await minor('_count{kind="minor"}')) < 2;
    kept = kept.slice(-10)
  ) {
    for (let at = 0; at < 10_000; at++) kept.push({ at })
    await turn()
  }
  const count = await minor('_count{kind="minor"}')
  expect(await minor('_bucket{le="+Inf",kind="minor"}')).toBe(count)
  expect(await minor('_bucket{le="5",kind="minor"}')).toBe(count)
  expect(await minor('_sum{kind="minor"}')).toBeGreaterThan(0)
  metrics.close()
})

test('counts are those of all rows, and each thread writes its own', async () => {
  const counters = newCounters(3)
  const all = [0, 1, 2].map((listener) => watchService({ counters, listener }))
  all.forEach((metrics, times) => {
    for (let time = 0; time <= times; time++) metrics.decided({ outcome: 'block', json: '{}' }, 0)
    metrics.shed('batch')
  })
  write(counters.rows[0]!, { 'pool oldest ms': 1_500 })
  for (const metrics of all) {
    expect(await value(metrics, 'portcullis_decisions_total{outcome="block"}')).toBe(6)
    expect(await value(metrics, 'portcullis_decisions_total{outcome="allow"}')).toBe(0)
    expect(await value(metrics, 'portcullis_shed_total{kind="batch"}')).toBe(3)
    expect(await value(metrics, 'portcullis_pool_oldest_seconds')).toBe(1.5)
  }
  for (const metrics of all) metrics.close()
})

test('a problem counts, whoever answers with it', async () => {
  const metrics = watchService()
  const timeouts = () => value(metrics, 'portcullis_problems_total{type="timeout"}')
  const late = readyProblem('timeout', 'expected the whole request sooner')
  const socket = new PassThrough() as unknown as Socket
  const answers = [
    () => problem('timeout', 'expected the whole request sooner'),
    () => sendProblem(new ServerResponse(new IncomingMessage(socket)), late),
    () => endWithProblem(socket, late),
    () => printItemProblem('timeout', 'of a member of a batch', 0),
  ]
  for (const [before, answer] of answers.entries()) {
    expect(await timeouts()).toBe(before)
    answer()
  }
  expect(await timeouts()).toBe(4)
  metrics.close()
  problem('timeout', 'nobody watches any more')
  expect(await timeouts()).toBe(4)
})

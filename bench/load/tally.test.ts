import { expect, test } from 'vitest'
import type { Judgement } from './protocol.ts'
import { stubWorkload } from './stub.ts'
import { tally } from './tally.ts'

const wrong = (expected: string, actual: string): Judgement => ({
  question: 'q',
  signIn: '{}',
  expected,
  actual,
})
const [allow, block] = ['{"outcome":"allow"}', '{"outcome":"block"}']

/** What is counted of answers that are judged so, each due at a time in milliseconds. */
function counted(judgements: readonly (readonly [dueMs: number, Judgement])[], untilMs?: number) {
  let next = 0
  const judge = () => judgements[next++]![1]
  const counts = tally(stubWorkload(1), [{ path: '/', headers: {}, body: '', judge }], {
    keptOpenSeconds: 9,
    ...(untilMs !== undefined && { untilMs }),
  })
  const times = { waitedUs: 100, tookUs: 70 }
  for (const [dueMs] of judgements)
    counts.answered({ question: 0, dueMs }, { ...times, status: 200, body: Buffer.alloc(0) })
  return counts
}

test.each<[string, Judgement[], number | undefined]>([
  ['an allow for what is to be blocked', [wrong(block, allow)], 1],
  ['an allow for what is malformed', [wrong('a problem with a 4xx status', allow)], 1],
  ['a block for what is to be allowed', [wrong(allow, block)], undefined],
  ['an allow with other reasons', [wrong(allow, allow)], undefined],
  ['right and turned away', ['right', 'unavailable'], undefined],
])('allows: %s', (_, judgements, allows) =>
  expect(counted(judgements.map((each) => [0, each])).counted().wrong.allows).toBe(allows),
)

test('who is turned away has a time of its own, and none among the answers', () => {
  const { latency, shedLatency, unavailable, answered } = counted([
    [0, 'right'],
    [1, 'unavailable'],
  ]).counted()
  expect({ unavailable, answered }).toEqual({ unavailable: 1, answered: 1 })
  expect(latency.count).toBe(1)
  expect(shedLatency).toMatchObject({ count: 1, p99Us: 70 })
})

test('the tail counts by the second and for wrong answers alone', () => {
  const counts = counted(
    [
      [500, 'right'],
      [1_500, 'right'],
      [1_600, wrong(block, allow)],
      [1_700, 'unavailable'],
    ],
    1_000,
  )
  counts.failed({ question: 0, dueMs: 1_800 }, 'ECONNRESET', 1_900)
  const {
    answered,
    unavailable,
    connectionErrors,
    series,
    wrong: found,
    latency,
  } = counts.counted()
  expect({ answered, unavailable, connectionErrors }).toEqual({
    answered: 1,
    unavailable: 0,
    connectionErrors: 0,
  })
  expect(latency.count).toBe(1)
  expect(found).toMatchObject({ count: 1, allows: 1 })
  expect(series).toMatchObject([
    { second: 0, answered: 1, failed: 0 },
    { second: 1, answered: 2, failed: 2 },
  ])
})

test('connections that are lost are told with their time', () => {
  const counts = counted([])
  counts.failed({ question: 0, dueMs: 10 }, 'ECONNRESET', 25)
  expect(counts.counted()).toMatchObject({ connectionErrors: 1, losses: [25] })
})

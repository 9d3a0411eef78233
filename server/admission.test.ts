import { expect, test } from 'vitest'
import { admission } from './admission.ts'
import type { Asking } from './metrics.ts'

/** A turn of the event loop: how long it sleeps first, then so many requests, each of which takes so long when it is admitted. */
type Turn = {
  readonly sleepMs?: number
  readonly requests: number
  readonly costMs: number
  readonly kind?: Asking
}
const shedMs = 0.02
const limitMs = 40

/** How many requests of each turn are admitted, and the longest that one of them can have waited. */
function admitted(turns: readonly Turn[], limit = limitMs) {
  let [now, slept, longestMs, lastPollMs] = [1_000, 0, 0, 1_000]
  let endTurn = () => undefined as void
  const admit = admission(limit, {
    clock: () => now,
    slept: () => slept,
    onTurnEnd: (call) => (endTurn = call),
  })
  const counts = turns.map(({ sleepMs = 0, requests, costMs, kind = 'single' }) => {
    now += sleepMs
    slept += sleepMs
    if (sleepMs > 0) lastPollMs = now
    const pollMs = now
    let count = 0
    for (let each = 0; each < requests; each++) {
      if (admit(kind)) {
        count++
        longestMs = Math.max(longestMs, now - lastPollMs)
        now += costMs
      } else now += shedMs
    }
    endTurn()
    lastPollMs = pollMs
    return count
  })
  return { counts, longestMs, share: counts.reduce((sum, count) => sum + count, 0) }
}

const times = (count: number, turn: Turn): readonly Turn[] =>
  Array.from({ length: count }, () => turn)

test.each<[string, readonly Turn[], readonly number[]]>([
  ['a turn after sleep is a burst', [{ sleepMs: 1, requests: 500, costMs: 0.25 }], [401]],
  [
    'turns that follow each other without a sleep count the one before',
    [
      { sleepMs: 1, requests: 100, costMs: 0.25 },
      { requests: 400, costMs: 0.25 },
    ],
    [100, 301],
  ],
  [
    'after 100 ms without a sleep the limit is the lower one',
    [{ sleepMs: 1, requests: 400, costMs: 0.25 }, ...times(3, { requests: 100, costMs: 0.25 })],
    [400, 20, 100, 61],
  ],
  [
    'one sleep ends it',
    [
      { sleepMs: 1, requests: 400, costMs: 0.25 },
      { requests: 100, costMs: 0.25 },
      { sleepMs: 1, requests: 100, costMs: 0.25 },
    ],
    [400, 20, 100],
  ],
  [
    'batches are turned away at half of it',
    [{ sleepMs: 1, requests: 500, costMs: 0.25, kind: 'batch' }],
    [201],
  ],
])('%s', (_, turns, expected) => expect(admitted(turns).counts).toEqual(expected))

test('a look at sockets that are ready is no sleep', () => {
  const { counts } = admitted([
    { sleepMs: 1, requests: 400, costMs: 0.25 },
    { sleepMs: 0.01, requests: 100, costMs: 0.25 },
  ])
  expect(counts[1]).toBe(20)
})

test('however many connections ask at once and again, each turn does some work, and nobody who is admitted waits long', () => {
  for (const requests of [10, 100, 256, 1_000])
    for (const kind of ['single', 'batch'] as const) {
      const { counts, longestMs } = admitted(times(200, { requests, costMs: 0.25, kind }))
      expect(Math.min(...counts)).toBeGreaterThan(0)
      expect(longestMs).toBeLessThanOrEqual(2.5 * limitMs + requests * shedMs + 1)
    }
})

test('at three times of what can be done, four fifths of it is', () => {
  // Open loop: what came while the turn before lasted comes up in the next.
  const [costMs, perMs] = [0.25, 12]
  let [now, slept, arrived, done, longestMs] = [0, 1, 0, 0, 0]
  let endTurn = () => undefined as void
  const admit = admission(limitMs, {
    clock: () => now,
    slept: () => slept,
    onTurnEnd: (call) => (endTurn = call),
  })
  while (now < 10_000) {
    const from = arrived
    arrived = Math.max(from + 1, Math.floor(now * perMs))
    for (let each = from; each < arrived; each++) {
      if (!admit('single')) now += shedMs
      else {
        if (now > 1_000) longestMs = Math.max(longestMs, now - each / perMs)
        now += costMs
        done++
      }
    }
    endTurn()
  }
  const most = (now - arrived * shedMs) / (costMs - shedMs)
  expect(done / most).toBeGreaterThan(0.95) // the loop never waits for what it has turned away
  expect((done * costMs) / now).toBeGreaterThan(0.8)
  expect(longestMs).toBeLessThan(limitMs + 1)
})

test('a limit of 0 admits everything', () =>
  expect(admitted(times(20, { requests: 1_000, costMs: 1 }), 0).share).toBe(20_000))

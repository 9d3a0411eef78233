import { expect, test } from 'vitest'
import { admission } from './admission.ts'
import type { Asking } from './asking.ts'

const [limitMs, costMs, readMs, shedMs] = [30, 0.25, 0.01, 0.02]

type Asked = { readonly atMs: number; readonly kind: Asking }

/** An event loop on a clock of its own, and what became of requests: how long each that was worked on had waited. */
function simulated(limit = limitMs) {
  let now = 1_000
  let calls: (() => void)[] = []
  const waits: Record<Asking, number[]> = { single: [], batch: [] }
  const order: number[] = []
  let shed = 0
  const { ask, connected } = admission<Asked>({
    limitMs: limit,
    work({ atMs, kind }) {
      order.push(atMs)
      waits[kind].push(now - atMs)
      now += costMs
    },
    turnAway() {
      shed++
      now += shedMs
    },
    clock: () => now,
    soon: (call) => calls.push(call),
  })
  return {
    waits,
    order,
    connected,
    now: () => now,
    shed: () => shed,
    isIdle: () => calls.length === 0,
    sleep: (ms: number) => (now += ms),
    /** Reads sockets, and then calls back. */
    turn(asked: readonly Asked[]): number {
      const startMs = now
      for (const each of asked) {
        now += readMs
        ask(each, each.kind)
      }
      const due = calls
      calls = []
      for (const call of due) call()
      return now - startMs
    },
  }
}

const times = (count: number, atMs: number, kind: Asking = 'single'): readonly Asked[] =>
  Array.from({ length: count }, () => ({ atMs, kind }))

/** Requests that come at a rate, whatever becomes of them; each turn reads what came since the last. */
function overload(perMs: number, forMs: number, kinds: readonly Asking[] = ['single']) {
  const loop = simulated()
  const start = loop.now()
  let arrived = 0
  while (loop.now() - start < forMs) {
    const due = Math.floor((loop.now() - start) * perMs)
    if (due === arrived && loop.isIdle()) loop.sleep(1 / perMs)
    const asked = Array.from({ length: due - arrived }, (_, each) => ({
      atMs: start + (arrived + each) / perMs,
      kind: kinds[(arrived + each) % kinds.length]!,
    }))
    arrived = due
    loop.turn(asked)
  }
  return { ...loop, arrived, forMs: loop.now() - start }
}

const p99 = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!

test('requests that fit into a turn are worked on at once, in their order', () => {
  const loop = simulated()
  loop.turn([1, 2, 3].map((atMs) => ({ atMs, kind: 'single' })))
  expect(loop.order).toEqual([1, 2, 3])
  loop.turn([])
  expect(loop.isIdle()).toBe(true)
})

test('a burst is worked off in its order, in turns that are short, and nobody is turned away', () => {
  const loop = simulated()
  const burst = Array.from({ length: 300 }, (_, each) => ({ atMs: 900 + each / 3, kind: 'single' }))
  const turns = [loop.turn(burst as readonly Asked[])]
  while (!loop.isIdle()) turns.push(loop.turn([]))
  expect(loop.order).toEqual(burst.map(({ atMs }) => atMs))
  expect(Math.max(...turns)).toBeLessThan(12)
  expect(turns.length).toBeGreaterThan(10)
})

test('a burst that takes longer than it may wait is turned away from the oldest on', () => {
  const loop = simulated()
  loop.turn(times(2_000, 1_000))
  while (!loop.isIdle()) loop.turn([])
  expect(loop.order.length + loop.shed()).toBe(2_000)
  expect(Math.max(...loop.waits.single)).toBeLessThan(5 * limitMs + 2 * readMs * 2_000)
  expect(loop.shed()).toBeGreaterThan(1_000)
})

test('more than some thousands never wait', () => {
  const loop = simulated(1e6)
  loop.turn(times(5_020, 1_000))
  expect(loop.order.length + loop.shed()).toBeLessThan(5_020)
  loop.turn(times(5_020, 1_000))
  expect(loop.shed()).toBeGreaterThan(4_900)
  while (!loop.isIdle()) loop.turn([])
  expect(loop.order.length + loop.shed()).toBe(10_040)
})

test('turns are shorter while connections come in', () => {
  const turnOf = (isConnecting: boolean) => {
    const loop = simulated()
    loop.turn(times(200, 1_000))
    if (isConnecting) loop.connected()
    return loop.turn([])
  }
  expect(turnOf(true)).toBeLessThan(1)
  expect(turnOf(false)).toBeGreaterThan(3)
})

test.each([1.2, 2, 3, 6])(
  'at %d times of what can be done most of it is, and those who are admitted have waited little',
  (factor) => {
    const { waits, forMs, arrived, shed } = overload(factor / (costMs + readMs), 5_000)
    const possible = (forMs - arrived * readMs - shed() * shedMs) / costMs
    expect(waits.single.length / possible).toBeGreaterThan(0.98) // the thread never rests
    if (factor <= 3) expect((waits.single.length * costMs) / forMs).toBeGreaterThan(0.7)
    const standing = waits.single.slice(1_000)
    expect(Math.max(...standing)).toBeLessThan(limitMs + 12)
    expect(p99(standing)).toBeLessThan(limitMs)
  },
)

test('when even turning away takes all of the time, some are worked on in each turn', () => {
  const loop = simulated()
  for (let turn = 0; turn < 200; turn++) {
    const before = loop.order.length
    loop.turn(times(1_000, loop.now()))
    if (turn > 0) expect(loop.order.length).toBeGreaterThan(before + 5)
  }
})

test('callers who ask again when they are answered are all answered, as long as their number alone does not take too long', () => {
  const loop = simulated()
  let asking = times(50, loop.now())
  for (let turn = 0; turn < 500; turn++) {
    const before = loop.order.length
    loop.turn(asking)
    asking = times(loop.order.length - before, loop.now())
  }
  expect(loop.shed()).toBe(0)
})

test('after an overload everything is worked on again at once', () => {
  const loop = overload(3 / costMs, 2_000)
  while (!loop.isIdle()) loop.turn([])
  const shed = loop.shed()
  for (let each = 0; each < 100; each++) {
    loop.sleep(1)
    loop.turn(times(2, loop.now()))
  }
  expect(loop.shed()).toBe(shed)
  expect(loop.waits.single.slice(-200).every((wait) => wait <= costMs + 2 * readMs + 1e-6)).toBe(
    true,
  )
})

test('batches may wait half as long as singles', () => {
  const { waits } = overload(3 / costMs, 5_000, ['single', 'single', 'batch'])
  expect(waits.batch.length).toBeGreaterThan(400)
  expect(Math.max(...waits.batch.slice(200))).toBeLessThan(limitMs / 2 + 12)
})

test('a limit of 0 works on everything as it comes', () => {
  const loop = simulated(0)
  loop.turn(times(1_000, 0))
  expect([loop.order.length, loop.isIdle()]).toEqual([1_000, true])
})

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { load, answer } from '../../../engine/index.ts'
import { shippedPacks } from '../../../property-tests/packs.ts'
import { settingsOf } from '../../../property-tests/settings.ts'
import { newCounters } from '../../counters.ts'
import { serve, type Running } from '../../serve.ts'
import { readSettings } from '../../settings/read.ts'
import { telling } from '../../telling.ts'
import { watchService } from '../../metrics.ts'
import { logState } from './log-state.ts'
import { decisionLog } from './observer.ts'
import { decisionLogPart } from './part.ts'
import type { Sink } from './sink.ts'

const { pack } = shippedPacks[0]!
const signIns = pack.cases.map(({ signIn }) => JSON.stringify(signIn))
const folders: string[] = []
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

type Flags = Readonly<Record<string, string>>
const newPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-log-'))
  folders.push(folder)
  return join(folder, 'decisions.ndjson')
}

async function start(flags: Flags): Promise<Running & { readonly said: string[] }> {
  const said: string[] = []
  const running = await serve(pack, settingsOf(flags), (line) => void said.push(line))
  stops.push(running.stop)
  return { ...running, said }
}

type Entry = {
  readonly v: number
  readonly signIn: Record<string, Record<string, unknown>>
  readonly decision: Record<string, unknown>
  readonly durationMs: number
  readonly traceId?: string
  readonly masked?: readonly string[]
}
const entriesIn = (text: string): readonly Entry[] => {
  if (text !== '') expect(text).toMatch(/\n$/)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry)
}
const entriesOf = (path: string): readonly Entry[] => entriesIn(readFileSync(path, 'utf8'))

const nextTurn = () => new Promise((resolve) => void setImmediate(resolve))

const ask = (url: string, body: string | Uint8Array, headers: Flags = {}) =>
  fetch(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
const askAll = (url: string, bodies: readonly string[], ndjson = false) =>
  fetch(`${url}/v1/decisions/batch`, {
    method: 'POST',
    headers: { 'content-type': ndjson ? 'application/x-ndjson' : 'application/json' },
    body: ndjson ? bodies.join('\n') : `[${bodies.join(',')}]`,
  })

describe('a service with a decision log', () => {
  test('writes what was asked and what was told, for single sign-ins, batches and streams', async () => {
    const path = newPath()
    const { url, stop } = await start({ decisionLog: path })
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const single = (await (await ask(url, signIns[0]!, { traceparent })).json()) as object
    const array = (await (await askAll(url, signIns.slice(0, 5))).json()) as object[]
    const lines = (await (await askAll(url, signIns.slice(0, 5), true)).text()).split('\n')
    expect((await ask(url, '{}')).status).toBe(400)
    await stop()
    const entries = entriesOf(path)
    const told = [single, ...array, ...lines.slice(0, -1).map((line) => JSON.parse(line) as object)]
    expect(entries.map(({ decision }) => decision)).toEqual(
      told.map((each) => {
        const { index: _, ...decision } = each as { index?: number }
        return decision
      }),
    )
    const asked = [0, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    expect(entries.map(({ signIn }) => JSON.stringify(signIn))).toEqual(
      asked.map((at) => signIns[at]),
    )
    expect(entries[0]).toMatchObject({ v: 1, traceId: traceparent.slice(3, 35) })
    for (const { durationMs } of entries) expect(durationMs).toBeGreaterThan(0)
    for (const entry of entries.slice(1)) expect(Object.keys(entry)).not.toContain('traceId')
  })

  const awkward: Readonly<Record<string, (signIn: string) => string | Uint8Array>> = {
    'pretty-printed': (signIn) => JSON.stringify(JSON.parse(signIn), null, 2),
    'with line ends of all kinds': (signIn) =>
      ` \r\n\t${signIn.replaceAll(',', '\r,\n\r\n')}\r\n\n`,
    'behind a byte order mark': (signIn) => `\uFEFF${signIn}`,
    'with escapes and foreign letters': (signIn) =>
      `${signIn.slice(0, -1)},"envelope":{"correlationId":"\\n\\u2028\u2028 é 🦊 \\"} {\\n","user\\u0049d":"ü"}}`,
  }
  test.each(Object.entries(awkward))('has one line for a sign-in %s', async (_, write) => {
    const path = newPath()
    const { url, stop } = await start({ decisionLog: path })
    for (const signIn of [signIns[0]!, signIns[1]!])
      expect((await ask(url, write(signIn))).status).toBe(200)
    await stop()
    const entries = entriesOf(path)
    expect(entries).toHaveLength(2)
    const loaded = load(pack.ruleSet)
    for (const { signIn, decision } of entries) {
      const now = Date.parse(String(decision['evaluatedAt']))
      const again = answer(loaded, JSON.stringify(signIn), now) as { json: string }
      const { decisionId: _id, evaluatedAt: _at, ...rest } = decision
      expect(JSON.stringify(rest)).toBe(again.json)
    }
  })

  test('leaves out what is masked, in the decision too, and says so', async () => {
    const path = newPath()
    const decisionLogMask =
      '/envelope/correlationId, /envelope/userId,/user/roles,/envelope/ipAddress'
    const { url, stop } = await start({ decisionLog: path, decisionLogMask })
    const envelope = { correlationId: 'secret-1', userId: 'secret-2', tenantId: 'kept' }
    const whole = { ...(JSON.parse(signIns[0]!) as object), envelope }
    expect(await (await ask(url, JSON.stringify(whole))).json()).toMatchObject({
      correlationId: 'secret-1',
    })
    expect((await ask(url, JSON.stringify(whole).replace('userId', 'us\\u0065rId'))).status).toBe(
      200,
    )
    expect((await ask(url, signIns[1]!)).status).toBe(200)
    await stop()
    expect(readFileSync(path, 'utf8')).not.toContain('secret')
    const [first, second, third] = entriesOf(path)
    for (const entry of [first, second]) {
      expect(entry?.masked).toEqual(['/envelope/correlationId', '/envelope/userId', '/user/roles'])
      expect(entry?.signIn['envelope']).toEqual({ tenantId: 'kept' })
      expect(entry?.decision).not.toHaveProperty('correlationId')
    }
    expect(third?.masked).toEqual(['/user/roles'])
    expect(third?.signIn['user']).not.toHaveProperty('roles')
  })

  test('loses nothing while files are rotated, whichever listener was asked', async () => {
    const path = newPath()
    const flags = {
      listeners: '3',
      decisionLogMaxBytes: '20000',
      decisionLogKeep: '10000',
      waitLimit: '0',
    }
    const { url, stop } = await start({ decisionLog: path, ...flags })
    const ids = new Set<unknown>()
    await Promise.all(
      Array.from({ length: 12 }, async (_, caller) => {
        for (let time = 0; time < 40; time++) {
          const headers = time % 5 === 0 ? { connection: 'close' } : {}
          const told = await ask(url, signIns[(caller + time) % signIns.length]!, headers)
          expect(told.status).toBe(200)
          ids.add(((await told.json()) as { decisionId: string }).decisionId)
        }
      }),
    )
    await stop()
    const folder = join(path, '..')
    const names = readdirSync(folder)
    expect(names.length).toBeGreaterThan(10)
    const logged = names.flatMap((name) => entriesOf(join(folder, name)))
    expect(logged).toHaveLength(480)
    expect(new Set(logged.map(({ decision }) => decision['decisionId']))).toEqual(ids)
  })

  test('has the entry on the disk before the answer, where answers wait', async () => {
    const path = newPath()
    const { url } = await start({ decisionLog: path, decisionLogFsync: 'answer', listeners: '2' })
    for (let time = 0; time < 20; time++) {
      const { decisionId } = (await (await ask(url, signIns[0]!)).json()) as { decisionId: string }
      expect(readFileSync(path, 'utf8')).toContain(decisionId)
    }
    const batch = (await (await askAll(url, signIns)).json()) as { decisionId: string }[]
    const text = readFileSync(path, 'utf8')
    expect(batch.every(({ decisionId }) => text.includes(decisionId))).toBe(true)
  })

  test.each([
    ['/nowhere/at/all/log', 'ENOENT'],
    [tmpdir(), 'expected a file'],
  ])('does not start when the log can not be written: %s', async (path, why) => {
    await expect(start({ decisionLog: path })).rejects.toThrow(
      new RegExp(`the decision log can't be written: .*${why}`),
    )
  })
})

/** A part and the observer of its one listener, over a sink that does as it is told. */
async function withSink(flags: Flags, sink: Sink) {
  const counters = newCounters(1)
  const said: string[] = []
  const settings = settingsOf({
    decisionLog: 'x',
    bodyLimit: '1000',
    decisionLogBuffer: '66536',
    ...flags,
  })
  const part = await decisionLogPart(settings, counters, (line) => void said.push(line), sink)
  const metrics = watchService({ counters })
  stops.push(metrics.close)
  const { tell, noted } = telling(metrics, [decisionLog(part.observers!.decisionLog!, 0)])
  const body = Buffer.from(`{"x":"${'x'.repeat(9_980)}"}`)
  const decide = async (): Promise<void> => {
    tell({ outcome: 'allow', json: '{"outcome":"allow"}' }, { body, now: 0, durationMs: 1 })
    await noted()
  }
  /** What became of so many decisions, each asked when the one before was told or not. */
  const decideAll = async (count: number) => {
    const became = { told: 0, unavailable: 0 }
    for (let time = 0; time < count; time++)
      try {
        await nextTurn()
        await decide()
        became.told++
      } catch (error) {
        expect((error as Error).name).toBe('Unavailable')
        became.unavailable++
      }
    return became
  }
  const notWritten = () =>
    Object.fromEntries(
      part.families!()['portcullis_decision_log_not_written_total']!.samples.map(([count, of]) => [
        of!['reason'],
        count,
      ]),
    )
  return { part, decide, decideAll, notWritten, said, stop: part.stop! }
}

/** Keeps lines, unless it is broken or holds them. */
function memorySink() {
  const kept: Buffer[] = []
  let [isBroken, hold]: [boolean, Promise<void> | undefined] = [false, undefined]
  let letGo = () => undefined as void
  const sink: Sink = {
    async append(lines) {
      await hold
      if (isBroken) return { taken: 0, error: new Error('it is broken') }
      kept.push(Buffer.from(lines))
      return { taken: lines.length }
    },
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  return {
    sink,
    entries: () => entriesIn(Buffer.concat(kept).toString()).length,
    breakIt: (is: boolean) => (isBroken = is),
    hold: () => void (hold = new Promise((resolve) => (letGo = resolve))),
    letGo: () => letGo(),
  }
}

describe('a log that can not be written', () => {
  const fits = 6 // entries of 10,000 bytes in the buffer

  const now = { isWritten: true, letsTell: true }
  const failing = { isWritten: false, letsTell: true }
  const refusing = { isWritten: false, letsTell: false }
  test.each<[Flags, object, object]>([
    [{ decisionLogOnFull: 'drop' }, failing, failing],
    [{ decisionLogOnFull: 'deny' }, failing, refusing],
    [{ decisionLogOnFull: 'block', decisionTimeout: '100' }, failing, refusing],
    [{ decisionLogOnFull: 'deny', decisionLogFsync: 'answer' }, refusing, refusing],
    [
      { decisionLogOnFull: 'block', decisionLogFsync: 'answer', decisionTimeout: '100' },
      refusing,
      refusing,
    ],
  ])(
    'with %j is known for it, at first and when it is full, until it is written again',
    async (flags, first, full) => {
      const { sink, breakIt } = memorySink()
      const { part, decideAll, stop } = await withSink(flags, sink)
      const state = logState(part.observers!.decisionLog!)
      expect(state()).toEqual(now)
      breakIt(true)
      await decideAll(1)
      await vi.waitFor(() => expect(state()).toEqual(first), { timeout: 30_000 })
      await decideAll(fits)
      expect(state()).toEqual(full)
      breakIt(false)
      await vi.waitFor(() => expect(state()).toEqual(now), { timeout: 30_000 })
      await stop()
    },
  )

  test('since its disk hangs is known for it too, until the disk answers', async () => {
    const { sink, hold, letGo, entries } = memorySink()
    const { part, decideAll, said, stop } = await withSink({}, sink)
    const state = logState(part.observers!.decisionLog!)
    hold()
    await decideAll(1)
    await vi.waitFor(() => expect(state()).toEqual(failing), { timeout: 30_000 })
    expect(said.join('\n')).toMatch(/can't be written: the disk has not answered for \d+ ms/)
    letGo()
    await vi.waitFor(() => expect(state()).toEqual(now), { timeout: 30_000 })
    await stop()
    expect(entries()).toBe(1)
  })

  test('drops entries, counts them and says so; nothing else is missing', async () => {
    const { sink, breakIt, entries } = memorySink()
    const { decideAll, notWritten, said, stop } = await withSink(
      { decisionLogOnFull: 'drop' },
      sink,
    )
    breakIt(true)
    expect(await decideAll(20)).toEqual({ told: 20, unavailable: 0 })
    breakIt(false)
    await stop()
    expect(entries()).toBe(fits)
    expect(notWritten()).toEqual({ dropped: 20 - fits, denied: 0, lost: 0 })
    expect(said.join()).toContain(`${20 - fits} entries dropped`)
    expect(said[0]).toContain("can't be written: it is broken")
  })

  test('denies decisions, and tells none without an entry', async () => {
    const { sink, breakIt, entries } = memorySink()
    const { decideAll, notWritten, stop } = await withSink({ decisionLogOnFull: 'deny' }, sink)
    breakIt(true)
    expect(await decideAll(20)).toEqual({ told: fits, unavailable: 20 - fits })
    breakIt(false)
    await stop()
    expect(entries()).toBe(fits)
    expect(notWritten()).toEqual({ dropped: 0, denied: 20 - fits, lost: 0 })
  })

  test('makes callers wait until there is room, and no longer than they may', async () => {
    const { sink, hold, letGo, entries } = memorySink()
    const flags = { decisionLogOnFull: 'block', decisionTimeout: '200' }
    const { part, decide, decideAll, notWritten, stop } = await withSink(flags, sink)
    hold()
    expect(await decideAll(fits)).toEqual({ told: fits, unavailable: 0 })
    let isTold = false
    const waits = decide().then(() => (isTold = true))
    await nextTurn()
    expect(isTold).toBe(false)
    letGo()
    await waits
    while (entries() < fits + 1) await nextTurn()
    hold()
    expect(await decideAll(fits)).toEqual({ told: fits, unavailable: 0 })
    const late = await Promise.allSettled([decide(), decide()])
    expect(late.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // They were not told, but their entries are there: for so many there is room, and then for no more.
    const more = await Promise.allSettled(Array.from({ length: 20 }, decide))
    expect(more.every(({ status }) => status === 'rejected')).toBe(true)
    letGo()
    await stop()
    const { denied } = notWritten()
    expect(denied).toBeGreaterThan(10)
    expect(entries()).toBe(fits + 1 + fits + 2 + 20 - denied!)
    expect(part.families!()['portcullis_decision_log_late_total']!.samples).toEqual([
      [2 + 20 - denied!],
    ])
  })

  test.each(['block', 'deny'])(
    'tells nothing while it fails, where answers wait (%s)',
    async (decisionLogOnFull) => {
      const { sink, breakIt, entries } = memorySink()
      const flags = { decisionLogOnFull, decisionLogFsync: 'answer', decisionTimeout: '100' }
      const { decideAll, stop } = await withSink(flags, sink)
      expect(await decideAll(3)).toEqual({ told: 3, unavailable: 0 })
      breakIt(true)
      expect(await decideAll(4)).toEqual({ told: 0, unavailable: 4 })
      breakIt(false)
      for (let became = { told: 0 }; became.told === 0;) became = await decideAll(1)
      await stop()
      expect(entries()).toBeGreaterThanOrEqual(4)
    },
  )

  test('at the end says how many entries are lost', async () => {
    const { sink, breakIt } = memorySink()
    const { decideAll, notWritten, said, stop } = await withSink({}, sink)
    breakIt(true)
    await decideAll(4)
    await stop()
    expect(notWritten()).toEqual({ dropped: 0, denied: 0, lost: 4 })
    expect(said.at(-1)).toBe('4 entries of the decision log were lost')
  })

  test('stops although the disk hangs', async () => {
    const { sink, hold } = memorySink()
    const { decideAll, notWritten, stop } = await withSink({}, sink)
    hold()
    await decideAll(2)
    await stop()
    expect(notWritten()).toMatchObject({ lost: 2 })
  })

  test('is written again once it can be', async () => {
    const { sink, breakIt, entries } = memorySink()
    const { decideAll, part, said, stop } = await withSink({}, sink)
    breakIt(true)
    await decideAll(1)
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(part.status!()).toMatchObject({
      decisionLog: { isWritten: false, failures: expect.any(Number) as number },
    })
    breakIt(false)
    while (said.length === 1) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(said[1]).toBe('the decision log is written again')
    expect(part.status!()).toMatchObject({
      decisionLog: { isWritten: true, written: 1, waiting: 0 },
    })
    await stop()
    expect(entries()).toBe(1)
  })
})

describe('settings of the decision log', () => {
  test.each([
    [
      { decisionLogMask: '/envelope/ipAdress' },
      /--decision-log-mask: .*did you mean "\/envelope\/ipAddress"/,
    ],
    [{ decisionLogMask: 'user' }, /expected JSON pointers/],
    [{ decisionLogMask: '/registration/graceDaysLeft' }, /expected JSON pointers/],
    [{ decisionLogBuffer: '100000' }, /expected a decision log buffer of at least 131072/],
    [{ decisionLogFsync: 'answer', decisionLogOnFull: 'drop' }, /expected block or deny/],
  ])('%j is refused', (flags, fault) => {
    const read = readSettings({ decisionLog: 'x', ...flags }, {})
    expect('faults' in read && read.faults.join()).toMatch(fault)
  })
})

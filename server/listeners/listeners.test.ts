import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { Worker } from 'node:worker_threads'
import { answer, inline, load, Unavailable, type Pack } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { controlling } from '../control.ts'
import { newCounters } from '../counters.ts'
import { serve, type Running } from '../serve.ts'
import { startGroup } from './group.ts'
import { answerer } from './questions.ts'
import { remote } from './remote.ts'
import { startThread } from './start-thread.ts'

const [pack, other] = shippedPacks.map((each) => each.pack) as [Pack, Pack]
const body = JSON.stringify(pack.cases[0]!.signIn)

/** Not every system can share a port between threads. */
const sharesPorts = await new Promise<boolean>((resolve) => {
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen({ port: 0, host: '127.0.0.1', reusePort: true }, () =>
    probe.close(() => resolve(true)),
  )
})
if (!sharesPorts) console.warn('skipped: this system can not share a port between threads')

const running: Running[] = []
const started: Worker[] = []
const remember = (worker: Worker) => started.push(worker)
process.on('worker', remember)
afterAll(() => process.removeListener('worker', remember))
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
  started.length = 0
})

const logged: string[] = []
async function start(flags: Readonly<Record<string, string>> = {}): Promise<Running> {
  const settings = settingsOf({ listeners: '2', ...flags })
  logged.length = 0
  const each = await serve(pack, settings, (line) => logged.push(line))
  running.push(each)
  return each
}

type Got = {
  readonly status: number
  readonly text: string
  readonly connection: string | undefined
}
/** On a connection of its own, so that any listener may get it. */
const ask = (url: string, path = '/v1/decisions', sent = path.startsWith('/v1/d') ? body : '') =>
  new Promise<Got>((resolve, reject) => {
    const headers = sent && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(sent),
    }
    const method = sent ? 'POST' : 'GET'
    const asked = request(`${url}${path}`, { method, agent: false, ...(headers && { headers }) })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.on('data', (data: Buffer) => (text += data.toString()))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, text, connection: response.headers.connection }),
      )
    })
    asked.end(sent)
  })

async function metric(url: string, name: string): Promise<number> {
  const { text } = await ask(url, '/metrics')
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))!
      .split(' ')[1],
  )
}
const connections = (url: string) =>
  Promise.all([0, 1].map((each) => metric(url, `portcullis_connections_total{listener="${each}"}`)))

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false)))
    await new Promise((resolve) => setTimeout(resolve, 20))
}
/** What a caller has whose listener died. */
const lost = (): Got => ({ status: 0, text: '', connection: undefined })

/** Asks until both listeners have answered. */
async function askBoth(url: string, path?: string): Promise<Got[]> {
  const before = await connections(url)
  const got: Got[] = []
  const both = async () => {
    got.push(...(await Promise.all(Array.from({ length: 20 }, () => ask(url, path)))))
    const now = await connections(url)
    return now.every((count, each) => count > before[each]! + 5)
  }
  await until(both)
  return got
}

describe.skipIf(!sharesPorts)('two listeners', { timeout: 120_000 }, () => {
  test('share the connections, and count together', async () => {
    const { url } = await start()
    const asked = (await askBoth(url)).length
    const refused = (await askBoth(url, '/nowhere')).length
    const allowed = 'portcullis_decisions_total{outcome="allow"}'
    for (let time = 0; time < 10; time++) {
      expect(await metric(url, allowed)).toBe(asked)
      expect(await metric(url, 'portcullis_problems_total{type="not-found"}')).toBe(refused)
      expect(await metric(url, 'portcullis_listeners_up')).toBe(2)
      expect(await metric(url, 'portcullis_pool_threads')).toBe(1)
    }
  })

  test.each(['inline', 'pooled'])('with pool %s decide as by the rules', async (where) => {
    const { url } = await start({ pool: where })
    const loaded = load(pack.ruleSet)
    for (const { signIn } of pack.cases.slice(0, 40)) {
      const sent = JSON.stringify(signIn)
      const expected = answer(loaded, sent, 0) as { json: string }
      const { text } = await ask(url, '/v1/decisions', sent)
      expect(`{${text.slice(text.indexOf('"outcome"'))}`).toBe(expected.json)
    }
    for (const sent of ['{', '[]', 'ü'])
      expect((await ask(url, '/v1/decisions', sent)).status).toBe(400)
    const batch = `[${Array.from({ length: 500 }, () => body).join()}]`
    for (let time = 0; time < 8; time++) {
      const { text } = await ask(url, '/v1/decisions/batch', batch)
      expect((JSON.parse(text) as unknown[]).length).toBe(500)
    }
  })

  test.each([
    ['answer by one revision each, and by none but the new one once a swap is over', 'inline'],
    ['do so when the main thread decides for them', 'pooled'],
  ])('%s', async (_, where) => {
    const { url, ruleSets } = await start({ pool: where })
    const swap = (to: Pack) => ruleSets.activate({ folder: to.ruleSet.id }, 'http')
    const loaded = new Map([pack, other].map(({ ruleSet }) => [ruleSet.revision, load(ruleSet)]))
    const sent = pack.cases.slice(0, 20).map(({ signIn }) => JSON.stringify(signIn))
    const check = ({ text }: Got, asked: string): string => {
      const { ruleSet, evaluatedAt } = JSON.parse(text) as {
        ruleSet: { revision: string }
        evaluatedAt: string
      }
      const expected = answer(loaded.get(ruleSet.revision)!, asked, Date.parse(evaluatedAt))
      expect(`{${text.slice(text.indexOf('"outcome"'))}`).toBe((expected as { json: string }).json)
      return ruleSet.revision
    }
    const over = new AbortController()
    const seen = new Set<string>()
    const asking = Array.from({ length: 4 }, async () => {
      for (let at = 0; !over.signal.aborted; at = (at + 1) % sent.length)
        seen.add(check(await ask(url, '/v1/decisions', sent[at]), sent[at]!))
    })
    for (const next of [other, pack, other]) {
      await Promise.all([swap(pack), swap(other), swap(next)])
      const { revision } = next.ruleSet
      for (const got of await askBoth(url)) expect(check(got, body)).toBe(revision)
      for (const path of ['/v1/rule-set', '/readyz'])
        for (const { text } of await askBoth(url, path)) expect(text).toContain(revision)
    }
    over.abort()
    await Promise.all(asking)
    expect(seen).toEqual(new Set(loaded.keys()))
  })

  test('go on when one is lost, start it again by the rule set of now, and forget no count', async () => {
    const { url, ruleSets } = await start()
    await ruleSets.activate({ folder: other.ruleSet.id }, 'http') // which brings the pool new threads, but not the listener
    const asked = (await askBoth(url)).length
    const assumed = async () =>
      Array.from(
        (await ask(url, '/metrics')).text.matchAll(/^portcullis_assumed_facts_total{.*$/gm),
        ([line]) => line,
      )
    const assumedBefore = await assumed()
    expect(assumedBefore.length).toBeGreaterThan(0)
    await started[1]!.terminate()
    await until(async () => (await metric(url, 'portcullis_listener_restarts_total')) === 1)
    await until(async () => (await metric(url, 'portcullis_listeners_up')) === 2)
    expect(logged.join()).toMatch(/listener 1 was lost .*starting it again in 100 ms/)
    expect(await metric(url, 'portcullis_decisions_total{outcome="allow"}')).toBe(asked)
    expect(await assumed()).toEqual(assumedBefore)
    for (const { text } of await askBoth(url)) expect(text).toContain(other.ruleSet.revision)
  })

  test('lose no entry of the decision log that was promised when one dies, and its log goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-dying-'))
    const path = join(folder, 'log')
    const { url } = await start({ decisionLog: path })
    const ids = (got: readonly Got[]) =>
      got.map(({ text }) => (JSON.parse(text) as { decisionId: string }).decisionId)
    const told = ids(await askBoth(url))
    await until(async () => (await metric(url, 'portcullis_decision_log_waiting_bytes')) === 0)
    renameSync(path, `${path}.before`)
    mkdirSync(path) // so that entries can do nothing but wait
    told.push(...ids(await askBoth(url)))
    await started[1]!.terminate()
    await until(async () => (await metric(url, 'portcullis_listener_restarts_total')) === 1)
    await until(async () => (await metric(url, 'portcullis_listeners_up')) === 2)
    told.push(...ids(await askBoth(url)))
    expect(await metric(url, 'portcullis_decision_log_waiting_bytes')).toBeGreaterThan(0)
    rmdirSync(path)
    await running.splice(0)[0]!.stop()
    const lines = [`${path}.before`, path].flatMap((file) =>
      readFileSync(file, 'utf8').split('\n').slice(0, -1),
    )
    const logged = lines.map(
      (line) => (JSON.parse(line) as { decision: { decisionId: string } }).decision.decisionId,
    )
    expect(logged.toSorted()).toEqual(told.toSorted())
    rmSync(folder, { recursive: true })
  })

  test.each([0, 64])(
    'answer by the new rule set alone after a swap, also when one dies %s ms into it',
    async (ms) => {
      const { url, ruleSets } = await start()
      const swap = ruleSets.activate({ folder: other.ruleSet.id }, 'http')
      const dying = new Promise((resolve) => setTimeout(resolve, ms)).then(() =>
        started[1]!.terminate(),
      )
      expect(await swap).toMatchObject({ activated: true, to: other.ruleSet.revision })
      for (const { text } of await Promise.all(
        Array.from({ length: 20 }, () => ask(url).catch(lost)),
      ))
        expect(text).toMatch(new RegExp(`^$|${other.ruleSet.revision}`))
      await dying
      await until(async () => (await metric(url, 'portcullis_listener_restarts_total')) === 1)
      await until(async () => (await metric(url, 'portcullis_listeners_up')) === 2)
      for (const { text } of await askBoth(url)) expect(text).toContain(other.ruleSet.revision)
    },
  )

  test('a taken port is an error, shared or not', async () => {
    const shared = await start()
    const alone = await start({ listeners: '1' })
    for (const { url } of [shared, alone])
      for (const listeners of ['1', '2'])
        await expect(start({ port: new URL(url).port, listeners })).rejects.toMatchObject({
          code: 'EADDRINUSE',
        })
  })

  test('are all not ready any more from when a stop begins', async () => {
    const each = await start({ stopDelay: '1500' })
    await askBoth(each.url)
    const stopped = each.stop()
    const got = await askBoth(each.url, '/readyz')
    expect(got.map(({ status }) => status)).toEqual(got.map(() => 503))
    expect(got.map(({ connection }) => connection)).toEqual(got.map(() => 'close'))
    expect((await ask(each.url)).status).toBe(200)
    expect(await stopped).toBe(0)
    await expect(ask(each.url)).rejects.toThrow()
  })
})

describe('a listener thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-listener-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const counters = newCounters(2)
  const settings = settingsOf({ listeners: '2' })
  /** Starts a thread that runs this. */
  const options = (name: string, code: string) => {
    const filename = join(folder, `${name}.mjs`)
    writeFileSync(filename, code)
    const log = (line: string) => logged.push(line)
    const decider = inline(pack.ruleSet)
    const control = controlling({ status: async (args) => ({ told: args }) }, () => undefined)
    const given = { lastReload: undefined, access: {}, observers: {} }
    return { settings, ...given, port: 0, decider, control, log, filename }
  }
  const listening = `main.postMessage({ kind: 'listening' })`

  test('that hangs is ended', async () => {
    const code = `export default ({ main }) => { ${listening}; for (;;); }`
    const { memory } = counters
    const thread = startThread(pack, {
      ...options('hangs', code),
      listener: 1,
      counters: memory,
      pingEveryMs: 10,
    })
    await thread.listening
    await thread.prepare(other)
    await thread.commit(other) // is over when there is nobody left to answer by the old one
    await expect(thread.ended).rejects.toThrow('it no longer answers')
  })

  test('has commands done by the main thread', async () => {
    const code = `export default ({ main }) => new Promise((resolve) => {
      main.on('message', ({ kind, id, controlled }) => {
        if (kind === 'controlled') resolve(id === 5 && controlled.told === 'this' ? 42 : 0)
      })
      ${listening}
      main.postMessage({ kind: 'command', id: 5, name: 'status', args: 'this' })
    })`
    const { memory } = counters
    const thread = startThread(pack, {
      ...options('commands', code),
      listener: 1,
      counters: memory,
    })
    expect(await thread.ended).toBe(42)
  })

  test('that ends untold is started again, and retired if the others are', async () => {
    const code = `export default ({ main }) => new Promise((resolve) => {
      main.on('message', ({ kind }) => {
        if (kind === 'retire') main.postMessage({ kind: 'log', line: 'told to retire' })
        if (kind !== 'retire') resolve(0)
      })
      ${listening}
    })`
    const rows = newCounters(2)
    const lines: string[] = []
    const group = await startGroup({
      ...options('ends', code),
      lastReload: () => undefined,
      live: () => pack,
      counters: rows,
      log: (line) => lines.push(line),
      pingEveryMs: 200,
    })
    group.retire()
    const told = () => lines.filter((line) => line === 'told to retire').length
    await vi.waitFor(() => expect(told()).toBeGreaterThan(1), { timeout: 5_000 })
    expect(lines.join()).toContain('listener 1 was lost (it ended without having been told to)')
    await group.stop(0)
  })

  test.each([
    ['prepare', 'at once'],
    ['prepare', 'once another has taken its place'],
    ['commit', 'at once'],
  ])(
    'that dies when told to %s is followed by one that decides by the new rule set, swapped %s',
    async (when, then) => {
      const code = `export default ({ main, pack }) => new Promise(() => {
        const tell = (what, { ruleSet }) => main.postMessage({ kind: 'log', line: what + ruleSet.revision })
        main.on('message', ({ kind, pack: next }) => {
          if (kind === '${when}') process.exit(7)
          if (kind === 'commit' && next) tell('commits ', next)
          if (kind === 'prepare' || kind === 'commit') main.postMessage({ kind: 'done' })
        })
        ${listening}
        tell('starts by ', pack)
      })`
      const lines: string[] = []
      const said = (what: string, { ruleSet }: Pack) =>
        lines.filter((line) => line === `${what} ${ruleSet.revision}`).length
      let live = pack
      const group = await startGroup({
        ...options(`${when}-${then.replaceAll(' ', '-')}`, code),
        live: () => live,
        lastReload: () => undefined,
        counters: newCounters(2),
        log: (line) => lines.push(line),
      })
      const commit = await group.prepare(other)
      if (then !== 'at once')
        await vi.waitFor(() => expect(said('starts by', pack)).toBe(2), { timeout: 20_000 })
      const committed = commit()
      live = other
      await committed
      const wanted = () => said('starts by', other) + said('commits', other)
      await vi.waitFor(() => expect(wanted()).toBe(1), { timeout: 20_000 })
      expect(lines.filter((line) => line.includes('was lost'))).toHaveLength(1)
      await group.stop(0)
    },
  )

  const refusing = (what: string) => `export default ({ main }) => new Promise(() => {
    main.on('message', ({ kind }) => {
      if (kind === 'prepare' || kind === 'commit')
        main.postMessage({ kind: 'done', ...(kind === '${what}' && { error: 'planted' }) })
    })
    ${listening}
  })`

  test('that can not make a rule set ready says so, and lives on by what it has', async () => {
    const group = await startGroup({
      ...options('unready', refusing('prepare')),
      live: () => pack,
      lastReload: () => undefined,
      counters: newCounters(3),
    })
    await expect(group.prepare(other)).rejects.toThrow('planted')
    await expect(group.prepare({ ...other, unsendable: () => 0 } as never)).rejects.toThrow(
      'cloned',
    )
    expect(logged.join()).not.toContain('lost')
    await group.stop(0)
  })

  test('that can not let it decide is ended', async () => {
    const { memory } = counters
    const given = options('refuses', refusing('commit'))
    const thread = startThread(pack, { ...given, listener: 1, counters: memory })
    await thread.listening
    await thread.prepare(other)
    await thread.commit(other)
    await expect(thread.ended).rejects.toThrow('planted')
  })

  test.each([
    ['fails to load', `throw new Error('planted')`],
    ['fails to start', `export default () => Promise.reject(new Error('planted'))`],
    ['ends at once', `export default () => 0`],
    ['dies', `export default () => process.exit(7)`],
    ['says nothing', `export default () => { for (;;); }`],
  ])('that %s when the service starts fails the start', async (name, code) => {
    const thread = options(name.replaceAll(' ', '-'), code)
    const given = {
      ...thread,
      live: () => pack,
      lastReload: () => undefined,
      counters,
      startWithinMs: 1_000,
    }
    await expect(startGroup(given)).rejects.toThrow('a listener did not start')
  })
})

describe('a decider that asks the main thread', () => {
  const options = { where: 'pooled', mostWaiting: 14, deadlineMs: 100 } as const
  const bodies = pack.cases.slice(0, 5).map(({ signIn }) => Buffer.from(JSON.stringify(signIn)))

  /** Beside a main thread with this decider. */
  function beside(decider = inline(pack.ruleSet)) {
    const main = answerer(decider, (replies) => asking.deliver(structuredClone(replies)))
    const state = () => decider.state()
    const ask = (questions: Parameters<typeof main.put>[0]) => main.put(structuredClone(questions))
    const asking = remote(pack.ruleSet, { ...options, ask, state })
    return asking
  }

  test('is answered as the main thread decides, in order', async () => {
    const asking = beside()
    const all = await inline(pack.ruleSet).decide(bodies, 7)
    const got = await Promise.all([asking.decide(bodies, 7), asking.decide([bodies[3]!], 7)])
    expect(got).toEqual([all, [all[3]]])
    expect(await asking.decide([], 7)).toEqual([])
  })

  test.each([
    ['unavailability', new Unavailable('too much to do'), Unavailable, /^too much to do$/],
    ['a bug', new TypeError('planted'), Error, /^TypeError: planted/],
  ])('is told of %s', async (_, error, kind, message) => {
    const asking = beside({ ...inline(pack.ruleSet), decide: () => Promise.reject(error) })
    const got = await asking.decide(bodies, 7).catch((each: unknown) => each as Error)
    expect(got).toBeInstanceOf(kind)
    expect(got instanceof Unavailable).toBe(error instanceof Unavailable)
    expect((got as Error).message).toMatch(message)
  })

  test('takes no answers that are not those of all its sign-ins', async () => {
    const asking = beside({ ...inline(pack.ruleSet), decide: () => Promise.resolve([]) })
    await expect(asking.decide(bodies, 7)).rejects.toThrow('without an answer')
  })

  test('turns away more than may wait, and gives up what is not answered in time', async () => {
    vi.useFakeTimers()
    const asking = beside({ ...inline(pack.ruleSet), decide: () => new Promise(() => undefined) })
    const waiting = [asking.decide(bodies, 7), asking.decide(bodies, 7)]
    const ends = Promise.allSettled(waiting)
    await expect(asking.decide(bodies, 7)).rejects.toThrow('expected at most 14 sign-ins to wait')
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    for (const end of await ends)
      expect(end).toMatchObject({ reason: new Unavailable('the main thread did not answer') })
  })

  test('lets others wait when some have their answer, whatever it was', async () => {
    const decider = inline(pack.ruleSet)
    let fails = false
    const fail = () => Promise.reject(new Unavailable('too much to do'))
    const asking = beside({
      ...decider,
      decide: (...asked) => (fails ? fail() : decider.decide(...asked)),
    })
    for (let time = 0; time < 6; time++, fails = !fails) {
      const asked = asking.decide([...bodies, ...bodies], 7) // as many as may wait
      if (fails) await expect(asked).rejects.toThrow('too much to do')
      else expect(await asked).toHaveLength(10)
    }
  })

  test('leaves no question open when it is closed', async () => {
    const asking = beside({ ...inline(pack.ruleSet), decide: () => new Promise(() => undefined) })
    const asked = asking.decide(bodies, 7)
    await asking.close()
    await expect(asked).rejects.toBeInstanceOf(Unavailable)
    await expect(asking.decide(bodies, 7)).rejects.toBeInstanceOf(Unavailable)
    expect(asking.atOnce(bodies[0]!, 7)).toBeUndefined()
  })
})

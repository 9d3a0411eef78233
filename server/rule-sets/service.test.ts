import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { settingsOf } from '../../property-tests/settings.ts'
import { answer, load, parsePack, type Loaded } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { revisionStore } from './store/revision-store.ts'
import { serve, type Running } from '../serve.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-reloads-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const folder = join(scratch, 'served')
const file = (path: string) => join(folder, path)
const textsOf = (path: string) => readFileSync(file(path), 'utf8')

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  cpSync(packFolder('security-defaults')!, folder, { recursive: true })
  writeFileSync(
    file('pack.json'),
    textsOf('pack.json').replace('"id": "security-defaults"', '"id": "served"'),
  )
})

const running: Running[] = []
afterEach(() => Promise.all(running.splice(0).map((each) => each.stop())))

async function start(flags: Readonly<Record<string, string | boolean>> = {}) {
  const settings = settingsOf({ pack: folder, ...flags })
  const source = readPack(folder)
  const pack = parsePack(source)
  if (pack.faults) throw new Error('the pack is right')
  const lines: string[] = []
  const each = await serve(pack, settings, (line) => lines.push(line), source)
  running.push(each)
  return { ...each, pack, lines }
}

type Answer = { readonly status: number; readonly body: Record<string, unknown> }
async function ask(url: string, path: string, sent?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    ...(sent !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(sent),
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const reload = (url: string) => ask(url, '/v1/rule-set/reload', {})

/** A rule that holds for nobody in the cases, so that they go on holding. */
const addRule = (number: number) =>
  writeFileSync(
    file('rules/advise-someone.json'),
    JSON.stringify({
      name: 'advise-someone',
      title: 'Advises someone whom no case is about',
      control: 'requireMfaForAdministrators',
      source: 'security-defaults#made-up',
      conditions: {
        all: [{ fact: 'tenant.gracePeriodDays', operator: 'equal', value: 300 + number }],
      },
      event: { type: 'advise', params: { advice: 'tryThis', code: `tryThis${number}` } },
    }),
  )

/** What `/readyz` says, once it says this of the last change. */
const lastReloadOf = (url: string, wanted: object) =>
  vi.waitFor(
    async () => {
      const { status, body } = await ask(url, '/readyz')
      expect({ status, ...body }).toMatchObject({ status: 'ready', lastReload: wanted })
      return body as { lastReload: { detail: string; unproved?: object[] }; ruleSet: object }
    },
    { timeout: 60_000, interval: 50 },
  )

/** `npm run test:reloads` makes 500. */
const reloads = Number(process.env['RELOADS'] ?? 8)

describe('a service that watches its files', { timeout: 120_000 }, () => {
  test('decides as before while an edit breaks what the pack promises, says by which sign-in, and takes the edit that mends it', async () => {
    const { url, pack } = await start({ watch: true })
    const before = { id: 'served', revision: pack.ruleSet.revision }
    await lastReloadOf(url, { ok: true }) // it watches by now
    const legacy = pack.cases.find(({ name }) => name === 'legacy client: IMAP4')!.signIn
    const told = new Map<string, number>()
    const stop = new AbortController()
    const asking = (async () => {
      while (!stop.signal.aborted) {
        const { body } = await ask(url, '/v1/decisions', legacy)
        const { outcome, ruleSet } = body as { outcome: string; ruleSet: { revision: string } }
        const what = `${outcome} by ${ruleSet.revision}`
        told.set(what, (told.get(what) ?? 0) + 1)
      }
    })()
    const rule = file('rules/block-legacy-authentication.json')
    const text = readFileSync(rule, 'utf8')
    rmSync(rule)
    const refused = await lastReloadOf(url, { ok: false, by: 'watch' })
    expect(refused).toMatchObject({
      ruleSet: before,
      lastReload: {
        detail: expect.stringMatching(
          /invariants\.json:3:\d+: expected the invariant "legacy-authentication-is-never-allowed" to hold for every sign-in, got allow for an ordinary sign-in but for client\.app "exchangeActiveSync"; and \d+ more$/,
        ) as string,
        unproved: [
          { verdict: 'refuted', witness: { outcome: 'allow', deviations: ['client.app'] } },
          { verdict: 'refuted' },
        ],
      },
    })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('portcullis_invariants_unproved_total{verdict="refuted"} 2\n')
    addRule(7)
    writeFileSync(rule, text)
    const mended = await lastReloadOf(url, { ok: true })
    expect(mended.lastReload).not.toHaveProperty('unproved')
    expect(mended.ruleSet).not.toEqual(before)
    const asked = () => told.size
    await vi.waitFor(() => expect(asked()).toBe(2), { timeout: 30_000 })
    stop.abort()
    await asking
    expect([...told.keys()]).toEqual([
      `block by ${before.revision}`,
      `block by ${(mended.ruleSet as typeof before).revision}`,
    ])
  })
})

describe('a running service', { timeout: 120_000 + reloads * 4_000 }, () => {
  test('is told over HTTP what to decide by, and says what it does', async () => {
    const { url, pack } = await start()
    const first = pack.ruleSet.revision
    expect((await ask(url, '/v1/status')).body).toMatchObject({
      version: expect.stringMatching(/^\d/) as string,
      ruleSet: { id: 'served', revision: first, by: 'start' },
      lastReload: null,
    })
    expect(await reload(url)).toMatchObject({ status: 200, body: { changed: false } })
    addRule(1)
    const changed = await reload(url)
    expect(changed).toMatchObject({ status: 200, body: { changed: true, from: first } })
    const second = changed.body['to'] as string
    expect((await ask(url, '/v1/rule-set')).body).toMatchObject({ revision: second })
    expect((await ask(url, '/v1/rule-set/rollback', {})).body).toMatchObject({ to: first })
    expect(
      (await ask(url, '/v1/rule-set/activate', { revision: second.slice(0, 20) })).body,
    ).toMatchObject({ to: second })
    const { body } = await ask(url, '/v1/rule-set/revisions')
    expect(body).toMatchObject({
      revisions: [
        { revision: second, isLive: true, by: 'http' },
        { revision: first, isLive: false, by: 'rollback' },
      ],
      history: [
        { by: 'http', from: first, to: second },
        { by: 'rollback', from: second, to: first },
        { by: 'http', from: first, to: second },
        { by: 'start', from: null, to: first },
      ],
    })
    for (const path of ['reload', 'rollback', 'activate'])
      for (const headers of [{}, { 'content-type': 'text/plain' }]) {
        const asked = await fetch(`${url}/v1/rule-set/${path}`, { method: 'POST', headers })
        expect(asked.status).toBe(415)
      }
  })

  test.each([
    ['reload', { revision: 'abc' }, 400, '/revision'],
    ['reload', [], 400, ''],
    ['activate', {}, 400, '/revision'],
    ['activate', { revision: 7 }, 400, '/revision'],
    ['activate', { revision: 'sha256:0000000' }, 404, undefined],
    ['rollback', {}, 409, undefined],
  ])('refuses %s with %j', async (path, sent, status, pointer) => {
    const { url } = await start()
    const got = await ask(url, `/v1/rule-set/${path}`, sent)
    expect(got.status).toBe(status)
    if (pointer !== undefined) expect(got.body).toMatchObject({ errors: [{ pointer }] })
    expect((await ask(url, '/v1/status')).body).toMatchObject({ lastReload: null })
  })

  test('goes back after a restart to what decided before it, by what the state folder keeps', async () => {
    const state = join(scratch, 'state')
    const first = await start({ state })
    addRule(1)
    const { body } = await reload(first.url)
    await expect(start({ state, port: '0' })).rejects.toThrow(/is used by another service/)
    await first.stop()
    rmSync(file('rules/advise-someone.json'))
    const again = await start({ state })
    expect(again.lines.join()).toMatch(/decided last.*what decides now is the pack that was given/)
    expect(again.ruleSets.live().ruleSet.revision).toBe(body['from'])
    expect((await ask(again.url, '/v1/rule-set/rollback', {})).body).toMatchObject({
      to: body['to'],
    })
    const kept = revisionStore(state).read(body['to'] as string)
    expect(kept.faults).toBeUndefined()
  })

  test('that watches decides by its files as they change, and keeps what it has while they are broken', async () => {
    const { ruleSets, lines } = await start({ watch: 'true' })
    const revision = () => ruleSets.live().ruleSet.revision
    const first = revision()
    const changed = async (from: string) => {
      await vi.waitFor(() => expect(revision()).not.toBe(from), { timeout: 30_000 })
    }
    addRule(1)
    await changed(first)
    const second = revision()
    const cases = textsOf('cases.json')
    writeFileSync(file('cases.json'), cases.slice(0, 700))
    await vi.waitFor(
      () => expect(lines.join('\n')).toMatch(/watch: the rule set does not go live/),
      {
        timeout: 30_000,
      },
    )
    expect(revision()).toBe(second)
    await ruleSets.rollback('rollback') // holds until the next change
    expect(revision()).toBe(first)
    writeFileSync(file('cases.json'), cases)
    await changed(first)
    expect(revision()).toBe(second)
  })

  test('that can not reload is ready all the same, and says what is wrong and where, on every listener', async () => {
    const { url, pack } = await start({ listeners: '2' })
    const { revision } = pack.ruleSet
    writeFileSync(file('conditions.json'), `${textsOf('conditions.json')},`)
    const got = await reload(url)
    expect(got).toMatchObject({
      status: 422,
      body: {
        type: '/problems/rule-set-refused',
        errors: [{ at: { file: expect.stringMatching(/conditions\.json$/) as string } }],
      },
    })
    for (let time = 0; time < 12; time++) {
      const { status, body } = await ask(url, '/readyz')
      expect(status).toBe(200)
      expect(body).toMatchObject({ ruleSet: { revision }, lastReload: { ok: false, by: 'http' } })
      expect(body['lastReload']).toHaveProperty('detail', got.body['detail'])
    }
  })

  test.each([
    ['auto', '1', 'off'],
    ['auto', '2', 'required'],
    ['pooled', '2', 'off'],
  ])(
    'with pool %s and %s listeners answers all rightly while it reloads, also what is broken',
    async (where, listeners, proof) => {
      const { url, pack } = await start({ pool: where, listeners, proof, waitLimit: '0' }) // nothing is turned away for being slow
      const known = new Map<string, Loaded>([[pack.ruleSet.revision, load(pack.ruleSet)]])
      const sent = pack.cases.slice(0, 30).map(({ signIn }) => JSON.stringify(signIn))
      const over = new AbortController()
      const seen = new Map<string, number>()
      const judge = (text: string, body: string) => {
        const { ruleSet, evaluatedAt } = JSON.parse(text) as {
          ruleSet: { revision: string }
          evaluatedAt: string
        }
        const right = answer(known.get(ruleSet.revision)!, body, Date.parse(evaluatedAt))
        expect(`{${text.slice(text.indexOf('"outcome"'))}`).toBe((right as { json: string }).json)
        seen.set(ruleSet.revision, (seen.get(ruleSet.revision) ?? 0) + 1)
      }
      const asking = Array.from({ length: 4 }, async () => {
        for (let at = 0; !over.signal.aborted; at = (at + 1) % sent.length) {
          const response = await fetch(`${url}/v1/decisions`, {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              connection: at % 3 === 0 ? 'close' : 'keep-alive',
            },
            body: sent[at]!,
          })
          expect(response.status).toBe(200)
          judge(await response.text(), sent[at]!)
        }
      })
      // One that fails ends them all, and is told as what failed; nobody asks on while the service stops.
      const asked = Promise.all(asking).finally(() => over.abort())
      asked.catch(() => undefined)
      const cases = textsOf('cases.json')
      const good = () => writeFileSync(file('cases.json'), cases)
      const damages = [
        () => writeFileSync(file('cases.json'), cases.slice(0, 500)),
        () => writeFileSync(file('cases.json'), cases.replace('"adminMfaRequired"', '"other"')),
        () => writeFileSync(file('rules/advise-someone.json'), '{"name": 1}'),
      ]
      let [goods, bads] = [0, 0]
      try {
        for (let time = 0; time < reloads && !over.signal.aborted; time++) {
          good()
          const isBroken = time % 4 === 3
          addRule(isBroken ? 9 : goods++ % 2)
          const read = parsePack(readPack(folder))
          if (read.faults) throw new Error('the pack is right')
          const { revision } = read.ruleSet
          if (isBroken) damages[bads++ % damages.length]!()
          else if (!known.has(revision)) known.set(revision, load(read.ruleSet))
          const { status, body } = await reload(url)
          expect(status).toBe(isBroken ? 422 : 200)
          if (!isBroken) expect(body).toMatchObject({ changed: true, to: revision })
        }
      } finally {
        over.abort()
        await Promise.allSettled(asking)
      }
      await asked
      if (process.env['RELOADS'] !== undefined)
        console.info(
          `${goods} reloads and ${bads} broken ones; ${[...seen.values()].reduce((sum, each) => sum + each, 0)} answers of ${seen.size} revisions`,
        )
      expect(seen.size).toBeGreaterThan(1)
    },
  )
})

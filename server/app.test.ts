import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inline, pooled, Unavailable, type Decider } from '../engine/index.ts'
import fc from 'fast-check'
import { junk, signInJson } from '../property-tests/arbitraries.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { createApp } from './app.ts'
import { watchService } from './metrics.ts'
import { servicesOf } from './services.ts'
import { telling } from './telling.ts'

const { pack, loaded } = shippedPacks[0]!
const settings = settingsOf()

let pool: Decider
beforeAll(async () => {
  pool = await pooled(pack.ruleSet, { threads: 1 })
})
afterAll(() => pool.close())
const metrics = watchService()
afterAll(() => metrics.close())

const logged: string[] = []
function app(decider: Decider = pool, isReady = true, where = settings.pool) {
  return createApp(
    servicesOf({
      settings: { ...settings, pool: where },
      live: () => pack,
      decider,
      metrics,
      clock: () => Date.UTC(2024, 5, 15),
      isReady: () => isReady,
      log: (line) => logged.push(line),
    }),
  )
}

const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const ordinary = pack.cases[0]!.signIn
const whole = JSON.stringify(ordinary)

type Wanted = {
  readonly status: number
  readonly pointer?: string
  readonly hint?: RegExp
  readonly type?: string
}

async function check(
  body: string,
  wanted: Wanted,
  path = '/v1/decisions',
  headers: Record<string, string> = json,
) {
  const response = await app().request(path, { method: 'POST', headers, body })
  const answer = (await response.json()) as {
    outcome?: string
    type?: string
    errors?: { pointer: string; hint?: string }[]
  }
  expect(response.status).toBe(wanted.status)
  if (wanted.status !== 200) {
    expect(answer.outcome).toBeUndefined()
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  }
  if (wanted.type !== undefined) expect(answer.type).toBe(`/problems/${wanted.type}`)
  if (wanted.pointer !== undefined) {
    const fault = answer.errors?.find(({ pointer }) => pointer === wanted.pointer)
    expect(fault).toBeDefined()
    if (wanted.hint) expect(fault?.hint).toMatch(wanted.hint)
  }
}

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

describe('POST /v1/decisions', () => {
  test.each<[string, string, Wanted]>([
    ['a sign-in', whole, { status: 200 }],
    [
      'no facts',
      '{}',
      { status: 400, type: 'invalid-sign-in', pointer: '/user/roles', hint: /required/ },
    ],
    [
      'an array',
      '[]',
      { status: 400, type: 'invalid-sign-in', pointer: '', hint: /members at, tenant/ },
    ],
    ['null', 'null', { status: 400, type: 'invalid-sign-in', pointer: '' }],
    ['a string', '"allow"', { status: 400, type: 'invalid-sign-in', pointer: '' }],
    ['nothing', '', { status: 400, type: 'invalid-json', pointer: '' }],
    ['half of it', whole.slice(0, -5), { status: 400, type: 'invalid-json', pointer: '' }],
    ['5 MB', 'a'.repeat(5_000_000), { status: 413, type: 'too-large', pointer: '' }],
    ['nesting', deep, { status: 400, type: 'invalid-sign-in', pointer: '' }],
    ['nesting below an area', `{"user":${deep}}`, { status: 400, pointer: '/user' }],
    [
      'nesting below a fact',
      `{"user":{"roles":${deep}}}`,
      { status: 400, pointer: '/user/roles/0' },
    ],
    [
      'a role that is no array',
      '{"user":{"roles":"Global Administrator"}}',
      { status: 400, pointer: '/user/roles', hint: /\["Global Administrator"\]/ },
    ],
    [
      'a misspelt role',
      '{"user":{"roles":["Global Adminstrator"]}}',
      { status: 400, pointer: '/user/roles/0', hint: /"Global Administrator"/ },
    ],
    [
      'a misspelt value',
      '{"client":{"app":"Browsr"}}',
      { status: 400, pointer: '/client/app', hint: /"browser"/ },
    ],
    [
      'a misspelt fact',
      '{"user":{"role":[]}}',
      { status: 400, pointer: '/user/role', hint: /"roles"/ },
    ],
    ['a misspelt area', '{"usr":{}}', { status: 400, pointer: '/usr', hint: /"user"/ }],
    ['__proto__ above', '{"__proto__":{"user":{}}}', { status: 400, pointer: '/__proto__' }],
    [
      '__proto__ below',
      '{"user":{"__proto__":{"roles":[]}}}',
      { status: 400, pointer: '/user/__proto__' },
    ],
    [
      'a computed fact',
      '{"session":{"revoked":false}}',
      { status: 400, pointer: '/session/revoked', hint: /computed/ },
    ],
    [
      'a client that contradicts its class',
      '{"client":{"app":"browser","clientAppUsed":"IMAP4"}}',
      { status: 400, pointer: '/client/app' },
    ],
    ['a day that does not exist', '{"at":"2026-02-30T00:00:00Z"}', { status: 400, pointer: '/at' }],
    ['a time without a zone', '{"at":"2026-02-03T00:00:00"}', { status: 400, pointer: '/at' }],
    [
      'an unknown envelope member',
      '{"envelope":{"userid":"x"}}',
      { status: 400, pointer: '/envelope/userid', hint: /"userId"/ },
    ],
  ])('%s', (_, body, wanted) => check(body, wanted))

  test.each([
    [{}],
    [{ 'content-type': 'text/plain' }],
    [{ ...json, 'content-encoding': 'gzip' }],
    [{ 'content-type': 'application/json; charset=latin1' }],
  ])('with headers %j is refused', (headers) =>
    check(whole, { status: 415, type: 'unsupported-media-type' }, '/v1/decisions', headers),
  )

  test('the correlation id comes back; the other members of the envelope stay here', async () => {
    const body = JSON.stringify({
      ...ordinary,
      envelope: { correlationId: 'abc', userPrincipalName: 'someone@example.com' },
    })
    const answer = await (
      await app().request('/v1/decisions', { method: 'POST', headers: json, body })
    ).text()
    expect(JSON.parse(answer)).toMatchObject({ outcome: 'allow', correlationId: 'abc' })
    expect(answer).not.toContain('someone@example.com')
  })

  test('without a length the body is counted as it comes', async () => {
    const stream = (parts: number) =>
      ReadableStream.from(
        Array.from({ length: parts }, () => new TextEncoder().encode(' '.repeat(1_000))),
      ) as ReadableStream
    const post = (body: ReadableStream) =>
      app().request('/v1/decisions', {
        method: 'POST',
        headers: json,
        body,
        duplex: 'half',
      })
    expect((await post(stream(100))).status).toBe(413)
    expect((await post(stream(3))).status).toBe(400)
  })

  test('no input, however malformed, yields an allow by failing', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          junk.map((value) => JSON.stringify(value) ?? ''),
          fc.string(),
        ),
        async (body) => {
          const response = await app().request('/v1/decisions', {
            method: 'POST',
            headers: json,
            body,
          })
          const answer = (await response.json()) as { outcome?: string }
          let input: unknown
          try {
            input = JSON.parse(body)
          } catch {
            input = undefined
          }
          const parsed = loaded.parse(input, Date.UTC(2024, 5, 15))
          expect(response.status).toBe(parsed.faults ? 400 : 200)
          expect(answer.outcome).toBe(
            parsed.faults ? undefined : loaded.decide(parsed.signIn).outcome,
          )
        },
      ),
      { numRuns: 1_000 },
    ))
})

describe('POST /v1/decisions/explain', () => {
  const post = (body: string, decider: Decider = pool) =>
    app(decider).request('/v1/decisions/explain', { method: 'POST', headers: json, body })
  const identity = {
    userId: 'user-7',
    userPrincipalName: 'someone@example.com',
    ipAddress: '192.0.2.7',
  }
  const signIn = { ...ordinary, envelope: { correlationId: 'abc', ...identity } }

  test('says why, and who is asked about stays here', async () => {
    const response = await post(JSON.stringify(signIn))
    expect(response.status).toBe(200)
    const text = await response.text()
    for (const value of Object.values(identity)) expect(text).not.toContain(value)
    expect(JSON.parse(text)).toMatchObject({
      decision: {
        evaluatedAt: '2024-06-15T00:00:00.000Z',
        outcome: 'allow',
        correlationId: 'abc',
        ruleSet: { revision: pack.ruleSet.revision },
      },
      rulesNotShown: 0,
    })
  })

  test('is no decision: it has no id, no outcome of its own, and is counted and noted apart', async () => {
    const count = async (name: string) =>
      Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.text())?.[1])
    const decided = String.raw`portcullis_decisions_total\{outcome="allow"\}`
    const [decisions, explanations] = [
      await count(decided),
      await count('portcullis_explanations_total'),
    ]
    const noted: unknown[] = []
    const services = servicesOf({
      settings,
      live: () => pack,
      decider: pool,
      metrics,
      telling: telling(metrics, [{ note: (told) => noted.push(told), noted: () => undefined }]),
    })
    const response = await createApp(services).request('/v1/decisions/explain', {
      method: 'POST',
      headers: json,
      body: whole,
    })
    const explanation = (await response.json()) as { outcome?: string; decision: object }
    expect(explanation.outcome).toBeUndefined()
    expect(explanation.decision).not.toHaveProperty('decisionId')
    expect(noted).toEqual([])
    expect(await count(decided)).toBe(decisions)
    expect(await count('portcullis_explanations_total')).toBe(explanations + 1)
  })

  test.each<[string, string, Wanted]>([
    ['no facts', '{}', { status: 400, type: 'invalid-sign-in', pointer: '/user/roles' }],
    ['no JSON', '{', { status: 400, type: 'invalid-json' }],
    ['too much', ' '.repeat(70_000), { status: 413, type: 'too-large' }],
  ])('%s', (_, body, wanted) => check(body, wanted, '/v1/decisions/explain'))

  test('is 503 when nothing decides', async () => {
    const busy = () => Promise.reject(new Unavailable('busy'))
    const response = await post(whole, { ...inline(pack.ruleSet), decide: busy })
    expect(response.status).toBe(503)
  })
})

describe('POST /v1/decisions/batch', () => {
  /** Members as they may be written, numbers that lose something when they are printed again among them. */
  const texts = fc.oneof(
    fc.oneof(signInJson, junk).map((value) => JSON.stringify(value) ?? 'null'),
    signInJson.map((value) =>
      JSON.stringify(value).replace(/"validFrom":("[^"]*"|null)/, '"validFrom":1e999'),
    ),
  )
  const post = (body: string, headers = json) =>
    app().request('/v1/decisions/batch', { method: 'POST', headers, body })

  test('is the map of its members, in order, the wrong ones among them', () =>
    fc.assert(
      fc.asyncProperty(fc.array(texts, { maxLength: 40 }), async (signIns) => {
        const array = (await (await post(`[${signIns.join(', ')}]`)).json()) as {
          outcome?: string
          status?: number
        }[]
        const lines = await (await post(signIns.map((each) => `${each}\n`).join(''), ndjson)).text()
        const streamed = lines
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as { outcome?: string; status?: number })
        const said = ({ outcome, status }: { outcome?: string; status?: number }) =>
          outcome ?? status
        const expected = await Promise.all(
          signIns.map(async (each) =>
            said(
              (await (
                await app().request('/v1/decisions', {
                  method: 'POST',
                  headers: json,
                  body: each,
                })
              ).json()) as { outcome?: string },
            ),
          ),
        )
        expect(array.map(said)).toEqual(expected)
        expect(streamed.map(said)).toEqual(expected)
      }),
      { numRuns: 30 },
    ))

  test.each<[string, string, Wanted]>([
    ['no array', '{}', { status: 400, type: 'invalid-sign-in' }],
    ['no JSON', '[', { status: 400, type: 'invalid-json' }],
    [
      'too many',
      JSON.stringify(Array.from({ length: 5_001 }, () => 0)),
      { status: 413, type: 'too-large' },
    ],
  ])('%s', (_, body, wanted) => check(body, wanted, '/v1/decisions/batch'))

  test('a line that is too long ends the stream, and says so', async () => {
    const text = await (await post(`${whole}\n${'a'.repeat(70_000)}\n${whole}\n`, ndjson)).text()
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { outcome?: string; status?: number; index?: number })
    expect(lines.map(({ outcome, status }) => outcome ?? status)).toEqual(['allow', 413])
    expect(lines.map(({ index }) => index)).toEqual([0, 1])
  })
})

describe('when it can not decide', () => {
  const failing = (error: Error): Decider => ({
    ...inline(pack.ruleSet),
    atOnce: () => undefined,
    decide: () => Promise.reject(error),
  })

  test('an overload is 503 with Retry-After, and no decision', async () => {
    for (const [path, kind] of [
      ['/v1/decisions', 'single'],
      ['/v1/decisions/batch', 'batch'],
    ] as const) {
      const shed = async () =>
        Number(
          new RegExp(`^portcullis_shed_total{kind="${kind}"} (\\d+)$`, 'm').exec(
            await metrics.text(),
          )?.[1],
        )
      const before = await shed()
      const body = path.endsWith('batch') ? `[${whole}]` : whole
      const response = await app(failing(new Unavailable('busy'))).request(path, {
        method: 'POST',
        headers: json,
        body,
      })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(await response.text()).not.toContain('outcome')
      expect(await shed()).toBe(before + 1)
    }
  })

  test('a line of a stream that can not be decided says so in its place', async () => {
    const response = await app(failing(new Unavailable('busy'))).request('/v1/decisions/batch', {
      method: 'POST',
      headers: ndjson,
      body: `${whole}\n`,
    })
    expect(JSON.parse(await response.text())).toMatchObject({ status: 503, index: 0 })
  })

  test('a bug of ours is 500, logged, and tells the caller nothing', async () => {
    const response = await app(failing(new TypeError('secret detail'))).request('/v1/decisions', {
      method: 'POST',
      headers: json,
      body: whole,
    })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
    expect(logged.join('\n')).toContain('secret detail')
  })

  test('a queue that is full turns away and later decides again', async () => {
    const small = await pooled(pack.ruleSet, { threads: 1, mostWaiting: 10 })
    const ask = (count: number) =>
      small.decide(
        Array.from({ length: count }, () => Buffer.from(whole)),
        0,
      )
    await expect(ask(11)).rejects.toBeInstanceOf(Unavailable)
    const both = await Promise.allSettled([ask(6), ask(6)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(ask(7)).resolves.toHaveLength(7)
    await small.close()
    await expect(ask(1)).rejects.toBeInstanceOf(Unavailable)
  })
})

describe('the other endpoints', () => {
  test('metrics count the decisions of each outcome, alone and in batches, and show the process', async () => {
    const read = async () => {
      const response = await app().request('/metrics')
      expect(response.headers.get('content-type')).toContain('text/plain')
      const text = await response.text()
      return (name: string) =>
        Number(
          new RegExp(`^${name.replace(/[{}]/g, String.raw`\$&`)} (\\S+)$`, 'm').exec(text)?.[1],
        )
    }
    const before = await read()
    const post = (path: string, body: string) =>
      app().request(path, { method: 'POST', headers: json, body })
    await post('/v1/decisions', whole)
    await post('/v1/decisions', '{}')
    await post('/v1/decisions/batch', `[${whole},{},${whole}]`)
    const after = await read()
    const allows = 'portcullis_decisions_total{outcome="allow"}'
    expect(after(allows) - before(allows)).toBe(3)
    const blocks = 'portcullis_decisions_total{outcome="block"}'
    expect(after(blocks) - before(blocks)).toBe(0)
    expect(after('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    expect(after('process_cpu_seconds_total')).toBeGreaterThan(before('process_cpu_seconds_total'))
    expect(after('nodejs_eventloop_lag_p99_seconds{listener="0"}')).toBeGreaterThanOrEqual(0)
  })

  test('the rule set shows its rules, and is not sent twice', async () => {
    const response = await app().request('/v1/rule-set')
    expect(await response.json()).toMatchObject({
      id: 'security-defaults',
      revision: pack.ruleSet.revision,
    })
    const again = await app().request('/v1/rule-set', {
      headers: { 'if-none-match': response.headers.get('etag')! },
    })
    expect(again.status).toBe(304)
  })

  test('every problem type leads to a page', async () => {
    const response = await app().request('/v1/decisions', {
      method: 'POST',
      headers: json,
      body: '{}',
    })
    const { type } = (await response.json()) as { type: string }
    expect(await (await app().request(type)).text()).toContain('The body is not a sign-in')
    expect((await app().request('/problems/none')).status).toBe(404)
  })

  test.each([
    ['GET', '/v1/decisions', 405, 'POST'],
    ['DELETE', '/v1/rule-set', 405, 'GET, HEAD'],
    ['POST', '/readyz', 405, 'GET, HEAD'],
    ['GET', '/nowhere', 404, null],
    ['HEAD', '/livez', 200, null],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const response = await app().request(path, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(allow)
  })
})

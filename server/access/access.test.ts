import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { inline } from '../../engine/index.ts'
import { createApp } from '../app.ts'
import { watchService } from '../metrics.ts'
import { serve, type Running } from '../serve.ts'
import { servicesOf } from '../services.ts'
import { endpoints, scopes, wantedBy, type Scope, type Wanted } from './scopes.ts'
import { digestOf, newToken, type TokenEntry } from './tokens.ts'

const { pack } = shippedPacks[0]!
const signIn = JSON.stringify(pack.cases[0]!.signIn)
const folder = mkdtempSync(join(tmpdir(), 'portcullis-access-'))
const file = join(folder, 'tokens.json')
const running: Running[] = []
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()))
  rmSync(folder, { recursive: true })
})

const logged: string[] = []
async function start(flags: Readonly<Record<string, string | boolean>> = {}): Promise<Running> {
  const settings = settingsOf(flags)
  const each = await serve(pack, settings, (...line) => logged.push(JSON.stringify(line)))
  running.push(each)
  return each
}

type Got = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

/** What `fetch` would not send as it is. */
function send(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  body?: string,
): Promise<Got> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (text += part))
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const json = { 'content-type': 'application/json' }
/** Each endpoint as it is rightly asked, and what comes when it may be. */
const askings = {
  decisions: {
    method: 'POST',
    path: '/v1/decisions',
    headers: json,
    body: signIn,
    scope: 'decide',
  },
  batch: {
    method: 'POST',
    path: '/v1/decisions/batch',
    headers: json,
    body: `[${signIn}]`,
    scope: 'decide',
  },
  explain: {
    method: 'POST',
    path: '/v1/decisions/explain',
    headers: json,
    body: signIn,
    scope: 'explain',
  },
  ruleSet: { method: 'GET', path: '/v1/rule-set', headers: {}, body: undefined, scope: 'explain' },
  metrics: { method: 'GET', path: '/metrics?x=1', headers: {}, body: undefined, scope: 'metrics' },
  livez: { method: 'GET', path: '/livez', headers: {}, body: undefined, scope: 'none' },
  readyz: { method: 'HEAD', path: '/readyz', headers: {}, body: undefined, scope: 'none' },
  problem: {
    method: 'GET',
    path: '/problems/forbidden',
    headers: {},
    body: undefined,
    scope: 'none',
  },
} as const
type Asking = (typeof askings)[keyof typeof askings]
const ask = (
  url: string,
  asking: Asking,
  headers: Readonly<Record<string, string | string[]>> = {},
) => send(url, asking.method, asking.path, { ...asking.headers, ...headers }, asking.body)

const secrets: string[] = []
const entry = (id: string, given: Partial<TokenEntry> = {}) => {
  const token = newToken()
  secrets.push(token, token.slice('portcullis_'.length))
  const made: TokenEntry = {
    id,
    sha256: digestOf(token),
    scopes,
    expires: null,
    ...given,
  }
  return { token, made }
}
const made = {
  ...Object.fromEntries(scopes.map((scope) => [scope, entry(scope, { scopes: [scope] })])),
  all: entry('all'),
  none: entry('none', { scopes: [] }),
  expired: entry('expired', { expires: '2020-01-01T00:00:00Z' }),
  slow: entry('slow', { ratePerSecond: 2 }),
} as Readonly<Record<Scope | 'all' | 'none' | 'expired' | 'slow', ReturnType<typeof entry>>>
const write = (entries: readonly { made: TokenEntry }[]) =>
  writeFileSync(file, JSON.stringify({ tokens: entries.map((each) => each.made) }), { mode: 0o600 })
write(Object.values(made))

const guarded = await start({ tokens: file })
const open = await start()
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const { token: good } = made.all

describe('with tokens', () => {
  /** What a credential is good for; else the status and what the caller is told. */
  type Row = readonly [
    credential: string,
    headers: Readonly<Record<string, string | string[]>>,
    good:
      | readonly Scope[]
      | { readonly status: number; readonly told: RegExp; readonly reason: string },
  ]
  const invalid = (reason: string, told: RegExp, status = 401) => ({ status, told, reason })
  const wrongLast = good.slice(0, -1) + (good.endsWith('A') ? 'E' : 'A')
  secrets.push(wrongLast)
  const rows: readonly Row[] = [
    ...scopes.map((scope): Row => [`the scope ${scope}`, bearer(made[scope].token), [scope]]),
    ['all scopes', bearer(good), scopes],
    ['all scopes, and a scheme in small letters', { authorization: `bearer ${good}` }, scopes],
    ['no scope', bearer(made.none.token), []],
    ['nothing', {}, invalid('no-credential', /Bearer token/)],
    ['an expired token', bearer(made.expired.token), invalid('expired', /expired/)],
    ['a token that nobody made', bearer(newToken()), invalid('unknown-token', /not known/)],
    [
      'a token that is wrong in its last letter',
      bearer(wrongLast),
      invalid('unknown-token', /not known/),
    ],
    ['a part of a token', bearer(good.slice(0, 20)), invalid('unknown-token', /not known/)],
    [
      'the hash instead of the token',
      bearer(made.all.made.sha256),
      invalid('unknown-token', /not known/),
    ],
    ['an empty token', { authorization: 'Bearer ' }, invalid('malformed', /Bearer TOKEN/)],
    [
      'another scheme',
      { authorization: `Basic ${btoa(`x:${good}`)}` },
      invalid('malformed', /Bearer TOKEN/),
    ],
    ['no scheme', { authorization: good }, invalid('malformed', /Bearer TOKEN/)],
    [
      'two tokens in one header',
      { authorization: `Bearer ${good}, Bearer ${good}` },
      invalid('malformed', /Bearer TOKEN/),
    ],
    ['an oversized token', bearer('a'.repeat(9_000)), invalid('oversized', /shorter/)],
    [
      'a right token with much behind it',
      bearer(good + 'a'.repeat(9_000)),
      invalid('oversized', /shorter/),
    ],
    ['a token in a cookie', { cookie: `token=${good}` }, invalid('no-credential', /Bearer token/)],
    [
      'an unsigned JWT',
      bearer('eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImRlY2lkZSJ9.'),
      invalid('unknown-token', /not known/),
    ],
  ]

  test.each(rows)('%s', async (_, headers, good) => {
    for (const asking of Object.values(askings)) {
      const before = await refusedBy()
      const { status, text, headers: told } = await ask(guarded.url, asking, headers)
      const after = await refusedBy()
      const { scope } = asking
      const may = scope === 'none' || (Array.isArray(good) && good.includes(scope))
      if (may) {
        expect([asking.path, status]).toEqual([asking.path, 200])
        continue
      }
      const {
        status: wanted,
        told: detail,
        reason,
      } = Array.isArray(good)
        ? { status: 403, told: new RegExp(`"${scope}"`), reason: 'scope' }
        : (good as Exclude<typeof good, readonly Scope[]>)
      const problem = JSON.parse(text) as { status: number; detail: string }
      expect([asking.path, status, problem.status]).toEqual([asking.path, wanted, wanted])
      expect(problem.detail).toMatch(detail)
      expect(text).not.toContain('outcome')
      expect(told['www-authenticate']).toMatch(/^Bearer realm="portcullis"/)
      if (wanted === 403)
        expect(told['www-authenticate']).toContain(`error="insufficient_scope", scope="${scope}"`)
      expect(after[reason]! - before[reason]!).toBe(1)
    }
  })

  test('two Authorization headers are refused, even two right ones', async () => {
    const got = await send(guarded.url, 'GET', '/metrics', {
      authorization: [`Bearer ${good}`, `Bearer ${good}`],
      host: 'localhost',
    })
    expect(got.status).toBe(400)
    expect(got.text).toContain('one Authorization header')
  })

  test('no body is read of who may not ask', async () => {
    const answer = await raw(
      guarded.url,
      'POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 401 /) // and not 100 before
  })

  test('the limit of a credential is its own, and says when to come again', async () => {
    const both = (token: string, times: number) =>
      Promise.all(
        Array.from({ length: times }, () => ask(guarded.url, askings.decisions, bearer(token))),
      )
    const limited = await both(made.slow.token, 20)
    const statuses = limited.map(({ status }) => status)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10) // a second may turn meanwhile
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(1)
    const away = limited.find(({ status }) => status === 429)!
    expect(away.headers['retry-after']).toBe('1')
    expect(JSON.parse(away.text)).toMatchObject({ type: '/problems/too-many-requests' })
    expect((await both(good, 20)).every(({ status }) => status === 200)).toBe(true)
  })

  test('beyond loopback they do instead of --insecure, whatever the Host header says', async () => {
    const { url } = await start({ tokens: file, host: '0.0.0.0', listeners: '2' })
    const headers = { host: 'portcullis.example.com' }
    for (let time = 0; time < 5; time++) {
      expect((await ask(url, askings.decisions, headers)).status).toBe(401)
      expect((await ask(url, askings.decisions, { ...headers, ...bearer(good) })).status).toBe(200)
    }
  })
})

async function refusedBy(): Promise<Readonly<Record<string, number>>> {
  const { text } = await ask(guarded.url, askings.metrics, bearer(good))
  return Object.fromEntries(
    [...text.matchAll(/^portcullis_access_refused_total\{reason="([\w-]+)"\} (\d+)$/gm)].map(
      ([, reason, count]) => [reason!, Number(count)],
    ),
  )
}

/** Sends bytes as they are, and resolves to all that comes back until the connection ends. */
const raw = (url: string, bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(bytes, 'latin1')))
    let answer = ''
    socket.on('data', (data) => (answer += data.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

describe('on loopback without credentials', () => {
  test.each(Object.keys(askings) as (keyof typeof askings)[])('%s is open', async (name) => {
    expect((await ask(open.url, askings[name])).status).toBe(200)
  })

  test.each([
    'localhost',
    'LOCALHOST:80',
    'app.localhost',
    '127.0.0.1',
    '127.1.2.3:1',
    '[::1]:8181',
  ])('it may be asked as %s', async (host) => {
    expect((await ask(open.url, askings.decisions, { host })).status).toBe(200)
  })

  test.each([
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '10.0.0.1',
    'xlocalhost',
    '0.0.0.0',
    '[::2]',
    '[::ffff:127.0.0.1]',
  ])(
    'it may not be asked as %s, to which somebody else may have made a name lead (DNS rebinding)',
    async (host) => {
      for (const asking of Object.values(askings)) {
        const { status } = await ask(open.url, asking, { host })
        expect([asking.path, status]).toEqual([asking.path, 421])
      }
    },
  )

  test('nor in a target that names another host', async () => {
    const head = (target: string) =>
      `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`
    expect(await raw(open.url, head('http://example.com/livez'))).toMatch(/^HTTP\/1\.1 421 /)
    expect(await raw(open.url, head('http://localhost/livez'))).toMatch(/^HTTP\/1\.1 200 /)
    expect(await raw(open.url, head('http://localhost:1@example.com/livez'))).toMatch(
      /^HTTP\/1\.1 400 /,
    )
  })

  test('--hosts lets it be asked by further names, and limits those of a service with tokens', async () => {
    const { url } = await start({ hosts: 'pdp.example.com,other' })
    expect((await ask(url, askings.decisions, { host: 'PDP.example.com:8181' })).status).toBe(200)
    expect((await ask(url, askings.decisions, { host: 'example.com' })).status).toBe(421)
    const named = await start({ hosts: 'other', tokens: file })
    expect(
      (await ask(named.url, askings.decisions, { host: 'example.com', ...bearer(good) })).status,
    ).toBe(421)
  })

  test.each<[string, Record<string, string>, boolean]>([
    ['a program', {}, true],
    ['a page of its own', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1' }, true],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }, true],
    ['another site', { 'sec-fetch-site': 'cross-site' }, false],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }, false],
    ['an unknown place', { 'sec-fetch-site': '' }, false],
    ['another site, in an older browser', { origin: 'https://example.com' }, false],
    ['another port, in an older browser', { origin: 'http://localhost:3000' }, false],
    ['a sandbox, in an older browser', { origin: 'null' }, false],
    ['a page of its own, in an older browser', { origin: 'http://localhost' }, true],
  ])('what %s sends', async (_, headers, may) => {
    for (const asking of Object.values(askings)) {
      const { status } = await ask(open.url, asking, { host: 'localhost', ...headers })
      const wanted = may || asking.scope === 'none' ? 200 : 403
      expect([asking.path, status]).toEqual([asking.path, wanted])
    }
  })

  test('all callers share the limit that is set', async () => {
    const { url } = await start({ rateLimit: '3' })
    const got = await Promise.all(Array.from({ length: 20 }, () => ask(url, askings.decisions)))
    expect(got.filter(({ status }) => status === 429).length).toBeGreaterThan(10)
  })
})

describe('what is checked is what is reached', () => {
  const head = (line: string, host = 'localhost') =>
    `${line} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`

  test.each([
    // Put together with the path, these are URLs of another path: of the rule set, of the metrics.
    ['a host that holds a path', '\u00FC.\u00FC/metrics?abc'],
    ['a host that holds a short path', '0/v1/rule-set?'],
    ['a host that holds a query', 'localhost?'],
    ['a host that holds a fragment', 'localhost#'],
    ['a host with a user', 'a@localhost'],
    ['a host with a backslash', 'localhost\\metrics'],
    ['an empty host', ''],
  ])('%s is refused', async (_, host) => {
    for (const { url } of [open, guarded])
      expect(await raw(url, head('GET /livez', host))).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.each([
    '/livez/../metrics',
    '/livez/%2e%2e/metrics',
    '//metrics',
    '/metrics/',
    '/%6detrics',
    '/metrics%3f',
    '/metrics#x',
    '/metrics;x',
    '/Metrics',
    '/v1/rule%2dset',
    '/problems/../metrics',
    '/problems/%2e%2e%2fmetrics',
    '/problems/a/b',
    '/problems/',
    'http://localhost/livez/../metrics',
    'http://localhost\\metrics?/livez',
    'http:///metrics',
    '*',
  ])('%s is no endpoint, whatever it could be taken for', async (target) => {
    for (const { url } of [open, guarded]) {
      const answer = await raw(url, head(`GET ${target}`))
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
      expect(answer).not.toMatch(/portcullis_|"rules"/)
    }
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '..', 'NAME'])(
    '/problems/%s is no problem',
    async (name) => {
      expect((await send(open.url, 'GET', `/problems/${name}`)).status).toBe(404)
    },
  )

  test('another method of an endpoint is none, whoever asks', async () => {
    for (const { url } of [open, guarded]) {
      const got = await send(url, 'DELETE', '/v1/decisions', bearer(good))
      expect([got.status, got.headers['allow']]).toEqual([405, 'POST'])
      const other = await send(url, 'OPTIONS', '/metrics', bearer(good))
      expect([other.status, other.headers['allow']]).toEqual([405, 'GET, HEAD'])
    }
  })

  test('every route that is mounted is in the table', () => {
    const settings = settingsOf()
    const metrics = watchService()
    const decider = inline(pack.ruleSet)
    const { routes } = createApp(servicesOf({ settings, live: () => pack, decider, metrics }))
    metrics.close()
    const mounted = routes.map(({ method, path }) => `${method} ${path}`)
    const known = Object.entries(endpoints).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(mounted.filter((route) => !known.includes(route))).toEqual([])
    expect(mounted.length).toBeGreaterThan(7)
  })

  test('what an endpoint wants is what the table says of it, and HEAD wants what GET does', () => {
    for (const [path, methods] of Object.entries(endpoints))
      for (const [method, scope] of Object.entries<Wanted>(methods)) {
        expect(wantedBy(method, path.replace(':name', 'forbidden'))).toBe(scope)
        if (method === 'GET') expect(wantedBy('HEAD', path.replace(':name', 'x'))).toBe(scope)
      }
    for (const method of ['PUT', 'get', 'constructor', ''])
      expect(wantedBy(method, '/metrics')).toBeUndefined()
    for (const path of ['', '/', '/__proto__', 'constructor'])
      expect(wantedBy('GET', path)).toBeUndefined()
  })
})

describe('the tokens file', () => {
  /** As long as it takes to be seen; nothing depends on how soon. */
  const eventually = (check: () => Promise<void>) =>
    vi.waitFor(check, { timeout: 30_000, interval: 100 })
  test('a token that is taken out is refused, one that is put in is good, and a broken file changes neither', async () => {
    const status = async (token: string) =>
      (await ask(guarded.url, askings.decisions, bearer(token))).status
    const [going, coming] = [entry('going'), entry('coming')]
    write([...Object.values(made), going])
    await eventually(async () => expect(await status(going.token)).toBe(200))
    write([...Object.values(made), coming])
    await eventually(async () => expect(await status(coming.token)).toBe(200))
    expect(await status(going.token)).toBe(401)

    for (const broken of ['', '{', '{"tokens":[{}]}', '[]', '{"tokens":[],"allow":true}']) {
      logged.length = 0
      writeFileSync(file, broken)
      await eventually(async () => expect(logged.join()).toContain('last good'))
      expect([await status(coming.token), await status(going.token)]).toEqual([200, 401])
    }
    logged.length = 0
    rmSync(file)
    await eventually(async () => expect(logged.join()).toContain("can't be read (ENOENT)"))
    expect([await status(coming.token), await status(going.token)]).toEqual([200, 401])

    write(Object.values(made))
    await eventually(async () => expect(await status(coming.token)).toBe(401))
  }, 120_000)
})

describe('what every answer says', () => {
  test.each(Object.keys(askings) as (keyof typeof askings)[])('%s', async (name) => {
    for (const headers of [{}, bearer(good)]) {
      const got = await ask(guarded.url, askings[name], headers)
      expect(got.headers['x-content-type-options']).toBe('nosniff')
      const isKept = name === 'ruleSet' && got.status === 200
      expect(got.headers['cache-control']).toBe(isKept ? undefined : 'no-store')
    }
  })

  test('what is no HTTP, and what there is none of', async () => {
    expect(await raw(open.url, 'GARBAGE\r\n\r\n')).toContain('x-content-type-options: nosniff')
    const got = await send(open.url, 'GET', '/nothing')
    expect(got.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })
})

test('no secret is in a log, a metric or an answer', async () => {
  const answers: string[] = []
  for (const secret of secrets)
    for (const headers of [
      bearer(secret),
      { authorization: secret },
      { authorization: `Basic ${secret}` },
      { authorization: [secret, secret], host: 'localhost' },
    ])
      for (const asking of Object.values(askings)) {
        const got = await ask(guarded.url, asking, headers)
        answers.push(JSON.stringify(got))
      }
  const all = [
    ...answers,
    ...logged,
    (await ask(guarded.url, askings.metrics, bearer(good))).text,
  ].join('\n')
  expect(answers.length).toBeGreaterThan(100)
  for (const secret of secrets) expect(all.includes(secret)).toBe(false)
  for (const { made: each } of Object.values(made)) expect(all.includes(each.sha256)).toBe(false)
})

test('the page of access lists each endpoint under what it wants', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `?(\w+)`? +\| (`(?:GET|POST) .*) \|$/gm)]
  const listed = rows.flatMap(([, scope, cell]) =>
    [...cell!.matchAll(/`(\w+ [^`]+)`/g)].map(([, endpoint]) => `${scope} ${endpoint}`),
  )
  const given = Object.entries(endpoints).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, scope]) => `${scope} ${method} ${path}`),
  )
  expect(listed.toSorted()).toEqual(given.toSorted())
})

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { pauseAfter } from './again.ts'
import answers from './answers.json' with { type: 'json' }
import { shapeOf } from './answers.ts'
import {
  ClientError,
  createClient,
  isAllowed,
  type Client,
  type ClientOptions,
  type Failure,
  type SignInQuestion,
} from './index.ts'

const { pack } = shippedPacks[0]!
const signIn = pack.cases[0]!.signIn as SignInQuestion

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A client of a server that answers so. */
async function beside(answer: RequestListener, options: ClientOptions = {}): Promise<Client> {
  const server = await listening(createServer(answer))
  const client = createClient({
    url: urlOf(server),
    retries: 0,
    timeoutMs: 20_000,
    deadlineMs: 20_000,
    ...options,
  })
  open.push(() => client.close())
  return client
}
async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const allow = {
  decisionId: '435ec362-0b77-4d0a-ad10-5260057e0f78',
  evaluatedAt: '2026-11-23T02:30:14.728Z',
  outcome: 'allow',
  requirements: [],
  advice: [],
  reasons: [],
  assumed: [],
  ruleSet: { id: 'x', revision: `sha256:${'0'.repeat(64)}` },
}
const unavailable = {
  type: '/problems/unavailable',
  title: 'No decision can be made now',
  status: 503,
  detail: 'busy',
}
const says =
  (value: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_, answer) =>
    answer
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof value === 'string' ? value : JSON.stringify(value))

/** Whatever comes back, nothing reads as an allow, and the error says of which kind it is. */
const hostile: readonly (readonly [string, RequestListener, Failure, ClientOptions?])[] = [
  ['no JSON', says('{"outcome":"allow"'), 'unexpected'],
  ['nothing', says(''), 'unexpected'],
  ['an allow as a page', says(allow, 200, { 'content-type': 'text/html' }), 'unexpected'],
  ['an allow of no type', (_, answer) => answer.end(JSON.stringify(allow)), 'unexpected'],
  ['an allow with status 201', says(allow, 201), 'unexpected'],
  ['an allow with status 206', says(allow, 206), 'unexpected'],
  ['an allow with status 403', says(allow, 403), 'unexpected'],
  ['an allow with status 500', says(allow, 500), 'unexpected'],
  ['a redirect', says(allow, 307, { location: 'http://127.0.0.1:1/v1/decisions' }), 'unexpected'],
  ['an outcome alone', says({ outcome: 'allow' }), 'unexpected'],
  ['a text', says('"allow"'), 'unexpected'],
  ['true', says('true'), 'unexpected'],
  ['null', says('null'), 'unexpected'],
  ['an array', says([allow]), 'unexpected'],
  ['an allow one level deeper', says({ decision: allow }), 'unexpected'],
  ['an explanation', says({ ...allow, decisionId: undefined }), 'unexpected'],
  ['an allow that demands', says({ ...allow, requirements: ['mfa'] }), 'unexpected'],
  [
    'an allow with a reason',
    says({ ...allow, reasons: [{ rule: 'a', control: 'b', code: 'c' }] }),
    'unexpected',
  ],
  ['a challenge for nothing', says({ ...allow, outcome: 'challenge' }), 'unexpected'],
  ['an outcome of its own', says({ ...allow, outcome: 'Allow' }), 'unexpected'],
  ['no revision', says({ ...allow, ruleSet: { id: 'x' } }), 'unexpected'],
  ['a wrong revision', says({ ...allow, ruleSet: { id: 'x', revision: '1' } }), 'unexpected'],
  ['the decision of another', says({ ...allow, correlationId: 'other' }), 'unexpected'],
  ['a problem with status 200', says(unavailable, 200), 'unexpected'],
  ['a problem', says(unavailable, 503, { 'content-type': 'application/problem+json' }), 'problem'],
  ['half of a problem', says({ status: 503 }, 503), 'unexpected'],
  [
    'too much',
    (_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (answer.write(' '.repeat(65_536)));
      }
      answer.on('drain', more)
      more()
    },
    'unexpected',
    { mostBytes: 1_000_000 },
  ],
  ['nothing at all', () => undefined, 'late', { timeoutMs: 50 }],
  [
    'one byte after the other',
    (_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' })
      const text = JSON.stringify(allow)
      let at = 0
      const dripping = setInterval(() => answer.write(text[at++] ?? ' '), 5)
      answer.on('close', () => clearInterval(dripping))
    },
    'late',
    { timeoutMs: 100 },
  ],
  [
    'a part of what it said',
    (_, answer) => {
      const text = JSON.stringify(allow)
      answer.writeHead(200, {
        'content-type': 'application/json',
        'content-length': text.length + 1,
      })
      answer.write(text)
      setTimeout(() => answer.destroy(), 20)
    },
    'unreachable',
  ],
  [
    'chunks without an end',
    (_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' })
      answer.write(JSON.stringify(allow))
      setTimeout(() => answer.destroy(), 20)
    },
    'unreachable',
  ],
  ['a closed connection', (request) => request.socket.destroy(), 'unreachable'],
  ['no HTTP', (request) => request.socket.end('outcome: allow\r\n\r\n'), 'unreachable'],
]

describe('a client of a server that is none of ours', () => {
  const each = hostile.map(([name, answer, failure, options = {}]) => ({
    name,
    answer,
    failure,
    options,
  }))
  test.each(each)('is not let in by $name', async ({ answer, failure, options }) => {
    const client = await beside(answer, options)
    const error = await client.decide(signIn).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ failure, attempts: 1 })
    const decided = await client.decideOrBlock(signIn)
    expect(decided).toMatchObject({ allowed: false, error: { failure } })
    const others = [
      client.decideBatch([signIn]),
      client.explain(signIn),
      client.ruleSet(),
      client.status(),
      client.revisions(),
      client.reload(),
      client.activate('sha256:0000'),
      client.rollback(),
      client.shadow(),
      client.promote(),
    ]
    for (const other of await Promise.allSettled<unknown>(others))
      expect(other).toMatchObject({ status: 'rejected', reason: { name: 'ClientError' } })
  })

  test.each([
    ['fewer', [{ index: 0, ...allow }]],
    ['more', [0, 1, 2].map((index) => ({ index, ...allow }))],
    ['others', [1, 0].map((index) => ({ index, ...allow }))],
    ['none', {}],
  ])('takes no batch of %s answers', async (_, items) => {
    const client = await beside(says(items))
    await expect(client.decideBatch([signIn, signIn])).rejects.toMatchObject({
      failure: 'unexpected',
    })
  })

  test('blocks what can not even be asked about', async () => {
    const client = await beside(says(allow))
    const circle: Record<string, unknown> = {}
    circle['user'] = circle
    const decided = await client.decideOrBlock(circle as unknown as SignInQuestion)
    expect(decided).toMatchObject({ allowed: false, error: { failure: 'unexpected' } })
  })

  test('blocks when nobody listens, or there is no token', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', retries: 0 })
    expect(await client.decideOrBlock(signIn)).toMatchObject({
      allowed: false,
      error: { failure: 'unreachable' },
    })
    const without = await beside(says(allow), { token: () => Promise.reject(new Error('vault')) })
    expect(await without.decideOrBlock(signIn)).toMatchObject({ allowed: false })
  })

  test('shows its token to nobody else', async () => {
    const token = 'very-secret'
    let seen: string | undefined
    const client = await beside(
      (request, answer) => {
        seen = request.headers.authorization
        says({ ...unavailable, detail: 'x' }, 503)(request, answer)
      },
      { token },
    )
    const error = (await client.decide(signIn).catch((each: unknown) => each)) as ClientError
    expect(seen).toBe(`Bearer ${token}`)
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(token)
  })
})

describe('asking again', () => {
  /** Answers one after the other, and counts. */
  const inTurn = (...turns: readonly RequestListener[]) => {
    const asked = { times: 0 }
    const answer: RequestListener = (request, response) =>
      turns[Math.min(asked.times++, turns.length - 1)]!(request, response)
    return { asked, answer }
  }
  const busy = says(unavailable, 503, {
    'content-type': 'application/problem+json',
    'retry-after': '0',
  })
  const lost: RequestListener = (request) => request.socket.destroy()

  test.each<[string, readonly RequestListener[], number, 'allow' | Failure]>([
    ['after a 503 that says when', [busy, busy, says(allow)], 3, 'allow'],
    ['after a lost connection', [lost, says(allow)], 2, 'allow'],
    ['not for ever', [busy], 3, 'problem'],
    ['not after a 503 that does not say when', [says(unavailable, 503), says(allow)], 1, 'problem'],
    ['not after a 500', [says({ ...unavailable, status: 500 }, 500), says(allow)], 1, 'problem'],
    ['not after an answer that is none', [says('{'), says(allow)], 1, 'unexpected'],
  ])('%s', async (_, turns, times, ends) => {
    const { asked, answer } = inTurn(...turns)
    const client = await beside(answer, { retries: 2 })
    const decided = await client.decideOrBlock(signIn)
    expect(decided.error?.failure ?? decided.decision?.outcome).toBe(ends)
    expect(asked.times).toBe(times)
    if (decided.error) expect(decided.error.attempts).toBe(times)
  })

  test('not what changes the service', async () => {
    const { asked, answer } = inTurn(busy)
    const client = await beside(answer, { retries: 2 })
    const all = [
      client.reload(),
      client.activate('sha256:0000'),
      client.rollback(),
      client.promote(),
    ]
    for (const each of await Promise.allSettled(all))
      expect(each).toMatchObject({ reason: { failure: 'problem', attempts: 1 } })
    expect(asked.times).toBe(4)
  })

  test('not when the deadline would be over by then', async () => {
    const { asked, answer } = inTurn(says(unavailable, 503, { 'retry-after': '3600' }), says(allow))
    const client = await beside(answer, { retries: 5 })
    await expect(client.decide(signIn)).rejects.toMatchObject({ retryAfterMs: 3_600_000 })
    expect(asked.times).toBe(1)
  })

  test('after pauses that grow, and are drawn', () => {
    const error = new ClientError('unreachable', 'x')
    const pauses = (random: number) =>
      [1, 2, 3, 9].map((attempts) => pauseAfter(error, attempts, () => random))
    expect(pauses(1)).toEqual([50, 100, 200, 1_000])
    expect(pauses(0.5)).toEqual([25, 50, 100, 500])
    const told = new ClientError('problem', 'x', { retryAfterMs: 2_000 })
    expect(pauseAfter(told, 1, () => 0.5)).toBe(2_025)
    expect(pauseAfter(new ClientError('late', 'x'), 1, () => 0)).toBeUndefined()
  })
})

test('asks over a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-client-'))
  const socketPath = join(folder, 'socket')
  const server = createServer(says(allow))
  server.listen(socketPath)
  await once(server, 'listening')
  const client = createClient({ socketPath })
  expect(isAllowed(await client.decide(signIn))).toBe(true)
  client.close()
  server.close()
  rmSync(folder, { recursive: true })
})

test.each<[string, ClientOptions, RegExp]>([
  ['no url', { url: 'nowhere' }, /^url: expected one such as/],
  ['another protocol', { url: 'ftp://x' }, /^url: expected/],
  ['a path', { url: 'http://x/v1' }, /^url: expected/],
  ['a password in it', { url: 'http://a:b@127.0.0.1' }, /no user, password/],
  ['a token in the open', { url: 'http://example.com', token: 'x' }, /^token: expected https/],
  ['two tokens', { token: 'x\r\ny' }, /^token: expected letters/],
  ['no time', { timeoutMs: 0 }, /^timeoutMs: expected a whole number from 1, got 0/],
  ['half a retry', { retries: 0.5 }, /^retries: expected/],
  ['a misspelt name', { retrys: 2 } as ClientOptions, /^retrys: .*did you mean "retries"\?/],
  ['a name of none', { constructor: 1 } as ClientOptions, /^constructor: expected one of url,/],
  [
    'a misspelt name for TLS',
    { url: 'https://x', tls: { serverName: 'y' } as ClientOptions['tls'] & object },
    /^tls.serverName: .*did you mean "servername"\?/,
  ],
  ['keys for nothing', { tls: { ca: 'x' } }, /^tls: expected an https url/],
])('options with %s are refused', (_, options, message) => {
  expect(() => createClient(options)).toThrow(message)
  expect(() => createClient(options)).not.toThrow(/a:b/)
})

describe('shapes', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ components: { schemas: answers } }, 'answers')
  const samples: Readonly<Record<string, unknown>> = {
    Decision: allow,
    Problem: { ...unavailable, errors: [{ pointer: '/a', expected: 'b', got: 'c', hint: 'd' }] },
    BatchItems: [
      { index: 0, ...allow },
      { index: 1, ...unavailable },
    ],
    WouldBe: { outcome: 'block', requirements: [], changes: [{ fact: 'a', from: [], to: null }] },
    ShownCondition: {
      holds: true,
      line: 3,
      all: [
        { holds: true, line: 4, fact: 'a', operator: 'equal', seen: 1, wanted: 1 },
        { holds: true, line: 5, not: { holds: false, line: 5, condition: 'x' } },
      ],
    },
  }

  test('are all known', () => {
    for (const name of Object.keys(answers)) expect(shapeOf(name)({})).not.toBe('never')
    for (const [name, sample] of Object.entries(samples))
      expect(shapeOf(name)(sample)).toBeUndefined()
  })

  /** A value with one place of it changed. */
  function changed(value: unknown, path: readonly number[], to: unknown): unknown {
    const [first, ...rest] = path
    if (first === undefined || typeof value !== 'object' || value === null) return to
    const names = Object.keys(value)
    if (names.length === 0) return to
    const name = names[first % names.length]!
    if (Array.isArray(value))
      return value.map((each: unknown, index) =>
        String(index) === name ? changed(each, rest, to) : each,
      )
    const entries = Object.entries(value).flatMap(([member, each]) =>
      member !== name
        ? [[member, each]]
        : rest.length === 0 && to === undefined
          ? []
          : [[member, changed(each, rest, to)]],
    )
    return Object.fromEntries(entries)
  }

  test('take what JSON Schema takes, and refuse what it refuses', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(samples)),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
        fc.oneof(
          fc.constant(undefined),
          fc.jsonValue({ maxDepth: 1 }),
          fc.constantFrom('allow', 'challenge', 'block', 'mfa', ['mfa'], [], -1, 0.5),
        ),
        (name, path, to) => {
          const value: unknown = JSON.parse(JSON.stringify(changed(samples[name], path, to)) ?? '0')
          const validate = ajv.getSchema(`answers#/components/schemas/${name}`)!
          expect(shapeOf(name)(value) === undefined).toBe(validate(value))
        },
      ),
      { numRuns: 2_000 },
    ))
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
test.skipIf(!hasOpenssl)(
  'over TLS it believes whom it is told to, by the name that it is told, and shows its own certificate',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-client-'))
    open.push(() => rmSync(folder, { recursive: true }))
    const made = (name: string, ...more: readonly string[]) => {
      const asked = `req -x509 -newkey ed25519 -days 2 -subj /CN=${name} -addext subjectAltName=DNS:${name}.test`
      const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
      const { status } = spawnSync('openssl', [...asked.split(' '), ...files, ...more], {
        cwd: folder,
      })
      expect(status).toBe(0)
      const [cert, key] = ['pem', 'key'].map((kind) =>
        readFileSync(join(folder, `${name}.${kind}`)),
      )
      return { cert: cert!, key: key! }
    }
    const service = made('service', '-nodes')
    const caller = { ...made('caller', '-passout', 'pass:word'), passphrase: 'word' }
    const shown: string[] = []
    const server = await listening(
      createSecureServer(
        { ...service, ca: caller.cert, requestCert: true, rejectUnauthorized: false },
        ({ socket }, response) => {
          const { authorized } = socket as TLSSocket
          shown.push(authorized ? 'a certificate' : 'none')
          response.setHeader('content-type', 'application/json').end(JSON.stringify(allow))
        },
      ),
    )
    const decided = async (tls: NonNullable<ClientOptions['tls']>) => {
      const url = urlOf(server).replace('http:', 'https:')
      const client = createClient({ url, retries: 0, timeoutMs: 20_000, deadlineMs: 20_000, tls })
      open.push(() => client.close())
      return (await client.decideOrBlock(signIn)).allowed
    }
    const named = { ca: service.cert, servername: 'service.test' }
    expect(await decided(named)).toBe(true)
    expect(await decided({ ...named, ...caller })).toBe(true)
    expect(shown).toEqual(['none', 'a certificate'])
    for (const tls of [
      {},
      { servername: 'service.test' },
      { ca: service.cert },
      { ...named, servername: 'other.test' },
      { ...named, ca: caller.cert },
    ])
      expect(await decided(tls)).toBe(false)
    expect(shown).toHaveLength(2)
  },
)

test('a question that is no JSON ends as any other failure does, and is not asked', async () => {
  let asked = 0
  const client = await beside((_, answer) => {
    asked++
    says(allow)(_, answer)
  })
  const ring: Record<string, unknown> = { ...signIn }
  ring['user'] = ring
  const wrong = ring as SignInQuestion
  const big = 1n as unknown as string
  for (const ask of [
    () => client.decide(wrong),
    () => client.decideBatch([signIn, wrong]),
    () => client.explain(wrong),
    () => client.activate(big),
    () => client.promote(big),
  ])
    await expect(ask()).rejects.toMatchObject({
      name: 'ClientError',
      failure: 'unexpected',
      attempts: 0,
      message: 'the question can not be written as JSON',
    })
  expect(await client.decideOrBlock(wrong)).toMatchObject({ allowed: false })
  expect(asked).toBe(0)
})

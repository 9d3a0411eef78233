import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { inline, Unavailable, type Decider } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { scopes } from '../access/scopes.ts'
import { digestOf, newToken } from '../access/tokens.ts'
import { createApp } from '../app.ts'
import { httpServer } from '../http.ts'
import { watchService } from '../metrics.ts'
import { problems, type ProblemName } from '../problems.ts'
import { serve, type Running } from '../serve.ts'
import { servicesOf, type Services } from '../services.ts'
import { endpoints, everywhere, guarded, type Endpoint, type EndpointName } from './endpoints.ts'
import { openApi, scopeOf, signInExample } from './open-api.ts'

const { pack } = shippedPacks[0]!
const whole = JSON.stringify(pack.cases[0]!.signIn)
const challenged = JSON.stringify(
  pack.cases.find(({ expect }) => expect.outcome === 'challenge')!.signIn,
)
const blocked = JSON.stringify(pack.cases.find(({ expect }) => expect.outcome === 'block')!.signIn)

/**
 * A service as it runs, one whose rules change when they are read anew, one whose can't be read, one whose decider is broken, or
 * busy, one that starts, and one that is in a hurry.
 */
const kinds = [
  'whole',
  'shadowing',
  'guarded',
  'changing',
  'unreadable',
  'broken',
  'busy',
  'starting',
  'hasty',
] as const
type ServiceKind = (typeof kinds)[number]
const urls: Partial<Record<ServiceKind, string>> = {}
const running: Running[] = []
const closing: (() => void)[] = []

/** Tokens that are good for everything, for everything once a second, and for one scope each. */
const tokens = Object.fromEntries(['all', 'slow', ...scopes].map((name) => [name, newToken()]))
const entries = Object.entries(tokens).map(([id, token]) => ({
  id,
  sha256: digestOf(token),
  scopes: (scopes as readonly string[]).includes(id) ? [id] : scopes,
  expires: null,
  ...(id === 'slow' && { ratePerSecond: 1 }),
}))
const broken = mkdtempSync(join(tmpdir(), 'portcullis-contract-'))
writeFileSync(join(broken, 'pack.json'), '{ "id": ')
writeFileSync(join(broken, 'tokens.json'), JSON.stringify({ tokens: entries }), { mode: 0o600 })
afterAll(() => rmSync(broken, { recursive: true }))

const candidate = {
  pack: shippedPacks[1]!.pack,
  source: readPack(packFolder(shippedPacks[1]!.name)!),
}
/** Lets the shadow see what its candidate decides otherwise. */
async function differs(): Promise<void> {
  const { client, ...rest } = JSON.parse(whole) as { readonly client: object }
  const signIn = { ...rest, client: { ...client, authenticationFlow: 'deviceCode' } }
  const ask = (path: string, body?: string) =>
    fetch(`${urls.shadowing!}${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }),
    })
  await vi.waitFor(
    async () => {
      await ask('/v1/decisions', JSON.stringify(signIn))
      const { candidate } = (await (await ask('/v1/shadow')).json()) as {
        candidate: { examples?: readonly object[] }
      }
      expect(candidate.examples?.length).toBeGreaterThan(0)
    },
    { timeout: 25_000, interval: 200 },
  )
}

beforeAll(async () => {
  for (const [kind, flags] of [
    ['whole', {}],
    ['changing', { pack: 'security-defaults-current' }],
    ['unreadable', { pack: broken }],
    ['shadowing', {}],
    ['guarded', { tokens: join(broken, 'tokens.json') }],
    ['hasty', { headersTimeout: '100' }],
  ] as const) {
    const source = readPack(packFolder('security-defaults')!)
    const beside = kind === 'shadowing' ? { candidate } : {}
    const service = await serve(pack, settingsOf(flags), () => undefined, source, beside)
    running.push(service)
    urls[kind] = service.url
  }
  await differs()
  const failing = (error: Error): Decider => ({
    ...inline(pack.ruleSet),
    atOnce: () => undefined,
    decide: () => Promise.reject(error),
  })
  for (const [kind, given] of [
    ['broken', { decider: failing(new TypeError('planted')) }],
    ['busy', { decider: failing(new Unavailable('busy')) }],
    ['starting', { isReady: () => false }],
  ] as const satisfies readonly [ServiceKind, Partial<Services>][]) {
    const metrics = watchService()
    const services = servicesOf({
      settings: settingsOf(),
      live: () => pack,
      decider: inline(pack.ruleSet),
      metrics,
      ...given,
    })
    const server = httpServer(createApp(services), services)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    urls[kind] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    closing.push(() => {
      metrics.close()
      server.close()
    })
  }
})
afterAll(async () => {
  for (const close of closing) close()
  await Promise.all(running.map((each) => each.stop()))
})

const noMetrics = watchService()
afterAll(() => noMetrics.close())

type Provoked = {
  readonly asks: EndpointName
  /** A status with the media type of its body, or a problem. */
  readonly gets: `${number} ${string}` | '304' | ProblemName
  readonly of?: ServiceKind
  readonly path?: string
  readonly sends?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Asked so often at once; what counts is the answer that is to come. */
  readonly times?: number
}

const ndjson = { 'content-type': 'application/x-ndjson' }

/** What each endpoint that decides can have wrong with it. */
const wrong = (asks: EndpointName, embed = (signIn: string) => signIn): readonly Provoked[] => [
  { asks, gets: 'invalid-json', sends: asks.endsWith('batch') ? '[' : '{' },
  { asks, gets: 'invalid-sign-in', sends: asks.endsWith('batch') ? '{}' : '{"user":{"rolls":[]}}' },
  { asks, gets: 'too-large', sends: ' '.repeat(8_400_000) },
  { asks, gets: 'unsupported-media-type', sends: whole, headers: { 'content-type': 'text/html' } },
  { asks, gets: 'internal', of: 'broken', sends: embed(whole) },
  { asks, gets: 'unavailable', of: 'busy', sends: embed(whole) },
]

/** What each command of an operator can have wrong with it. */
const wrongCommand = (asks: EndpointName): readonly Provoked[] => [
  { asks, gets: 'invalid-json', sends: '{' },
  { asks, gets: 'invalid-request', sends: '{"revison":"sha256:0000"}' },
  { asks, gets: 'too-large', sends: ' '.repeat(5_000) },
  { asks, gets: 'unsupported-media-type', sends: '', headers: { 'content-type': 'text/plain' } },
]

const bearer = (name: string) => ({ authorization: `Bearer ${tokens[name]!}` })
const scopeOfEndpoint = (name: string) => scopeOf(...(name.split(' ') as [string, string]))
/** What each endpoint says to those who may not ask it. */
const unwanted = (Object.keys(endpoints) as EndpointName[]).flatMap((asks): readonly Provoked[] => {
  const scope = scopeOfEndpoint(asks)
  if (scope === 'none') return []
  const another = scopes.find((each) => each !== scope)!
  return [
    { asks, gets: 'unauthorized', of: 'guarded' },
    { asks, gets: 'forbidden', of: 'guarded', headers: bearer(another) },
    { asks, gets: 'cross-site', headers: { origin: 'http://elsewhere.example' } },
    { asks, gets: 'too-many-requests', of: 'guarded', headers: bearer('slow'), times: 40 },
  ]
})

const provocations: readonly Provoked[] = [
  ...unwanted,
  {
    asks: 'GET /v1/status',
    gets: '200 application/json',
    of: 'guarded',
    headers: bearer('metrics'),
  },
  { asks: 'POST /v1/decisions', gets: '200 application/json', sends: whole },
  { asks: 'POST /v1/decisions', gets: '200 application/json', sends: challenged },
  { asks: 'POST /v1/decisions', gets: '200 application/json', sends: blocked },
  {
    asks: 'POST /v1/decisions',
    gets: '200 application/json',
    sends: JSON.stringify(signInExample),
  },
  ...wrong('POST /v1/decisions'),
  {
    asks: 'POST /v1/decisions/batch',
    gets: '200 application/json',
    sends: `[${whole},{},${challenged},${blocked}]`,
  },
  {
    asks: 'POST /v1/decisions/batch',
    gets: '200 application/x-ndjson',
    sends: `${whole}\n{\n${blocked}\n`,
    headers: ndjson,
  },
  ...wrong('POST /v1/decisions/batch', (signIn) => `[${signIn}]`),
  { asks: 'POST /v1/decisions/explain', gets: '200 application/json', sends: whole },
  { asks: 'POST /v1/decisions/explain', gets: '200 application/json', sends: challenged },
  { asks: 'POST /v1/decisions/explain', gets: '200 application/json', sends: blocked },
  ...wrong('POST /v1/decisions/explain'),
  { asks: 'GET /v1/rule-set', gets: '200 application/json' },
  {
    asks: 'GET /v1/rule-set',
    gets: '304',
    headers: { 'if-none-match': `"${pack.ruleSet.revision}"` },
  },
  { asks: 'GET /v1/rule-set/revisions', gets: '200 application/json' },
  { asks: 'GET /v1/status', gets: '200 application/json' },
  { asks: 'POST /v1/rule-set/rollback', gets: 'nothing-before', sends: '' },
  ...wrongCommand('POST /v1/rule-set/rollback'),
  { asks: 'POST /v1/rule-set/reload', gets: '200 application/json', sends: '' },
  { asks: 'POST /v1/rule-set/reload', gets: '200 application/json', sends: '', of: 'changing' },
  { asks: 'POST /v1/rule-set/reload', gets: 'rule-set-refused', sends: '{}', of: 'unreadable' },
  ...wrongCommand('POST /v1/rule-set/reload'),
  { asks: 'POST /v1/rule-set/rollback', gets: '200 application/json', sends: '{}', of: 'changing' },
  { asks: 'GET /v1/rule-set/revisions', gets: '200 application/json', of: 'changing' },
  { asks: 'GET /v1/status', gets: '200 application/json', of: 'changing' },
  { asks: 'GET /readyz', gets: '200 application/json', of: 'changing' },
  {
    asks: 'POST /v1/rule-set/activate',
    gets: '200 application/json',
    sends: JSON.stringify({ revision: pack.ruleSet.revision }),
  },
  {
    asks: 'POST /v1/rule-set/activate',
    gets: 'unknown-revision',
    sends: `{"revision":"sha256:${'0'.repeat(64)}"}`,
  },
  ...wrongCommand('POST /v1/rule-set/activate'),
  { asks: 'GET /v1/shadow', gets: '200 application/json' },
  { asks: 'GET /v1/shadow', gets: '200 application/json', of: 'shadowing' },
  { asks: 'POST /v1/shadow/promote', gets: 'not-the-candidate', sends: '' },
  ...wrongCommand('POST /v1/shadow/promote'),
  { asks: 'POST /v1/shadow/promote', gets: '200 application/json', sends: '{}', of: 'shadowing' },
  { asks: 'GET /livez', gets: '200 application/json' },
  { asks: 'GET /readyz', gets: '200 application/json' },
  { asks: 'GET /readyz', gets: '503 application/json', of: 'starting' },
  { asks: 'GET /metrics', gets: '200 text/plain' },
  ...['text/html', 'application/json', 'text/plain'].flatMap((accept): readonly Provoked[] => [
    { asks: 'GET /problems', gets: `200 ${accept}`, headers: { accept } },
    {
      asks: 'GET /problems/{name}',
      gets: `200 ${accept}`,
      path: '/problems/timeout',
      headers: { accept },
    },
  ]),
  { asks: 'GET /problems/{name}', gets: 'not-found', path: '/problems/none' },
  { asks: 'GET /openapi.json', gets: '200 application/json' },
  { asks: 'GET /openapi.json', gets: '304' },
  { asks: 'GET /docs', gets: '200 text/html' },
  { asks: 'GET /docs/rapidoc.js', gets: '200 text/javascript' },
  { asks: 'GET /docs/rapidoc.js', gets: '304' },
]

const document = openApi() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, Documented>>>>
}
type Operation = { readonly responses: Readonly<Record<string, Documented>> }
type Documented = {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, { schema: object; 'x-line-schema'?: object }>>
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    uuid,
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    'json-pointer': /^(?:\/(?:[^~/]|~[01])*)*$/,
  },
})
/** Every object that the document describes may have the members that it names, and no others: what is sent is documented. */
ajv.addSchema(closed(document, false), 'document')

function closed<S>(schema: S, atUse?: boolean): S
function closed(schema: unknown, atUse = true): unknown {
  if (Array.isArray(schema)) return schema.map((each: unknown) => closed(each, false))
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (name === 'properties')
        return [
          name,
          Object.fromEntries(
            Object.entries(value as object).map(([member, each]) => [member, closed(each)]),
          ),
        ]
      const isUse = ['items', 'additionalProperties', 'schema', 'x-line-schema'].includes(name)
      return [name, closed(value, isUse)]
    }),
  )
  const isKnown = ['properties', '$ref', 'allOf', 'oneOf'].some((name) => name in inside)
  return atUse && isKnown && !('additionalProperties' in inside)
    ? { ...inside, unevaluatedProperties: false }
    : inside
}

function mustBe(pointer: string, value: unknown): void {
  const validate = ajv.getSchema(`document#${pointer}`)
  if (validate === undefined) throw new Error(`nothing at ${pointer}`)
  if (!validate(value)) throw new Error(`${pointer}: ${ajv.errorsText(validate.errors)}`)
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
const pointerTo = (...parts: readonly string[]) =>
  parts.map((part) => `/${encodeURIComponent(escaped(part))}`).join('')

/** Holds an answer against what the document says of that status; resolves to how the table names it. */
async function check(endpoint: EndpointName, response: Response): Promise<string> {
  const [method, path] = endpoint.split(' ') as [string, string]
  const { responses } = document.paths[path]![method.toLowerCase()]!
  const status = String(response.status)
  const documented = responses[status]
  if (documented === undefined) throw new Error(`${endpoint}: ${status} is not documented`)
  for (const header of Object.keys(documented.headers ?? {}))
    expect(response.headers.get(header), header).not.toBeNull()
  const body = await response.text()
  if (documented.content === undefined) {
    expect(body).toBe('')
    return status
  }
  const type = response.headers.get('content-type')!.split(';')[0]!
  const content = documented.content[type]
  if (content === undefined) throw new Error(`${endpoint}: ${status} with ${type}`)
  const at = pointerTo('paths', path, method.toLowerCase(), 'responses', status, 'content', type)
  if (content['x-line-schema'])
    for (const line of body.trimEnd().split('\n'))
      mustBe(`${at}/x-line-schema`, JSON.parse(line) as unknown)
  else mustBe(`${at}/schema`, type.endsWith('json') ? (JSON.parse(body) as unknown) : body)
  return type === 'application/problem+json'
    ? (JSON.parse(body) as { type: string }).type.slice('/problems/'.length)
    : `${status} ${type}`
}

async function ask(provoked: Provoked): Promise<Response> {
  const { asks, of = 'whole', sends, headers, gets } = provoked
  const [method, documented] = asks.split(' ') as [string, string]
  const url = `${urls[of]!}${provoked.path ?? documented}`
  const tag = gets === '304' && !headers ? (await fetch(url)).headers.get('etag') : null
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(sends !== undefined && { 'content-type': 'application/json' }),
      ...headers,
      ...(tag && { 'if-none-match': tag }),
    },
    ...(sends !== undefined && { body: sends }),
  })
}

describe('the description of the service', () => {
  test('is OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
    )
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })

  test('is checked in as it is made (npm run schemas)', () => {
    const file = join(import.meta.dirname, '../../docs/openapi.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)))
  })

  test('says where whatever it refers to is', () => {
    for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g))
      expect(ajv.getSchema(`document#${pointer!}`), pointer).toBeDefined()
  })

  test.each(provocations.map((each) => [each.asks, each.gets, each] as const))(
    '%s: %s is as it says',
    async (asks, gets, provoked) => {
      const asked = Array.from({ length: provoked.times ?? 1 }, () => ask(provoked))
      const got = await Promise.all(asked.map(async (each) => check(asks, await each)))
      if (provoked.times === undefined) expect(got).toEqual([gets])
      else expect(got).toContain(gets)
    },
  )

  test('says nothing of an endpoint that was not seen above', () => {
    const seen = new Set(provocations.map(({ asks, gets }) => `${asks}: ${gets}`))
    const said = Object.entries<Endpoint>(endpoints).flatMap(([name, { answers, problems }]) => [
      ...Object.entries(answers).flatMap(([status, { content }]) =>
        content
          ? Object.keys(content).map((type) => `${name}: ${status} ${type}`)
          : [`${name}: ${status}`],
      ),
      ...[...(problems ?? []), ...(scopeOfEndpoint(name) === 'none' ? [] : guarded)].map(
        (problem) => `${name}: ${problem}`,
      ),
    ])
    expect(said.filter((each) => !seen.has(each))).toEqual([])
  })

  const get = 'GET /livez HTTP/1.1\r\nhost: localhost\r\n'
  const anywhere: Readonly<Record<string, readonly [text: string, of?: ServiceKind]>> = {
    'bad-request': [`${get}host: y\r\n\r\n`],
    'not-found': ['GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'],
    'method-not-allowed': [
      'DELETE /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    ],
    timeout: [get, 'hasty'],
    'expectation-failed': [`${get}expect: much\r\nconnection: close\r\n\r\n`],
    misdirected: ['GET /livez HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n'],
    'headers-too-large': [`${get}x: ${'a'.repeat(20_000)}\r\n\r\n`],
    internal: [
      `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`,
      'broken',
    ],
    unavailable: [
      `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`,
      'busy',
    ],
    'version-not-supported': ['GET /livez HTTP/2.0\r\nhost: localhost\r\n\r\n'],
  }

  test.each(everywhere)('%s may come from anywhere, and is as it says', async (name) => {
    const [text, of = 'whole'] = anywhere[name]!
    const got = await raw(urls[of]!, text)
    const [head = '', body = ''] = got.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problems[name].status} `))
    expect(head).toMatch(/^content-type: application\/problem\+json$/im)
    const problem = JSON.parse(body) as { type: string }
    expect(problem.type).toBe(`/problems/${name}`)
    mustBe('/components/responses/Problem/content/application~1problem+json/schema', problem)
  })

  test('leaves out nothing that is mounted', () => {
    const app = createApp(
      servicesOf({
        settings: settingsOf(),
        live: () => pack,
        decider: inline(pack.ruleSet),
        metrics: noMetrics,
      }),
    )
    const mounted = app.routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    )
    expect(Object.keys(endpoints).toSorted()).toEqual(mounted.toSorted())
  })

  test('leaves out no problem', () => {
    const said = new Set<string>([
      ...everywhere,
      ...guarded,
      ...Object.values<Endpoint>(endpoints).flatMap((each) => each.problems ?? []),
    ])
    expect(Object.keys(problems).filter((name) => !said.has(name))).toEqual([])
  })

  test('would not let an answer pass that says more or less', () => {
    const at = '/components/schemas/Decision'
    const decision = {
      decisionId: '435ec362-0b77-4d0a-ad10-5260057e0f78',
      evaluatedAt: '2026-11-23T02:30:14.728Z',
      outcome: 'allow',
      requirements: [],
      advice: [],
      reasons: [],
      assumed: [],
      ruleSet: { id: 'x', revision: `sha256:${'0'.repeat(64)}` },
    }
    expect(() => mustBe(at, decision)).not.toThrow()
    for (const change of [
      { outcome: 'grant' },
      { outcome: 'challenge' },
      { requirements: ['mfa'] },
      { ruleSet: { id: 'x' } },
      { ruleSet: { ...decision.ruleSet, more: 1 } },
      { decisionId: undefined },
    ])
      expect(() => mustBe(at, { ...decision, ...change })).toThrow(at)
  })
})

/** Sends a text as it is, and resolves to all that comes back until the connection ends. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let got = ''
    socket.setTimeout(20_000, () => socket.destroy())
    socket.on('data', (data) => (got += data.toString()))
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
  })
}

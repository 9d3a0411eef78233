import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { serve, type Running } from '../serve.ts'
import { readSettings } from '../settings/read.ts'
import type { Scope } from './scopes.ts'

const { pack } = shippedPacks[0]!
const signIn = JSON.stringify(pack.cases[0]!.signIn)
const [issuer, audience] = ['https://issuer.example', 'portcullis']

const [rsa, ec, stranger] = await Promise.all([
  generateKeyPair('RS256', { extractable: true }),
  generateKeyPair('ES256', { extractable: true }),
  generateKeyPair('RS256', { extractable: true }),
])
const publicPem = await exportSPKI(rsa.publicKey)
const jwks = {
  keys: [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', use: 'sig' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256' },
  ],
}

/** Says keys, or what else `answer` makes of it. */
let answer: (outgoing: ServerResponse) => void
let fetched = 0
const wellBehaved: typeof answer = (outgoing) => outgoing.end(JSON.stringify(jwks))
answer = wellBehaved
const keys: Server = createServer((_, outgoing) => {
  fetched++
  answer(outgoing)
})
await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
const jwksUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`

const running: Running[] = []
const logged: string[] = []
async function start(flags: Readonly<Record<string, string>> = {}): Promise<Running> {
  const given = { port: '0', threads: '1', jwksUrl, jwtIssuer: issuer, jwtAudience: audience }
  const settings = settingsOf({ ...given, jwtClockTolerance: '5', ...flags })
  const each = await serve(pack, settings, (...line) => logged.push(JSON.stringify(line)))
  running.push(each)
  return each
}
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()))
  keys.closeAllConnections()
  keys.close()
})
afterEach(() => {
  answer = wellBehaved
})
const service = await start()

const nowSeconds = () => Math.floor(Date.now() / 1_000)
type Given = {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: Parameters<SignJWT['sign']>[0]
}
/** A right token, but for what is given. */
const jwt = ({ claims = {}, header = {}, key = rsa.privateKey }: Given = {}) =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    sub: 'somebody',
    exp: nowSeconds() + 300,
    scope: 'decide explain',
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'rsa', ...header })
    .sign(key)
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** What the library would not sign. */
const unsigned = (header: object, signature = '') =>
  `${part(header)}.${part({ iss: issuer, aud: audience, exp: nowSeconds() + 300, scope: 'decide' })}.${signature}`

const secrets: string[] = []
async function ask(token: string, { url } = service, wanted: Scope = 'decide') {
  secrets.push(token)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const path = {
    decide: '/v1/decisions',
    explain: '/v1/rule-set',
    metrics: '/metrics',
    admin: '/v1/rule-set/revisions',
  }
  const got = await fetch(`${url}${path[wanted]}`, {
    headers,
    ...(wanted === 'decide' && { method: 'POST', body: signIn }),
  })
  return { status: got.status, text: await got.text(), headers: got.headers }
}

describe('a JWT', () => {
  test.each<[string, Readonly<Record<string, unknown>>, readonly Scope[]]>([
    ['scope', { scope: 'decide explain' }, ['decide', 'explain']],
    ['scp as a text', { scope: undefined, scp: 'metrics' }, ['metrics']],
    ['scp as an array', { scope: undefined, scp: ['decide'] }, ['decide']],
    ['roles', { scope: undefined, roles: ['admin', 'decide'] }, ['admin', 'decide']],
    [
      'all of them',
      { scope: 'decide', scp: 'explain', roles: ['metrics'] },
      ['decide', 'explain', 'metrics'],
    ],
    ['no scopes', { scope: undefined }, []],
    ['scopes that are none of ours', { scope: 'Decide decide.all openid' }, []],
    ['scopes of another kind', { scope: { decide: true }, scp: 7, roles: [['decide']] }, []],
  ])('is good for what it says: %s', async (_, claims, good) => {
    const token = await jwt({ claims })
    for (const wanted of ['decide', 'explain', 'metrics', 'admin'] as const) {
      const { status } = await ask(token, service, wanted)
      expect([wanted, status]).toEqual([wanted, good.includes(wanted) ? 200 : 403])
    }
  })

  test('by another key of the issuer is as good', async () => {
    const token = await jwt({ header: { alg: 'ES256', kid: 'ec' }, key: ec.privateKey })
    expect((await ask(token)).status).toBe(200)
  })

  test('for several audiences is good if this is one', async () => {
    expect((await ask(await jwt({ claims: { aud: ['x', audience] } }))).status).toBe(200)
  })

  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['that has expired', () => jwt({ claims: { exp: nowSeconds() - 60 } }), /has expired/],
    ['that does not expire', () => jwt({ claims: { exp: undefined } }), /lacks a claim/],
    ['whose expiry is a text', () => jwt({ claims: { exp: '9999999999' } }), /claim|should be/],
    ['that is not valid yet', () => jwt({ claims: { nbf: nowSeconds() + 60 } }), /not valid yet/],
    ['for another audience', () => jwt({ claims: { aud: 'other' } }), /another audience/],
    ['for nobody', () => jwt({ claims: { aud: undefined } }), /another audience/],
    ['of another issuer', () => jwt({ claims: { iss: 'https://evil.example' } }), /issuer/],
    ['of no issuer', () => jwt({ claims: { iss: undefined } }), /issuer/],
    ['without a signature, alg none', () => unsigned({ alg: 'none' }), /algorithm/],
    [
      'without a signature, alg None and the kid of a key',
      () => unsigned({ alg: 'None', kid: 'rsa' }),
      /algorithm/,
    ],
    [
      'without a signature, alg RS256',
      () => unsigned({ alg: 'RS256', kid: 'rsa' }),
      /signature|should be/,
    ],
    [
      'signed by HS256 with the public key',
      () => jwt({ header: { alg: 'HS256' }, key: new TextEncoder().encode(publicPem) }),
      /algorithm/,
    ],
    [
      'signed by an algorithm that is not allowed',
      () =>
        jwt({ header: { alg: 'RS512' }, key: rsa.privateKey }).catch(() =>
          unsigned({ alg: 'RS512', kid: 'rsa' }, 'AAAA'),
        ),
      /algorithm/,
    ],
    [
      'signed by somebody else in the name of a key',
      () => jwt({ key: stranger.privateKey }),
      /signature/,
    ],
    ['signed by a key that is not published', () => jwt({ header: { kid: 'other' } }), /publish/],
    [
      'that brings its own key',
      async () =>
        jwt({
          header: { kid: 'mine', jwk: await exportJWK(stranger.publicKey) },
          key: stranger.privateKey,
        }),
      /publish/,
    ],
    [
      'that says where its key is',
      () => jwt({ header: { kid: 'mine', jku: jwksUrl }, key: stranger.privateKey }),
      /publish/,
    ],
    [
      'of RSA in the name of an elliptic key',
      () => jwt({ header: { kid: 'ec' } }),
      /publish|signature/,
    ],
    [
      'whose claims were changed',
      async () => {
        const [head, , signature] = (await jwt()).split('.')
        return `${head}.${part({ iss: issuer, aud: audience, exp: nowSeconds() + 300, scope: 'admin decide' })}.${signature}`
      },
      /signature/,
    ],
    [
      'with a header that must be understood and is not',
      () => unsigned({ alg: 'RS256', kid: 'rsa', crit: ['x'], x: 1 }, 'AAAA'),
      /should be/,
    ],
    [
      'bound to a certificate, on a connection without one',
      () => jwt({ claims: { cnf: { 'x5t#S256': 'A'.repeat(43) } } }),
      /bound/,
    ],
    ['bound to a key of DPoP', () => jwt({ claims: { cnf: { jkt: 'A'.repeat(43) } } }), /bound/],
    ['bound to nothing that is known', () => jwt({ claims: { cnf: {} } }), /bound/],
    [
      'bound to a thumbprint that is none',
      () => jwt({ claims: { cnf: { 'x5t#S256': 'x' } } }),
      /bound/,
    ],
    ['that is oversized', () => jwt({ claims: { x: 'a'.repeat(9_000) } }), /shorter/],
    ['of three words', () => 'a.b.c', /should be|algorithm/],
    ['encrypted, in five parts', () => 'a.b.c.d.e', /not known/],
  ])('%s is refused', async (_, make, told) => {
    const token = await make()
    for (let time = 0; time < 2; time++) {
      const { status, text, headers } = await ask(token) // the second time, too
      expect(status).toBe(401)
      expect((JSON.parse(text) as { detail: string }).detail).toMatch(told)
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(text).not.toContain('outcome')
    }
  })

  test('is not good a moment longer than it says, although it is known', async () => {
    const { url } = await start({ jwtClockTolerance: '0' })
    const token = await jwt({ claims: { exp: nowSeconds() + 3 } })
    expect((await ask(token, { url } as Running)).status).toBe(200)
    await vi.waitFor(async () => expect((await ask(token, { url } as Running)).status).toBe(401), {
      timeout: 30_000,
      interval: 250,
    })
  })

  test('has a limit of its own', async () => {
    const limited = await start({ rateLimit: '3' })
    const [one, other] = await Promise.all([
      jwt({ claims: { sub: 'one' } }),
      jwt({ claims: { sub: 'other' } }),
    ])
    await ask(other, limited)
    const got = await Promise.all(Array.from({ length: 20 }, () => ask(one, limited)))
    expect(got.filter(({ status }) => status === 429).length).toBeGreaterThan(10)
    expect((await ask(other, limited)).status).toBe(200)
  })
})

describe('the keys of the issuer', () => {
  test('are fetched once for many tokens, and unknown ones do not have them fetched again and again', async () => {
    const each = await start()
    const before = fetched
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => ask(await jwt({ claims: { at } }), each)),
    )
    for (let time = 0; time < 20; time++) await ask(await jwt({ header: { kid: `${time}` } }), each)
    expect(fetched - before).toBe(1)
  })

  test.each<[string, typeof answer]>([
    ['are not there', (outgoing) => outgoing.writeHead(404).end()],
    ['are elsewhere', (outgoing) => outgoing.writeHead(302, { location: jwksUrl }).end()],
    ['are no JSON', (outgoing) => outgoing.end('<html>')],
    ['are no keys', (outgoing) => outgoing.end('{}')],
    [
      'are endless',
      (outgoing) => {
        const pour = () => {
          while (outgoing.write('x'.repeat(65_536)));
        }
        outgoing.on('drain', pour)
        pour()
      },
    ],
    ['do not come', (outgoing) => outgoing.destroy()],
  ])('that %s let nobody in, and are asked for again later', async (_, how) => {
    const each = await start()
    answer = how
    const token = await jwt()
    const got = await ask(token, each)
    expect([got.status, got.headers.get('retry-after')]).toEqual([503, '1'])
    const before = fetched
    for (let time = 0; time < 5; time++) expect((await ask(token, each)).status).toBe(503)
    expect(fetched - before).toBeLessThan(5)
    answer = wellBehaved
    await vi.waitFor(async () => expect((await ask(token, each)).status).toBe(200), {
      timeout: 30_000,
      interval: 250,
    })
  })
})

test('many tokens at once that have to be verified do not hold up one that is known', async () => {
  const each = await start()
  const known = await jwt()
  expect((await ask(known, each)).status).toBe(200)
  const others = Array.from({ length: 300 }, (_, at) =>
    ask(unsigned({ alg: 'RS256', kid: 'rsa', at }, 'A'.repeat(342)), each),
  )
  expect((await ask(known, each)).status).toBe(200)
  for (const { status } of await Promise.all(others)) expect([401, 503]).toContain(status)
})

test.each<[Record<string, string>, RegExp]>([
  [{ jwtIssuer: '' }, /jwt-issuer/],
  [{ jwtAlgorithms: 'HS256' }, /jwt-algorithms.*HS256/],
  [{ jwtAlgorithms: 'none' }, /jwt-algorithms.*none/],
  [{ jwksUrl: 'http://issuer.example/keys' }, /expected https/],
  [{ jwksUrl: 'file:///etc/passwd' }, /jwks-url/],
])('%j is no setting', (flags, why) => {
  const read = readSettings({ jwksUrl, jwtIssuer: issuer, jwtAudience: audience, ...flags }, {})
  expect('faults' in read && read.faults.join()).toMatch(why)
})

test('no token is in a log or an answer', async () => {
  const answers = await Promise.all(
    secrets.slice(0, 200).map(async (token) => (await ask(token)).text),
  )
  const all = [...answers, ...logged].join('\n')
  expect(answers.length).toBeGreaterThan(50)
  for (const token of secrets) {
    const [, claims, signature] = token.split('.')
    expect(all.includes(token)).toBe(false)
    if (claims !== undefined && claims.length > 20) expect(all.includes(claims)).toBe(false)
    if (signature !== undefined && signature.length > 20)
      expect(all.includes(signature)).toBe(false)
  }
})

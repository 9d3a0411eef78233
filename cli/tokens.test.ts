import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { digestOf } from '../server/index.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-tokens-command-'))
const path = join(folder, 'tokens.json')
afterAll(() => rmSync(folder, { recursive: true }))

async function tokens(...args: readonly string[]) {
  let [out, err] = ['', '']
  const code = await run(['tokens', ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(''),
    env: { PORTCULLIS_TOKENS: path },
    now: () => Date.UTC(2026, 0, 1),
    terminal: false,
  })
  return { code, out, err }
}

test('a token is made, listed and revoked, and shown at no other time', async () => {
  const made = await tokens(
    'create',
    '--id',
    'gateway',
    '--scopes',
    'decide,explain',
    '--rate',
    '50',
  )
  expect(made).toMatchObject({
    code: 0,
    err: expect.stringContaining('expires 2026-04-01T00:00:00.000Z') as string,
  })
  expect(made.out).toMatch(/^portcullis_[\w-]{43}\n$/)
  const token = made.out.trim()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const kept = readFileSync(path, 'utf8')
  expect(kept).not.toContain(token)
  expect(kept).toContain(digestOf(token))

  expect(
    (await tokens('create', '--id', 'ops', '--scopes', 'admin', '--expires', 'never')).code,
  ).toBe(0)
  const listed = await tokens('list')
  expect(listed.out).toBe(
    'gateway  token  decide,explain  expires 2026-04-01T00:00:00.000Z  50 a second\nops      token  admin           never expires\n',
  )
  expect(JSON.parse((await tokens('list', '--json')).out)).toMatchObject([
    { id: 'gateway', scopes: ['decide', 'explain'], expired: false, ratePerSecond: 50 },
    { id: 'ops', expires: null },
  ])
  expect(await tokens('revoke', 'gateway')).toMatchObject({ code: 0, out: '' })
  expect((await tokens('list')).out).toBe('ops  token  admin  never expires\n')
})

test('a token goes to a file that its owner alone can read, and over none', async () => {
  const out = join(folder, 'ci.token')
  const made = await tokens('create', '--id', 'ci', '--scopes', 'decide', '--out', out)
  expect(made).toMatchObject({ code: 0, out: '' })
  expect(made.err).toMatch(/ci\.token, which its owner alone can read/)
  expect(statSync(out).mode & 0o777).toBe(0o600)
  const token = readFileSync(out, 'utf8')
  expect(made.err).not.toContain(token.trim())
  expect(readFileSync(path, 'utf8')).toContain(digestOf(token.trim()))
  const before = readFileSync(path, 'utf8')

  const over = await tokens('create', '--id', 'other', '--scopes', 'decide', '--out', out)
  expect(over).toMatchObject({ code: 2, out: '' })
  expect(over.err).toMatch(/--out: .*ci\.token is there already/)
  expect(readFileSync(out, 'utf8')).toBe(token)

  const nowhere = join(folder, 'none/x.token')
  expect((await tokens('create', '--id', 'x', '--scopes', 'decide', '--out', nowhere)).code).toBe(2)
  const again = join(folder, 'again.token')
  expect((await tokens('create', '--id', 'ci', '--scopes', 'decide', '--out', again)).code).toBe(2)
  const unwritable = join(folder, 'none/tokens.json')
  const lost = ['create', '--tokens', unwritable, '--id', 'x', '--scopes', 'decide', '--out', again]
  expect((await tokens(...lost)).code).toBe(2)
  expect(existsSync(again)).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe(before)
  expect((await tokens('revoke', 'ci')).code).toBe(0)
})

/** What a service shows by TLS, here a certificate of nobody. */
const certificate = join(folder, 'proxy.pem')
writeFileSync(
  certificate,
  `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUNxIEgzLn9WdajZ1M7bZBlYq1mz4wCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcHJveHkwHhcNMjYxMjAxMDA1MzMyWhcNMzYxMTI4MDA1MzMy
WjAQMQ4wDAYDVQQDDAVwcm94eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFe6
6l3id9XG4fhXy/9/XL0ggEUhfR2Ogce+cQKph4au3b/ozAvZ6TWsAdlMjOXhUUry
27K7ZUQxLBW54rEssNqjUzBRMB0GA1UdDgQWBBT9Gb3LSzYl2riDNjjPakhr7Zaw
ezAfBgNVHSMEGDAWgBT9Gb3LSzYl2riDNjjPakhr7ZawezAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIBE+EbtBM+1GSTuvMY03/1MjRk7ISnsM7xPk
6ALULyTKAiBBdwwM4Ka13h9eCHhYRWaoxuS9aHW5Uc925u6B/GRW7g==
-----END CERTIFICATE-----
`,
)
const create = ['create', '--id', 'proxy', '--scopes', 'decide', '--certificate', certificate]

test('a certificate is named, listed and taken out of use, and never gets what others of its CA have', async () => {
  const named = await tokens(...create)
  expect(named).toMatchObject({ code: 0, out: '' })
  expect(named.err).toMatch(
    /added proxy \(decide\), which expires .* It is certificate 4a48d623f84766aa/,
  )
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    tokens: [{ id: 'ops' }],
    certificates: [
      { id: 'proxy', scopes: ['decide'], sha256: expect.stringMatching(/^4a48d623f84766aa/) },
    ],
  })
  expect((await tokens(...create)).err).toMatch(/has a certificate called proxy already/)
  expect((await tokens(...create.with(2, 'other'))).err).toMatch(
    /--certificate: .* has this one already, called proxy/,
  )
  expect((await tokens('revoke', 'proxy')).err).toMatch(
    /revoked proxy, which stays there as expired/,
  )
  expect(JSON.parse((await tokens('list', '--json')).out)).toMatchObject([
    { id: 'ops', kind: 'token', expired: false },
    { id: 'proxy', kind: 'certificate', expired: true },
  ])
})

test.each<[readonly string[], RegExp]>([
  [create.with(2, 'x').with(6, path), /--certificate: expected a certificate in .*tokens\.json/],
  [create.with(2, 'x').with(6, join(folder, 'none.pem')), /ENOENT/],
  [['create', '--id', 'x'], /--scopes/],
  [['create', '--scopes', 'decide'], /--id/],
  [['create', '--id', 'a b', '--scopes', 'decide'], /--id: expected a name .*got "a b"/],
  [
    ['create', '--id', 'x', '--scopes', 'decide,all'],
    /--scopes: expected some of decide, explain, metrics, admin/,
  ],
  [
    ['create', '--id', 'x', '--scopes', 'decide', '--expires', 'soon'],
    /--expires: expected days like 90d/,
  ],
  [
    ['create', '--id', 'x', '--scopes', 'decide', '--expires', '2025-01-01T00:00:00Z'],
    /a time to come/,
  ],
  [
    ['create', '--id', 'x', '--scopes', 'decide', '--rate', '0'],
    /--rate: expected a whole number from 1/,
  ],
  [['create', '--id', 'ops', '--scopes', 'decide'], /has a token called ops already/],
  [['revoke', 'nobody'], /no token called "nobody", but ops/],
  [['list', '--tokens', join(folder, 'none.json')], /can't be read \(ENOENT\)/],
  [
    ['create', '--tokens', join(folder, 'none', 'x.json'), '--id', 'x', '--scopes', 'decide'],
    /ENOENT/,
  ],
])('%j is refused', async (args, why) => {
  const before = readFileSync(path, 'utf8')
  const { code, out, err } = await tokens(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(why)
  expect(readFileSync(path, 'utf8')).toBe(before)
})

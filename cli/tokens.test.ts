import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
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
    'gateway  decide,explain  expires 2026-04-01T00:00:00.000Z  50 a second\nops      admin           never expires\n',
  )
  expect(JSON.parse((await tokens('list', '--json')).out)).toMatchObject([
    { id: 'gateway', scopes: ['decide', 'explain'], expired: false, ratePerSecond: 50 },
    { id: 'ops', expires: null },
  ])
  expect(await tokens('revoke', 'gateway')).toMatchObject({ code: 0, out: '' })
  expect((await tokens('list')).out).toBe('ops  admin  never expires\n')
})

test.each<[readonly string[], RegExp]>([
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

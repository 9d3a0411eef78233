import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { newSharedText, sharedReader, writeShared } from './shared-text.ts'
import { readTokens, stampOfFile, writeTokens } from './tokens-file.ts'
import { tokensPart } from './tokens-part.ts'
import { digestOf, knownTokens, newToken, parseTokens, type TokenEntry } from './tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-tokens-'))
const path = join(folder, 'tokens.json')
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => rmSync(path, { force: true }))

const sha256 = 'a'.repeat(64)
const good: TokenEntry = { id: 'a', sha256, scopes: ['decide'], expires: null }
const textOf = (...tokens: readonly object[]) => JSON.stringify({ tokens })
const put = (text: string, mode = 0o600) => writeFileSync(path, text, { mode })

test('a token has 256 random bits, and no two are alike', () => {
  const tokens = Array.from({ length: 1_000 }, newToken)
  expect(new Set(tokens).size).toBe(1_000)
  for (const token of tokens) expect(token).toMatch(/^portcullis_[\w-]{43}$/)
})

test('a token is known by its whole digest', () => {
  const token = newToken()
  const digest = digestOf(token)
  const known = knownTokens({ tokens: [{ ...good, sha256: digest }] })
  expect(known(digest)?.id).toBe('a')
  const last = digest.endsWith('0') ? '1' : '0'
  for (const near of [
    `${digest.slice(0, -1)}${last}`,
    digest.slice(0, -1),
    digest.toUpperCase(),
    '',
  ])
    expect(known(near)).toBeUndefined()
})

test.each<[string, string, RegExp]>([
  ['nothing', '', /got no JSON/],
  ['an array', '[]', /got an empty array/],
  ['no tokens', '{}', /\/tokens: expected an array, got nothing/],
  [
    'certificates that are none',
    '{"tokens":[],"certificates":{}}',
    /\/certificates: expected an array, got an object/,
  ],
  ['a number for an entry', textOf(1 as never), /\/tokens\/0: expected an object, got 1/],
  ['no id', textOf({ ...good, id: undefined }), /\/tokens\/0\/id: .*got nothing/],
  ['an id with a line end', textOf({ ...good, id: 'a\nb' }), /\/tokens\/0\/id/],
  [
    'a short hash',
    textOf({ ...good, sha256: 'ab' }),
    /\/tokens\/0\/sha256: expected 64 hex digits/,
  ],
  ['a hash in capitals', textOf({ ...good, sha256: 'A'.repeat(64) }), /sha256/],
  [
    'an unknown scope',
    textOf({ ...good, scopes: ['decide', 'all'] }),
    /\/tokens\/0\/scopes: expected an array of scopes/,
  ],
  ['no scopes', textOf({ ...good, scopes: undefined }), /scopes/],
  ['no expiry', textOf({ ...good, expires: undefined }), /\/tokens\/0\/expires/],
  ['an expiry that is no time', textOf({ ...good, expires: '2027-99-01T00:00:00Z' }), /expires/],
  ['an expiry without a zone', textOf({ ...good, expires: '2027-01-01T00:00:00' }), /expires/],
  ['a rate of 0', textOf({ ...good, ratePerSecond: 0 }), /ratePerSecond/],
  ['a misspelt member', textOf({ ...good, ratePersecond: 5 }), /did you mean "ratePerSecond"/],
  [
    'a member of the prototype',
    `{"tokens":[{"id":"a","sha256":"${sha256}","scopes":[],"expires":null,"__proto__":{}}]}`,
    /__proto__/,
  ],
  ['another member beside tokens', '{"tokens":[],"token":[]}', /did you mean "tokens"/],
  [
    'two of one name',
    textOf(good, { ...good, sha256: 'b'.repeat(64) }),
    /\/tokens\/1\/id: expected one that no other has/,
  ],
  ['two of one hash', textOf(good, { ...good, id: 'b' }), /\/tokens\/1\/sha256/],
])('a file with %s is refused as a whole', (_, text, wanted) => {
  const parsed = parseTokens(text)
  expect('faults' in parsed && parsed.faults.join('\n')).toMatch(wanted)
})

test('a file is written whole, for its owner alone, and through the link that leads to it', () => {
  writeTokens(path, { tokens: [good] }, undefined)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readTokens(path).file).toEqual({ tokens: [good] })
  const link = join(folder, 'link.json')
  symlinkSync(path, link)
  writeTokens(link, { tokens: [] }, stampOfFile(link))
  expect(readTokens(path).file).toEqual({ tokens: [] })
  expect(readdirSync(folder).toSorted()).toEqual(['link.json', 'tokens.json']) // and no drafts
  rmSync(link)
})

test('a file keeps its owner and its mode, so that the service can read it whoever makes tokens', () => {
  put(textOf(), 0o640)
  chmodSync(path, 0o640)
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(path, 0, 65_534)
  writeTokens(path, { tokens: [good] }, stampOfFile(path))
  const { mode, gid } = statSync(path)
  expect(mode & 0o777).toBe(0o640)
  if (isRoot) expect(gid).toBe(65_534)
})

test('a file of somebody else is not read, whoever we are', () => {
  if (process.getuid?.() !== 0) return // nobody else can give files away
  put(textOf())
  chownSync(path, 65_534, 65_534)
  expect(() => readTokens(path)).toThrow(/expected a file of user 0 or root, got one of user 65534/)
})

test('what somebody else has written meanwhile is not lost', () => {
  put(textOf())
  const before = stampOfFile(path)
  put(textOf(good))
  expect(() => writeTokens(path, { tokens: [] }, before)).toThrow(/somebody else has changed it/)
  expect(() => writeTokens(path, { tokens: [] }, undefined)).toThrow(/somebody else has changed it/)
  expect(readFileSync(path, 'utf8')).toBe(textOf(good))
  expect(readdirSync(folder)).toEqual(['tokens.json'])
})

test.each<[string, () => void, RegExp]>([
  ['that is not there', () => undefined, /can't be read \(ENOENT\)/],
  [
    'that a group may write',
    () => (put(textOf(), 0o660), chmodSync(path, 0o660)),
    /chmod 600.*got mode 660/,
  ],
  ['that all may write', () => (put(textOf()), chmodSync(path, 0o602)), /chmod 600.*got mode 602/],
  [
    'of two megabytes',
    () => put(textOf() + ' '.repeat(2_000_000)),
    /expected at most 1048576 bytes/,
  ],
  ['that is none, but the null device', () => symlinkSync('/dev/null', path), /expected a file/],
])('a file %s is not read', (_, make, why) => {
  make()
  expect(() => readTokens(path)).toThrow(why)
})

test('a shared text is read once for each time that it was written, and never torn', () => {
  const memory = newSharedText(10)
  const texts: string[] = []
  const read = sharedReader(memory, (text) => texts.push(text))
  read()
  writeShared(memory, 'one')
  read()
  read()
  writeShared(memory, 'twö')
  Atomics.add(new Int32Array(memory, 0, 2), 0, 1) // as while it is being written
  read()
  expect(texts).toEqual(['one'])
  Atomics.add(new Int32Array(memory, 0, 2), 0, 1)
  read()
  expect(texts).toEqual(['one', 'twö'])
  expect(() => writeShared(memory, 'eleven bytes')).toThrow(/at most 10 bytes/)
})

test('while the file is broken it is said, in words, in numbers and once', async () => {
  put(textOf(good))
  const logged: string[] = []
  const { part } = tokensPart(path, (line) => logged.push(line))
  const stale = () => part.families!()['portcullis_access_tokens_stale']!.samples
  expect([part.status!(), stale()]).toEqual([{ tokens: { known: 1 } }, [[0]]])
  put('{')
  const waiting = { timeout: 30_000, interval: 50 }
  await vi.waitFor(() => expect(stale()).toEqual([[1]]), waiting)
  expect(part.status!()).toMatchObject({
    tokens: { known: 1, fault: expect.stringContaining('no JSON') as string },
  })
  put(textOf())
  await vi.waitFor(
    () => expect([part.status!(), stale()]).toEqual([{ tokens: { known: 0 } }, [[0]]]),
    waiting,
  )
  await part.stop!()
  expect(logged).toHaveLength(2)
  expect(() => tokensPart(join(folder, 'none.json'), () => undefined)).toThrow(/ENOENT/)
})

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { digestOf, newToken, serve, writeTokens, type Scope } from '../server/index.ts'
import { bearerOf, withTarget } from './asked.ts'
import { order } from './runs/asking.ts'
import { Misuse } from './runs/misuse.ts'
import { unwatched } from './runs/simulated.ts'

const { pack, name: from } = shippedPacks[0]!
const folder = mkdtempSync(join(tmpdir(), 'portcullis-asked-'))
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})
const fileOf = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

describe('a service that wants tokens', async () => {
  const tokens = join(folder, 'tokens.json')
  const entryOf = (token: string, scopes: readonly Scope[]) => ({
    id: scopes.join('-'),
    sha256: digestOf(token),
    scopes,
    expires: null,
  })
  const [all, few] = [newToken(), newToken()]
  const file = {
    tokens: [entryOf(all, ['decide', 'explain', 'metrics']), entryOf(few, ['decide'])],
  }
  writeTokens(tokens, file, undefined)
  const settings = settingsOf({ tokens })
  const { url, stop } = await serve(pack, settings, () => undefined)
  ends.push(stop)
  const asked = { pack, from, profile: 'office-morning', seed: 1, target: url, iOwnThisHost: false }

  test.each(['closed', 'light', 'open'])('is asked with the token, %s loop', async (kind) => {
    const tokenFile = fileOf('token', `${all}\n`)
    const result = await withTarget({ ...asked, tokenFile }, (asking) => {
      const plan =
        kind === 'open'
          ? {
              kind,
              arrivals: 'poisson' as const,
              stages: [{ seconds: 0.3, fromPerSecond: 200, toPerSecond: 200 }],
            }
          : { kind: 'closed' as const, connections: 2 }
      const each = order(asking, plan as never, 0.3, 1_000, { warmUpSeconds: 0, timeoutMs: 10_000 })
      return asking.drive({ ...each, light: kind === 'light' }, unwatched())
    })
    expect(result).toMatchObject({ wrong: { count: 0 } })
    expect(result.decisions).toBeGreaterThan(0)
    expect(JSON.stringify(result)).not.toContain(all)
  })

  test.each([
    ['none', undefined, 401],
    ['one of another scope', few, 403],
    ['one that it does not know', newToken(), 401],
  ])('is not asked with %s', async (_, token, status) => {
    const tokenFile = token === undefined ? {} : { tokenFile: fileOf('other', token) }
    const run = withTarget({ ...asked, ...tokenFile }, () => Promise.reject(new Error('asked')))
    await expect(run).rejects.toThrow(Misuse)
    await expect(run).rejects.toThrow(new RegExp(`got ${status}; say --token-file FILE`))
  })
})

test.each([
  ['is empty', '', 'expected a token alone'],
  ['holds two lines', 'a\nb', 'expected a token alone'],
  ['would add a header', 'a\r\nx: y', 'expected a token alone'],
])('a token file that %s is refused, and not shown', (_, text, why) => {
  expect(() => bearerOf(fileOf('bad', text))).toThrow(why)
})

test('a token file that others may read is refused', () => {
  const file = fileOf('open', 'secret')
  chmodSync(file, 0o644)
  expect(() => bearerOf(file)).toThrow(/--token-file: expected a file that its owner alone/)
})

test('a token file that is not there is named', () =>
  expect(() => bearerOf(join(folder, 'nowhere'))).toThrow(/can't read .*nowhere: ENOENT/))

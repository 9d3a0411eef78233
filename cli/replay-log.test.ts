import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { answer, load, afterSignIn, entryEnd, entryStart, parsePack } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { packFolder, readPack } from '../rules/index.ts'
import { serve } from '../server/index.ts'
import type { Io } from './io.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-replay-log-'))
afterAll(() => rmSync(folder, { recursive: true }))
const { pack } = shippedPacks[0]!
const loaded = load(pack.ruleSet)
const lines = pack.cases.map(({ signIn }) => {
  const { json } = answer(loaded, JSON.stringify(signIn), 0) as { json: string }
  const decision = `{"decisionId":"a","evaluatedAt":"1970-01-01T00:00:00.000Z",${json.slice(1)}`
  return `${entryStart}${JSON.stringify(signIn)}${afterSignIn}${decision}${entryEnd(1, undefined, [])}`
})
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function portcullis(...args: readonly string[]) {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readStdin: async () => '',
    env: {},
    now: Date.now,
    terminal: false,
  }
  const code = await run(['replay', ...args], io)
  return { code, out, err }
}

test('a log that comes out as it did is 0, with its rotated files', async () => {
  file('good.1', lines.slice(0, 10).join(''))
  const good = file('good', lines.slice(10).join(''))
  const { code, out } = await portcullis('--decision-log', good)
  expect(out).toContain(`0 differences in ${lines.length} entries decided again`)
  expect(code).toBe(0)
})

test('a difference is 1, and shown with its place', async () => {
  const wrong = file(
    'wrong',
    lines[0] + lines[1]!.replace(/"outcome":"\w+"/, '"outcome":"x"') + '{"v"',
  )
  const { code, out } = await portcullis('--decision-log', wrong)
  expect(out).toContain('1 difference in 2 entries decided again')
  expect(out).toContain(`${wrong}:2`)
  expect(out).toContain('1 torn')
  expect(code).toBe(1)
  const json = JSON.parse((await portcullis('--decision-log', '--json', wrong)).out) as object
  expect(json).toMatchObject({ lines: 3, same: 1, different: 1, torn: 1, tornAt: [{ line: 3 }] })
})

test('another pack is tried on it, and that some come out otherwise is no finding', async () => {
  const log = file('log', lines.join(''))
  const { code, out } = await portcullis(
    '--decision-log',
    log,
    '--pack',
    'security-defaults-current',
  )
  expect(out).toMatch(
    /security-defaults-current \(sha256:\w+\) would decide [1-9]\d* of \d+ entries of other revisions otherwise/,
  )
  expect(out).toMatch(/allow → challenge: mfaRegistration +such as/)
  expect(code).toBe(0)
})

test('a pack that is gone is taken from the state folder of the service that decided by it', async () => {
  const mine = join(folder, 'mine')
  cpSync(packFolder('security-defaults')!, mine, { recursive: true })
  const about = join(mine, 'pack.json')
  const renamed = readFileSync(about, 'utf8').replace('"security-defaults"', '"mine"')
  writeFileSync(about, renamed)
  const source = readPack(mine)
  const parsed = parsePack(source)
  if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
  const [log, state] = [join(folder, 'mine.ndjson'), join(folder, 'state')]
  const settings = settingsOf({ decisionLog: log, state })
  const { url, stop } = await serve(parsed, settings, () => undefined, source)
  const body = JSON.stringify(pack.cases[0]!.signIn)
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${url}/v1/decisions`, { method: 'POST', headers, body })).status).toBe(200)
  await stop()

  const without = await portcullis('--decision-log', log)
  expect(without).toMatchObject({
    code: 1,
    out: expect.stringContaining('1 of unknown revisions') as string,
  })
  const kept = await portcullis('--decision-log', log, '--state', state)
  expect(kept.out).toContain('0 differences in 1 entry decided again')
  expect(kept.code).toBe(0)
  const empty = await portcullis('--decision-log', log, '--state', folder)
  expect(empty.err).toMatch(/expected the pack of sha256:\w+, got ENOENT/)
  expect(empty.code).toBe(1)
})

test.each([
  [
    ['--decision-log', '--state', join(folder, 'nowhere'), file('some', '')],
    2,
    /--state .*nowhere: expected/,
  ],
  [['--state', folder, file('other', '[]')], 2, /--state: expected with --decision-log/],
  [['--decision-log', join(folder, 'missing')], 2, /can't read .*missing/],
  [['--decision-log', file('empty', '')], 1, /no entry could be decided again/],
  [['--decision-log', file('bad.gz', 'no gzip')], 2, /can't read .*bad.gz: incorrect header check/],
  [['--decision-log', '--assume', 'a=b', file('any', '')], 2, /--assume: expected without/],
  [
    [
      '--decision-log',
      join(import.meta.dirname, '../examples/sign-in-logs/signins-training-lab.json'),
    ],
    2,
    /training-lab\.json: expected a decision log, got a log of sign-ins; leave out --decision-log\n$/,
  ],
  [['--decision-log', file('neither', '{"a":1}\nnothing\n')], 1, /no entry could be decided again/],
])('%j is refused', async (args, code, message) => {
  const got = await portcullis(...args)
  expect(got.err).toMatch(message)
  expect(got.code).toBe(code)
})

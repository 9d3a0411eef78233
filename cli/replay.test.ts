import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-replay-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const example = join(import.meta.dirname, '../examples/sign-in-logs/signins-panther-tests.json')
const other = example.replace('panther-tests', 'training-lab')
const text = readFileSync(example, 'utf8')

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

type Wanted = { readonly code: number; readonly out?: RegExp; readonly err?: RegExp }

async function check(
  args: readonly string[],
  { code, out = /^/, err = /^$/ }: Wanted,
  stdin: Buffer | string = '',
): Promise<string> {
  const said = { out: '', err: '' }
  const got = await run(['replay', ...args], {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    readStdin: () => Promise.resolve(''),
    stdin: async function* () {
      yield await Promise.resolve(Buffer.from(stdin))
    },
    env: {},
    now: () => Date.UTC(2026, 0, 1),
    terminal: false,
  })
  expect(said.err).toMatch(err)
  expect(said.out).toMatch(out)
  expect(got).toBe(code)
  return said.out
}

test('logs are read wherever they are, to the same answer', async () => {
  const answer = (said: string) => said.split('\n').slice(0, 2).join('\n')
  const expected = answer(
    await check([example], { code: 0, out: /\n26 rows: 15 decided, 11 unmapped/ }),
  )
  mkdirSync(join(folder, 'logs/2026'), { recursive: true })
  const packed = file('logs/2026/log.gz', gzipSync(text))
  file('logs/.hidden', text)
  for (const args of [
    [packed],
    [join(folder, 'logs')],
    [join(folder, 'logs/*/*.gz')],
    [packed, packed],
  ])
    expect(answer(await check(args, { code: 0 }))).toBe(expected)
  expect(answer(await check(['-'], { code: 0 }, gzipSync(text)))).toBe(expected)
  expect(
    readdirSync(tmpdir()).filter((name) => /^portcullis-replay-(?!test|log)/.test(name)),
  ).toEqual([])
})

test('reports that leave hide names, and show them when that is said', async () => {
  const said = /names are hidden in .*--names shows them/
  const out = join(folder, 'out')
  await check([example, '--out', out], { code: 0, err: said })
  expect(readdirSync(out).sort()).toEqual([
    'devices.csv',
    'report.html',
    'report.json',
    'report.md',
    'users.csv',
  ])
  const read = () => readdirSync(out).map((name) => readFileSync(join(out, name), 'utf8'))
  const secrets = /lotr\.com|lexcorp|12\.12\.12\.12/
  for (const each of read()) expect(each).not.toMatch(secrets)
  await check([example, '--out', out, '--names'], { code: 0 })
  for (const each of read()) expect(each).toMatch(secrets)
  await check([example, '--json'], { code: 0, out: /"user": "user-[\da-f]{10}"/ })
  expect(await check([example, '--json'], { code: 0 })).not.toMatch(secrets)
  await check([example, '--format', 'markdown', '--names'], {
    code: 0,
    out: /eve\\@lexcorp\.com \| replace/,
  })
})

test('a decision log is one more shape', async () => {
  const sent =
    '{"at":"2026-01-01T00:00:00Z","user":{"type":"member","roles":[]},"client":{"clientAppUsed":"IMAP4","authenticationFlow":"none"},"resource":{"appId":"00000002-0000-0ff1-ce00-000000000000"},"envelope":{"userId":"U1"}}'
  const entry = `{"v":1,"signIn":${sent},"decision":{"decisionId":"d","evaluatedAt":"2026-01-01T00:00:00.000Z","outcome":"allow"},"durationMs":1}\n`
  const masked = entry.replace('"durationMs":1', '"durationMs":1,"masked":["/user/roles"]')
  const log = file('decisions.ndjson', entry + masked)
  const { flows, files, unmappedReasons } = JSON.parse(
    await check([log, '--json'], { code: 0 }),
  ) as {
    readonly flows: readonly {
      readonly before: string
      readonly after: string
      readonly signIns: number
    }[]
    readonly files: readonly { readonly shape: string }[]
    readonly unmappedReasons: readonly { readonly reason: string }[]
  }
  expect(flows.find(({ signIns }) => signIns > 0)).toMatchObject({
    before: 'allow',
    after: 'block',
  })
  expect(files[0]!.shape).toBe('decision log')
  expect(unmappedReasons).toMatchObject([
    { reason: 'an entry of a decision log with masked facts' },
  ])
})

const registrations = () =>
  file(
    'registrations.csv',
    'userPrincipalName,methodsRegistered,roles\nsam@lotr.com,microsoftAuthenticatorPush,\n',
  )

test.each<[string, () => string[], Wanted]>([
  [
    'a directory is joined',
    () => [example, other, '--directory', registrations()],
    { code: 0, out: /users of the logs are not in the directory/ },
  ],
  ['prompts within their budget', () => [example, '--prompt-budget', '5'], { code: 0 }],
  [
    'prompts beyond their budget',
    () => [example, '--prompt-budget', '0.5'],
    { code: 1, err: /prompts for each user and day are more than the budget of 0\.5/ },
  ],
  [
    'nothing before it is switched on',
    () => [example, '--enabled-at', '2030-01-01'],
    {
      code: 1,
      out: /before 2030-01-01 00:00, when it is switched on/,
      err: /no row could be decided/,
    },
  ],
  [
    'something else',
    () => [file('notes.txt', 'hello')],
    { code: 1, out: /notes\.txt is no log of sign-ins/, err: /no row/ },
  ],
  [
    'a budget that is none',
    () => [example, '--prompt-budget', 'few'],
    { code: 2, err: /expected a number of prompts/ },
  ],
  [
    'a day that is none',
    () => [example, '--enabled-at', 'soon'],
    { code: 2, err: /expected a day such as/ },
  ],
  [
    'both orders of days',
    () => [example, '--day-first', '--month-first'],
    { code: 2, err: /expected one of them/ },
  ],
  [
    'a directory that is none',
    () => [example, '--directory', file('bad.json', '{')],
    { code: 2, err: /--directory .*bad\.json: expected JSON or CSV/ },
  ],
  [
    'a pattern that fits nothing',
    () => [join(folder, 'nothing*.csv')],
    { code: 2, err: /expected logs, found no file/ },
  ],
  [
    'a folder that can’t be written',
    () => [example, '--out', join(registrations(), 'x')],
    { code: 2, out: /rows/, err: /--out/ },
  ],
  [
    'what a decision log knows itself',
    () => ['--decision-log', '--names', example],
    { code: 2, err: /--names: expected without --decision-log/ },
  ],
])('%s', async (_, args, wanted) => {
  await check(args(), wanted)
})

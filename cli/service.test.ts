import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { settingsOf } from '../property-tests/settings.ts'
import { parsePack, type Pack } from '../engine/index.ts'
import { packFolder, readPack } from '../rules/index.ts'
import { serve, type Running } from '../server/index.ts'
import { run } from './run.ts'

const administrator = join(import.meta.dirname, '../examples/helpdesk-administrator.json')
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-service-'))
const served = join(scratch, 'served')
let running: Running
let pack: Pack

beforeAll(async () => {
  cpSync(packFolder('security-defaults')!, served, { recursive: true })
  const manifest = join(served, 'pack.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, text.replace('"id": "security-defaults"', '"id": "served"'))
  const flags = { port: '0', threads: '1', waitLimit: '0', pack: served }
  const settings = settingsOf(flags)
  const source = readPack(served)
  const parsed = parsePack(source)
  if (parsed.faults) throw new Error('the pack is right')
  pack = parsed
  running = await serve(pack, settings, () => undefined, source)
})
afterAll(async () => {
  await running.stop()
  rmSync(scratch, { recursive: true })
})

type Wanted = {
  readonly code: number
  readonly out?: RegExp
  readonly err?: RegExp
  readonly stdin?: string
}

/** Runs a command line against the service, or another url. */
async function check(args: readonly string[], wanted: Wanted, url = running.url): Promise<void> {
  let [out, err] = ['', '']
  const code = await run([...args, '--url', url], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(wanted.stdin ?? ''),
    env: {},
    now: () => Date.UTC(2024, 5, 15),
    terminal: false,
  })
  expect({ code, err: code === wanted.code ? '' : err }).toEqual({ code: wanted.code, err: '' })
  if (wanted.out) expect(out).toMatch(wanted.out)
  if (wanted.err) expect(err).toMatch(wanted.err)
}

describe('a service that runs', () => {
  test.each<[string, string[], Wanted]>([
    [
      'decides',
      ['decide', administrator],
      {
        code: 0,
        out: /^challenge: mfa\n.*code adminMfaRequired.*by {7}served sha256:/s,
      },
    ],
    [
      'decides what is typed, as JSON',
      ['decide', '--json'],
      { code: 0, stdin: readFileSync(administrator, 'utf8'), out: /"decisionId": "[0-9a-f-]{36}"/ },
    ],
    [
      'explains',
      ['explain', administrator],
      { code: 0, out: /^challenge: mfa\n.*allow {2}with session\.mfa = "thisSignIn".*\(above\)/s },
    ],
    ['explains as JSON', ['explain', '--json', administrator], { code: 0, out: /"wouldBe": \[/ }],
    [
      'says where a sign-in is wrong',
      ['decide'],
      {
        code: 2,
        stdin: '{\n  "user": { "type": "membr", "roles": [] }\n}',
        err: /--> standard input:2:21\n.*did you mean "member"\?.*no decision/s,
      },
    ],
    ['is not asked what is no JSON', ['explain'], { code: 2, stdin: '{', err: /expected JSON/ }],
    [
      'has rules of its own',
      ['decide', '--pack', 'security-defaults', administrator],
      { code: 2, err: /--url and --pack: the service decides by its own rules/ },
    ],
    [
      'needs a token file that is there',
      ['decide', '--token-file', join(scratch, 'none'), administrator],
      { code: 2, err: /can't read .*none/ },
    ],
  ])('%s', (_, args, wanted) => check(args, wanted))

  const rule = 'rules/advise-registration.json'
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(join(served, path), change(readFileSync(join(served, path), 'utf8')))

  test('is said how it is', async () => {
    await check(['status'], {
      code: 0,
      out: /^rule set {2}served sha256:[0-9a-f]{12}, 15 rules: .*\ndecides {3}since \S+, by start\nreload {4}none\nservice {3}Portcullis/,
    })
    await check(['status', '--json'], { code: 0, out: /"lastReload": null/ })
    await check(['rollback'], { code: 1, err: /No other rule set has decided before/ })
  })

  test('reads its rules anew, and goes back', async () => {
    const before = pack.ruleSet.revision
    await check(['reload'], { code: 0, out: /^sha256:[0-9a-f]{12} decides, as before\n$/ })
    edit(rule, (text) => text.replace('"registerForMfa"', '"registerSoon"'))
    edit('cases.json', (text) => text.replaceAll('"registerForMfa"', '"registerSoon"'))
    const changed = new RegExp(
      `^sha256:[0-9a-f]{12} decides, instead of ${before.slice(0, 19)} \\(\\d+ ms\\)\\n$`,
    )
    await check(['reload'], { code: 0, out: changed })
    await check(['revisions'], {
      code: 0,
      out: /^Kept\n {2}\* {2}sha256:.*by http\n {5}sha256:.*by start\n\nWhat decided when\n.* → sha256:/,
    })
    await check(['rollback'], {
      code: 0,
      out: new RegExp(
        `^${before.slice(0, 19)} decides.*\\nA further rollback goes forth again, to sha256:\\w{12}; portcullis activate REVISION goes further back`,
      ),
    })
    await check(['activate', before.slice(0, 20), '--json'], { code: 0, out: /"changed": false/ })
    await check(['activate', 'sha256:0000'], { code: 1, err: /No such revision is kept/ })
  })

  test('says what is wrong with its rules, and where, and goes on', async () => {
    edit(rule, (text) => text.replace('"advise"', '"advice"'))
    await check(['reload'], {
      code: 1,
      err: /^portcullis: The rule set does not go live: \S*advise-registration\.json:\d+:\d+: \/event\/type: expected an effect[^\n]*\n$/,
    })
    await check(['reload', '--json'], { code: 1, out: /"failure": "problem",\n {2}"status": 422/ })
    await check(['status'], { code: 0, out: /\nreload {4}failed \S+ by http: / })
    await check(['decide', administrator], { code: 0, out: /^challenge/ })
  })

  test('has a shadow, if it was given one', async () => {
    await check(['shadow'], { code: 0, out: /^nothing is compared/ })
    await check(['promote'], { code: 1, err: /not in the shadow/ })
    const settings = settingsOf()
    const source = readPack(packFolder('security-defaults-current')!)
    const other = parsePack(source)
    if (other.faults) throw new Error('the pack is right')
    const candidate = { pack: other, source }
    const service = await serve(pack, settings, () => undefined, undefined, { candidate })
    try {
      const text = readFileSync(administrator, 'utf8').replace('"none" }', '"deviceCode" }')
      await vi.waitFor(
        async () => {
          await check(['decide'], { code: 0, stdin: text }, service.url)
          const said =
            /would decide\n {2}\d+ of \d+ decisions? otherwise\n {2}challenge → block {2}\d+\n.*added/s
          await check(['shadow'], { code: 0, out: said }, service.url)
        },
        { timeout: 25_000, interval: 200 },
      )
      const { revision } = other.ruleSet
      const decides = new RegExp(`^${revision.slice(0, 19)} decides, instead of `)
      await check(['promote', revision], { code: 0, out: decides }, service.url)
    } finally {
      await service.stop()
    }
  })

  test('that is none is said', async () => {
    await check(
      ['decide', administrator],
      {
        code: 1,
        err: /no connection: ECONNREFUSED\n.*is a service running at http:\/\/127\.0\.0\.1:1\?/s,
      },
      'http://127.0.0.1:1',
    )
    await check(
      ['decide', administrator],
      { code: 2, err: /^portcullis: url: expected/ },
      'nowhere',
    )
  })

  test('is shown the token of the file, and nobody in the open is', async () => {
    const file = join(scratch, 'token')
    writeFileSync(file, 'very-secret\n', { mode: 0o600 })
    let seen: string | undefined
    const server = createServer((request, answer) => {
      seen = request.headers.authorization
      answer.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const args = ['decide', '--token-file', file, administrator]
    await check(args, { code: 1, err: /--token-file FILE with a token that has the scope/ }, url)
    expect(seen).toBe('Bearer very-secret')
    server.closeAllConnections()
    server.close()
    await check(args, { code: 2, err: /^portcullis: token: expected https/ }, 'http://example.com')
  })

  test('is shown no token of a file that others may read', async () => {
    const file = join(scratch, 'open-token')
    writeFileSync(file, 'very-secret\n')
    for (const mode of [0o644, 0o660]) {
      chmodSync(file, mode)
      const err = /^portcullis: --token-file: expected a file that its owner alone.*chmod 640/
      await check(['status', '--token-file', file], { code: 2, err })
    }
  })
})

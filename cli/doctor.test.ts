import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readPrivateKey, seal, writeKeyFiles } from '../bundle/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { openBundles } from '../server/index.ts'
import { doctorCommand } from './doctor.ts'
import { checks } from './doctor/checks.ts'
import { thisMachine, type Machine } from './doctor/machine.ts'
import type { Io } from './io.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-doctor-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const now = Date.UTC(2026, 10, 30)
/** A machine on which all is well. */
const sound: Machine = {
  node: '26.9.0',
  oldestNode: '24',
  cores: 4,
  memory: 2 ** 33,
  openFiles: 20_000,
  compileCache: '/cache',
  root: false,
  now,
  installed: now - 1_000,
  roomAt: () => 1e12,
  listen: () => Promise.resolve(undefined),
  dateFrom: () => Promise.resolve(now),
}

async function diagnose(
  flags: Readonly<Record<string, string | boolean>>,
  machine: Partial<Machine> = {},
  env: Readonly<Record<string, string>> = {},
) {
  let out = ''
  const io: Io = {
    out: (text) => (out += text),
    err: () => undefined,
    readStdin: () => Promise.resolve(''),
    env,
    now: () => now,
    terminal: false,
  }
  const code = await doctorCommand(flags, io, { ...sound, ...machine })
  return { code, out, io }
}

/** What is not ok, a line each, and that the exit code says whether any of it is a problem. */
async function check(
  flags: Readonly<Record<string, string | boolean>>,
  machine: Partial<Machine>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { code, out } = await diagnose({ ...flags, json: true }, machine, env)
  const told = JSON.parse(out) as {
    sound: boolean
    checks: { check: string; state: string; found: string; advice?: string }[]
  }
  const bad = told.checks.filter(({ state }) => state !== 'ok')
  for (const { advice } of bad) expect(advice).toMatch(/\S/)
  const problems = bad.some(({ state }) => state === 'problem')
  expect({ code, sound: told.sound }).toEqual({ code: problems ? 1 : 0, sound: !problems })
  return bad.map(({ check, state, found }) => `${state} ${check}: ${found}`)
}

/** The built-in pack with one file edited. */
function brokenPack(name: string, file: string, edit: (text: string) => string): string {
  const folder = join(scratch, name, 'security-defaults')
  cpSync(join(import.meta.dirname, '../rules/security-defaults'), folder, { recursive: true })
  writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), 'utf8')))
  return folder
}

describe('portcullis doctor', () => {
  test('finds nothing on a machine on which all is well', async () => {
    expect(await check({}, {})).toEqual([])
    expect(await check({}, { openFiles: 1_088 })).toEqual([]) // as many as are needed
    const files = { state: join(scratch, 'not/yet'), decisionLog: join(scratch, 'log') }
    const { roomAt } = thisMachine(now)
    expect(await check({ ...files, decisionLogMaxBytes: '1000' }, { roomAt })).toEqual([])
    const { out } = await diagnose({})
    expect(out).toMatch(
      /^ok {7}settings .*\nok {7}node .*\n(?:ok .*\n)+\n\d+ ok, 0 warnings, 0 problems\n$/,
    )
    for (const name of Object.keys(checks)) expect(out).toMatch(new RegExp(`^ok +${name} `, 'm'))
  })

  type Case = [Readonly<Record<string, string | boolean>>, Partial<Machine>, RegExp]
  test.each<Case>([
    [{}, { node: '20.20.2' }, /^problem node: Node.js 20.20.2$/],
    [{ pack: 'security-default' }, {}, /^problem rules: no pack "security-default".*did you mean/],
    [
      { pack: brokenPack('faulty', 'lists.json', () => '{') },
      {},
      /^problem rules: the pack .* has 1 fault$/,
    ],
    [
      {
        pack: brokenPack('failing', 'conditions.json', (text) =>
          text.replace('["exchangeActiveSync", "other"]', '["exchangeActiveSync"]'),
        ),
      },
      {},
      /^problem rules: the pack .* fails its own test: .*, and \d+ more$/s,
    ],
    ...(['problem', 'warning'] as const).map((state): Case => [
      {
        proof: state === 'problem' ? 'required' : 'warn',
        pack: brokenPack(`unproved-${state}`, 'rules/block-legacy-authentication.json', (text) =>
          text.replace(
            '"all": [',
            '"all": [{ "fact": "tenant.gracePeriodDays", "operator": "notEqual", "value": 301 },',
          ),
        ),
      },
      {},
      new RegExp(
        `^${state} rules: the pack .* promises what is not proved of it: .* but for tenant.gracePeriodDays 301, .*, and 1 more$`,
      ),
    ]),
    [
      { requireAttestation: true, attestationKey: join(scratch, 'none.pub') },
      {},
      /^problem rules: --attestation-key: can't read .*ENOENT/,
    ],
    [{ shadow: 'nope' }, {}, /^problem shadow: no pack "nope"/],
    [
      { shadow: brokenPack('faulty-shadow', 'lists.json', () => '{') },
      {},
      /^problem shadow: the pack .* has 1 fault$/,
    ],
    [{ host: '0.0.0.0' }, {}, /^problem access: 0.0.0.0 is beyond loopback/],
    [
      { host: '0.0.0.0', insecure: true },
      {},
      /^warning access: --insecure: whoever reaches 0.0.0.0:8181/,
    ],
    [
      {},
      { listen: () => Promise.resolve('EADDRINUSE') },
      /^problem port: 127.0.0.1:8181 is taken$/,
    ],
    [
      { port: '80' },
      { listen: () => Promise.resolve('EACCES') },
      /^problem port: 127.0.0.1:80 may not be used$/,
    ],
    [
      { host: 'localhost' },
      { listen: () => Promise.resolve('ENOTFOUND') },
      /^problem port: localhost is no address/,
    ],
    [{}, { listen: () => Promise.resolve('EMFILE') }, /^problem port: 127.0.0.1:8181: EMFILE$/],
    [{ listeners: '5' }, {}, /^warning threads: 5 listeners and 3 worker threads on 4 cores$/],
    [{ threads: '8' }, {}, /^warning threads: 1 listener and 8 worker threads/],
    [{}, { memory: 2 ** 28 }, /^warning memory: 256 MB there, some \d+ MB needed at most$/],
    [{ maxConnections: '20000' }, {}, /^problem openFiles: 20000 allowed, 20064 needed at most$/],
    [{}, { openFiles: 1_087 }, /^problem openFiles: 1087 allowed, 1088 needed/],
    [
      { decisionLog: '/var/log/a.ndjson' },
      { roomAt: () => 2_000_000_000 },
      /^warning files: --decision-log \/var\/log\/a.ndjson may come to 2415 MB, and 2000 MB are free$/,
    ],
    [
      { shadow: 'security-defaults-current', shadowLog: '/b' },
      { roomAt: () => 'EACCES' },
      /^problem files: --shadow-log \/b can't be written: EACCES$/,
    ],
    [
      { state: join(scratch, 'new/state'), decisionLog: join(scratch, 'new/log') },
      { roomAt: thisMachine(now).roomAt },
      /^problem files: --decision-log .*new\/log can't be written: ENOENT$/,
    ],
    [
      { decisionLog: scratch },
      { roomAt: thisMachine(now).roomAt },
      /^problem files: --decision-log .* can't be written: EISDIR$/,
    ],
    [
      { state: import.meta.filename },
      { roomAt: thisMachine(now).roomAt },
      /^problem files: --state .* can't be written: ENOTDIR$/,
    ],
    [{}, { now: now - 3_600_000 }, /^problem clock: it is .*, before this program came here/],
    [
      { clockUrl: 'http://a' },
      { dateFrom: () => Promise.resolve(now + 3_000) },
      /^warning clock: 3 s from that of http:\/\/a$/,
    ],
    [
      { clockUrl: 'http://a' },
      { dateFrom: () => Promise.resolve(now - 61_000) },
      /^problem clock: 61 s from/,
    ],
    [
      { clockUrl: 'http://a' },
      { dateFrom: () => Promise.reject(new Error('no')) },
      /^warning clock: http:\/\/a was not to be asked: no$/,
    ],
    [{}, { compileCache: undefined }, /^warning compileCache: /],
    [{}, { root: true }, /^warning user: it runs as root$/],
  ])('%j on %j', async (flags, machine, wanted) => {
    const bad = await check(flags, machine)
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatch(wanted)
  })

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0
  test.skipIf(!hasOpenssl)('looks whether TLS can be talked with these files', async () => {
    const made = (name: string) => {
      const subject = `req -x509 -newkey ed25519 -nodes -days 30 -subj /CN=localhost -keyout ${name}.key -out ${name}.pem`
      expect(spawnSync('openssl', subject.split(' '), { cwd: scratch }).status).toBe(0)
      return { tlsCert: join(scratch, `${name}.pem`), tlsKey: join(scratch, `${name}.key`) }
    }
    const [one, other] = [made('one'), made('other')]
    const day = 86_400_000
    const today = { now: Date.now() + day }
    const nothing = join(scratch, 'nothing.pem')
    writeFileSync(nothing, 'secret')
    expect(await check(one, today)).toEqual([])
    const wrong: [object, Partial<Machine>, RegExp][] = [
      [
        { tlsKey: other.tlsKey },
        today,
        /^problem tls: --tls-key .*other.key is not the key of .*one/,
      ],
      [{ tlsKey: join(scratch, 'gone') }, today, /^problem tls: ENOENT.*gone/],
      [{ tlsCert: nothing }, today, /^problem tls: .*nothing.pem: expected a certificate in PEM$/],
      [{ tlsKey: nothing }, today, /^problem tls: .*nothing.pem: expected a private key in PEM/],
      [{ tlsClientCa: nothing }, today, /^problem tls: .*nothing.pem: expected a certificate/],
      [{}, { now: Date.now() + 20 * day }, /^warning tls: --tls-cert .* expires at 2/],
      [{}, { now: Date.now() + 31 * day }, /^problem tls: --tls-cert .* expired at 2/],
      [{}, { now: Date.now() - day, installed: 0 }, /^problem tls: --tls-cert .* not valid before/],
    ]
    for (const [more, machine, message] of wrong) {
      const bad = await check({ ...one, ...more }, machine)
      expect(bad).toEqual([expect.stringMatching(message)])
      expect(bad.join()).not.toMatch(/secret/)
    }
    chmodSync(one.tlsKey, 0o640)
    expect(await check(one, today)).toEqual([
      expect.stringMatching(/^warning tls: .*one.key: others may read the key \(mode 640\)$/),
    ])
  })

  test('looks whether bundles can be checked with these keys', async () => {
    const [secret = '', open = ''] = writeKeyFiles(join(scratch, 'release')).files
    const bundle = 'https://example.com/my.bundle'
    expect(await check({ bundle, bundleKey: open }, {})).toEqual([])
    for (const [bundleKey, message] of [
      [secret, /expected a public key, got a private one/],
      [join(scratch, 'gone.pub'), /can't read .*gone.pub/],
    ] as const)
      expect(await check({ bundle, bundleKey }, {})).toEqual([
        expect.stringMatching(new RegExp(`^problem bundle: --bundle-key: .*${message.source}`)),
      ])
  })

  test('opens and tries a bundle that is a file, as a start would, and asks no URL', async () => {
    const [secret = '', open = ''] = writeKeyFiles(join(scratch, 'signer')).files
    const { source, pack } = shippedPacks[0]!
    const { bytes } = seal(source, pack, 7, [readPrivateKey(secret)])
    const bundle = join(scratch, 'my.bundle')
    writeFileSync(bundle, bytes)
    const flags = { bundle, bundleKey: open }
    expect(await check(flags, {})).toEqual([])
    expect(await check({ ...flags, bundle: join(scratch, 'no.bundle') }, {})).toEqual([
      expect.stringMatching(/^problem bundle: no bundle to start by: .*no.bundle: unreachable/),
    ])
    const state = join(scratch, 'state-of-bundles')
    const service = await openBundles(settingsOf({ ...flags, state }), {}, () => undefined)
    service?.held?.give()
    const before = readdirSync(state, { recursive: true })
    expect(before).toContain('bundle/last-good.bundle')
    writeFileSync(bundle, bytes.subarray(0, -9))
    expect(await check(flags, {})).toEqual([
      expect.stringMatching(/^problem bundle: .*my.bundle: \w+: .*; and nothing is kept/),
    ])
    const kept = /^warning bundle: .*my.bundle: .*; it would start by the one that was kept$/
    expect(await check({ ...flags, state }, {})).toEqual([expect.stringMatching(kept)])
    expect(readdirSync(state, { recursive: true })).toEqual(before)
  })

  test.each(['', 'rule-sets', 'bundle'])(
    'finds that others may write to the state folder, or to /%s in it',
    async (inside) => {
      const state = join(scratch, `shared-${inside}`)
      mkdirSync(join(state, inside), { recursive: true, mode: 0o700 })
      chmodSync(join(state, inside), 0o777)
      expect(await check({ state }, {})).toEqual([
        expect.stringMatching(/^problem files: --state: expected that its owner alone .*chmod 700/),
      ])
    },
  )

  test('names all wrong settings, and looks no further', async () => {
    expect(await check({ port: 'x', pool: 'y' }, { root: true }, { PORTCULLIS_PROT: '1' })).toEqual(
      [
        'warning settings: PORTCULLIS_PROT is no setting: did you mean "PORTCULLIS_PORT"?',
        'problem settings: --port: expected a whole number from 0 to 65535, got "x"',
        'problem settings: --pool: expected one of auto, inline, pooled, got "y"',
      ],
    )
  })

  test('asks nobody unless told whom', async () => {
    const dateFrom = () => Promise.reject(new Error('asked'))
    expect(await check({}, { dateFrom })).toEqual([])
  })

  test('knows of this machine what is so', async () => {
    const machine = thisMachine(Date.now())
    expect(machine.node).toBe(process.versions.node)
    expect(machine.oldestNode).toMatch(/^\d+$/)
    expect(machine.cores).toBeGreaterThan(0)
    expect(machine.memory).toBeGreaterThan(2 ** 20)
    expect(machine.installed).toBeGreaterThan(0)
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    expect(await machine.listen('127.0.0.1', port)).toBe('EADDRINUSE')
    taken.close()
    expect(await machine.listen('127.0.0.1', 0)).toBeUndefined()
  })
})

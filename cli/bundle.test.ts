import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { run } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const at = (name: string) => join(scratch, name)

type Wanted = { readonly code: number; readonly out?: RegExp; readonly err?: RegExp }

async function check(args: readonly string[], wanted: Wanted): Promise<string> {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(''),
    env: {},
    now: () => Date.UTC(2024, 5, 15),
    terminal: false,
  }
  const code = await run(['bundle', ...args], io)
  expect({ code, err: code === wanted.code ? '' : err }).toEqual({ code: wanted.code, err: '' })
  if (wanted.out !== undefined) expect(out).toMatch(wanted.out)
  if (wanted.err !== undefined) expect(err).toMatch(wanted.err)
  return out
}

const json = async (args: readonly string[], code = 0) =>
  JSON.parse(await check([...args, '--json'], { code })) as Record<string, unknown>

/** A copy of a built-in pack in which one text of one file is another. */
function edited(name: string, path: string, from: string, to: string): string {
  const folder = at(name)
  cpSync(join(import.meta.dirname, '../rules/security-defaults'), folder, { recursive: true })
  const file = join(folder, path)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(from)
  writeFileSync(file, text.replace(from, to))
  return folder
}

/** Its cases hold, also with one fact changed; but with two there is a sign-in that breaks what it promises. */
const unproved = (name: string) =>
  edited(
    name,
    'rules/block-legacy-authentication.json',
    '"all": [',
    `"all": [{ "any": [
      { "fact": "tenant.gracePeriodDays", "operator": "notEqual", "value": 301 },
      { "fact": "resource.appId", "operator": "notEqual", "value": "11111111-1111-1111-1111-111111111111" }
    ] },`,
  )

const [key, pub, other] = [at('a.key'), at('a.pub'), at('b.pub')]
const bundle = at('pack.bundle')
beforeAll(async () => {
  await check(['keygen', at('a')], { code: 0, out: /^key [0-9a-f]{16}\n/ })
  await check(['keygen', at('b')], { code: 0 })
  await check(
    ['create', 'security-defaults-current', '--key', key, '--number', '42', '--out', bundle],
    { code: 0, out: /number 42, [\d,]+ bytes, signed by [0-9a-f]{16}\n/ },
  )
})

describe('portcullis bundle keygen', () => {
  test('keeps the private key from others, and overwrites nothing', async () => {
    expect(statSync(key).mode & 0o777).toBe(0o600)
    const before = readFileSync(key, 'utf8')
    await check(['keygen', at('a')], {
      code: 2,
      err: /^portcullis: \S+a\.key is there already, and no key is written over; choose another name\n$/,
    })
    expect(readFileSync(key, 'utf8')).toBe(before)
    writeFileSync(at('half.pub'), '')
    await check(['keygen', at('half')], { code: 2, err: /half\.pub is there already/ })
    expect(existsSync(at('half.key'))).toBe(false)
    await check(['keygen', at('no/where')], { code: 2, err: /ENOENT/ })
  })
})

describe('portcullis bundle create', () => {
  const creating = (pack: string, ...more: readonly string[]) =>
    check(['create', pack, '--key', key, '--out', at('refused.bundle'), ...more], { code: 0 })

  test('makes the same payload again, and takes the time for its number', async () => {
    await creating('security-defaults-current')
    const [first, second] = [
      await json(['show', bundle]),
      await json(['show', at('refused.bundle')]),
    ]
    expect(second).toMatchObject({ number: Date.UTC(2024, 5, 15) / 1_000, digest: first['digest'] })
    rmSync(at('refused.bundle'))
  })

  const readable = () => {
    cpSync(key, at('readable.key'))
    chmodSync(at('readable.key'), 0o644)
    return at('readable.key')
  }
  test.each<[string, () => readonly string[], Wanted]>([
    [
      'a pack with faults',
      () => [
        edited(
          'faulty/security-defaults',
          'rules/block-legacy-authentication.json',
          '"conditions"',
          '"condtions"',
        ),
        '--key',
        key,
      ],
      { code: 2, err: /fault/ },
    ],
    [
      'a pack that fails its own test',
      () => [
        edited(
          'failing/security-defaults',
          'rules/block-legacy-authentication.json',
          '"code": "legacyAuthentication"',
          '"code": "legacy"',
        ),
        '--key',
        key,
      ],
      { code: 1, err: /case fails.*no bundle was made/s },
    ],
    [
      'a pack of which is not proved what it promises',
      () => [unproved('not-proved/security-defaults'), '--key', key],
      {
        code: 1,
        err: /invariant refuted: legacy-.*2 invariants of it are not proved; no bundle was made/s,
      },
    ],
    ['no pack', () => ['security-default', '--key', key], { code: 2, err: /did you mean/ }],
    ['no key', () => ['security-defaults'], { code: 2, err: /--key/ }],
    [
      'a key that others may read',
      () => ['security-defaults', '--key', readable()],
      { code: 2, err: /readable\.key: others may read it \(mode 644\)/ },
    ],
    [
      'a public key',
      () => ['security-defaults', '--key', pub],
      { code: 2, err: /expected a private key in PEM|others may read it/ },
    ],
    [
      'one key twice',
      () => ['security-defaults', '--key', key, '--key', key],
      { code: 2, err: /twice/ },
    ],
    [
      'the number 0',
      () => ['security-defaults', '--key', key, '--number', '0'],
      { code: 2, err: /--number: expected a whole number from 1 to 9007199254740991, got "0"/ },
    ],
  ])('refuses %s, and leaves no file', async (_, args, wanted) => {
    await check(['create', ...args(), '--out', at('refused.bundle')], wanted)
    expect(existsSync(at('refused.bundle'))).toBe(false)
  })

  test('says where it can not write, and leaves nothing', async () => {
    await check(['create', 'security-defaults', '--key', key, '--out', at('no/where.bundle')], {
      code: 2,
      err: /ENOENT/,
    })
  })
})

describe('portcullis bundle verify', () => {
  const changed = (name: string, change: (text: string) => string) => {
    writeFileSync(at(name), change(readFileSync(bundle, 'utf8')))
    return at(name)
  }
  test('is ok when every check is', async () => {
    await check(['verify', bundle, '--key', pub], {
      code: 0,
      out: /^ok +format .*\nok +signature .*\nok +digest .*\nok +contents .*\nok +pack .*\nok +revision .*\nok +self-test .*\nok +proof .*\n.*number 42, security-defaults-current sha256:/,
    })
    expect(await json(['verify', bundle, '--key', other, '--key', pub])).toMatchObject({
      ok: true,
      number: 42,
      pack: 'security-defaults-current',
    })
  })

  test.each<[string, () => string, string, readonly string[]]>([
    ['no bundle', () => key, 'format', []],
    [
      'unsigned',
      () => changed('u', (text) => text.replace(/^signature.*\n/m, '')),
      'signature',
      ['format'],
    ],
    [
      'of a higher number',
      () => changed('n', (text) => text.replace('42', '43')),
      'signature',
      ['format'],
    ],
    ['cut off', () => changed('c', (text) => text.slice(0, -1)), 'digest', ['format', 'signature']],
    [
      'changed',
      () => changed('p', (text) => text.replace('block', 'allow')),
      'digest',
      ['format', 'signature'],
    ],
  ])('names the check that fails when it is %s', async (_, file, failed, passed) => {
    expect(await json(['verify', file(), '--key', pub], 1)).toMatchObject({
      ok: false,
      failed,
      passed,
    })
    await check(['verify', file(), '--key', pub], {
      code: 1,
      out: new RegExp(`^(ok .*\n)*not ok +${failed}: `),
    })
  })

  test('needs the right key, and one', async () => {
    await check(['verify', bundle, '--key', other], {
      code: 1,
      out: /not ok +signature: expected a signature of/,
    })
    await check(['verify', bundle], { code: 2, err: /--key/ })
    await check(['verify', bundle, '--key', key], { code: 2, err: /got a private one/ })
    const err = /^portcullis: can't read \S+nowhere: there is no such file\n$/
    await check(['verify', at('nowhere'), '--key', pub], { code: 2, err })
    await check(['show', at('nowhere')], { code: 2, err })
  })

  test.each([
    ['self-test', failing],
    ['proof', unproved],
  ])('says that a pack fails the %s, though it was signed', async (failed, broken) => {
    const { bytes } = await sealed(broken(`signed-${failed}/security-defaults`))
    writeFileSync(at('failing.bundle'), bytes)
    expect(await json(['verify', at('failing.bundle'), '--key', pub], 1)).toMatchObject({ failed })
  })
})

const failing = (name: string) =>
  edited(
    name,
    'rules/block-legacy-authentication.json',
    '"code": "legacyAuthentication"',
    '"code": "legacy"',
  )

/** One that `create` would not make. */
async function sealed(folder: string) {
  const { readPrivateKey, seal } = await import('../bundle/index.ts')
  const { mustParse, packSource } = await import('./load-pack.ts')
  const source = packSource(folder)
  const pack = mustParse(source, 'signed', {} as Io)
  return seal(source, pack, 1, [readPrivateKey(key)])
}

describe('portcullis bundle show', () => {
  test('lists what is in it, signed or not', async () => {
    await check(['show', bundle], {
      code: 0,
      out: /number +42\n.*security-defaults-current, which extends security-defaults\n.*security-defaults\/pack\.json +[\d,]+ bytes +sha256:/s,
    })
    await check(['show', key], { code: 1, err: /format: expected a bundle/ })
  })
})

describe('portcullis serve --bundle', () => {
  const serving = async (...flags: readonly string[]) => {
    let err = ''
    const io = {
      out: () => undefined,
      err: (text: string) => (err += text),
      env: {},
      now: Date.now,
    }
    const code = await run(['serve', '--port', '0', ...flags], { ...io, terminal: false } as never)
    return { code, err }
  }
  test.each<[string, () => readonly string[], RegExp]>([
    ['no key', () => ['--bundle', bundle], /--bundle: expected a public key to check the bundle/],
    [
      'another key',
      () => ['--bundle', bundle, '--bundle-key', other],
      /no bundle to start by: .*pack\.bundle: signature: expected a signature of \w+, got \w+; and nothing is kept/,
    ],
    [
      'a private key',
      () => ['--bundle', bundle, '--bundle-key', key],
      /--bundle-key: .*a\.key: expected a public key, got a private one/,
    ],
    [
      'no source and nothing kept',
      () => ['--bundle', at('nowhere'), '--bundle-key', pub, '--state', at('state')],
      /no bundle to start by: .*unreachable: ENOENT.*; and none is kept/,
    ],
    [
      'another pack than the one that is wanted',
      () => ['--bundle', bundle, '--bundle-key', pub, '--bundle-pack', 'security-defaults'],
      /other-pack: expected the pack "security-defaults", got "security-defaults-current"/,
    ],
    [
      'a pack besides',
      () => ['--bundle', bundle, '--bundle-key', pub, '--pack', './my-pack'],
      /expected a bundle or a pack to decide by, got both/,
    ],
  ])('does not start with %s', async (_, flags, message) => {
    const { code, err } = await serving(...flags())
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })
})

/** As docs/bundles.md tells it. */
describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('a stranger with OpenSSL', () => {
  const shell = (script: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { cwd: scratch })
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' })
    return String(stdout)
  }

  test('checks signature and digest', async () => {
    const { digest, signedBy } = await json(['show', bundle])
    const verified = shell(`
      head -n 4 pack.bundle > head
      sed -n 's/^signature ed25519 [0-9a-f]* //p;/^$/q' pack.bundle | base64 -d > signature
      openssl pkeyutl -verify -pubin -inkey a.pub -rawin -in head -sigfile signature`)
    expect(verified).toMatch(/Verified Successfully/)
    expect(shell(`sed '1,/^$/d' pack.bundle | sha256sum`)).toBe(
      `${String(digest).replace('sha256:', '')}  -\n`,
    )
    expect(
      shell('openssl pkey -pubin -in a.pub -outform DER | sha256sum | cut -c 1-16').trim(),
    ).toBe((signedBy as string[])[0])
  })

  test('makes keys and signatures that are taken', async () => {
    const id = shell(`
      openssl genpkey -algorithm ed25519 -out c.key 2>/dev/null
      chmod 600 c.key
      openssl pkey -in c.key -pubout -out c.pub
      head -n 4 pack.bundle > head
      openssl pkeyutl -sign -inkey c.key -rawin -in head -out signature
      id=$(openssl pkey -pubin -in c.pub -outform DER | sha256sum | cut -c 1-16)
      { cat head; echo "signature ed25519 $id $(base64 -w 0 signature)"; sed '1,4d' pack.bundle; } > two.bundle
      echo $id`).trim()
    expect(await json(['verify', at('two.bundle'), '--key', at('c.pub')])).toMatchObject({
      ok: true,
      signedBy: [id],
    })
    await check(['create', 'security-defaults', '--key', at('c.key'), '--out', at('c.bundle')], {
      code: 0,
    })
  })
})

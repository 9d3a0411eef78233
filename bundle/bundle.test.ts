import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePack, type PackSource } from '../engine/index.ts'
import { packOf as sourceOf, shippedPacks } from '../property-tests/packs.ts'
import { printContents } from './contents.ts'
import { mostBytes, printEnvelope, signedHead } from './envelope.ts'
import { digestOf, generateKey, open, peek, privateKey, publicKey, seal } from './index.ts'
import type { Check } from './refusal.ts'

const pair = () => {
  const { privatePem, publicPem } = generateKey()
  return { secret: privateKey(privatePem), pub: publicKey(publicPem) }
}
const [ours, next, strange] = [pair(), pair(), pair()]

const rule = {
  name: 'block-legacy',
  title: 'Legacy clients are blocked',
  control: 'someControl',
  source: 'some-document#legacy',
  conditions: { all: [{ fact: 'client.app', operator: 'equal', value: 'other' }] },
  event: { type: 'block', params: { code: 'legacy' } },
}
const base = sourceOf({ 'rules/block-legacy.json': rule }, 'base')
const made: PackSource = {
  ...sourceOf(
    {
      'pack.json': {
        id: 'made',
        title: 'Made',
        description: 'Made by a test',
        extends: 'base',
        controls: {},
        sources: {},
      },
      'rules/block-exchange.json': {
        ...rule,
        name: 'block-exchange',
        conditions: {
          all: [{ fact: 'client.app', operator: 'equal', value: 'exchangeActiveSync' }],
        },
      },
    },
    'made',
  ),
  base,
}
const parsed = parsePack(made)
if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
const pack = parsed
const { revision } = pack.ruleSet
const { bytes } = seal(made, pack, 42, [ours.secret])
const text = bytes.toString()
const payload = printContents({ revision, source: made })

/** A bundle that its owner's key signed, whatever it is. */
function signed(contents: Buffer | string, pack = 'made'): Buffer {
  const body = Buffer.from(contents)
  const head = signedHead({
    pack,
    number: 42,
    payloadBytes: body.length,
    digest: digestOf(body),
  })
  const signature = sign(null, head, ours.secret.key)
  return printEnvelope({
    signed: head,
    signatures: [{ keyId: ours.secret.id, signature }],
    payload: body,
  })
}

type Written = { revision: string; packs: { name: string; files: WrittenFile[] }[] }
type WrittenFile = { path: string; digest: string; text: string }
/** Contents changed by one who has the key. */
function changed(change: (written: Written) => void): Buffer {
  const written = JSON.parse(payload.toString()) as Written
  change(written)
  return signed(`${JSON.stringify(written)}\n`)
}
const file = (path: string, text = '{}'): WrittenFile => ({ path, digest: digestOf(text), text })

function check(attack: Buffer | string, refused: Check, detail?: RegExp, trusted = [ours.pub]) {
  const opened = open(Buffer.from(attack), trusted)
  expect(opened).toMatchObject({ refused })
  if (detail !== undefined && 'refused' in opened) expect(opened.detail).toMatch(detail)
}

describe('a bundle', () => {
  test('opens to the pack that was sealed, with what it extends', () => {
    const opened = open(bytes, [ours.pub])
    if ('refused' in opened) throw new Error(opened.detail)
    expect(opened).toMatchObject({ number: 42, revision, signedBy: [ours.pub.id] })
    expect(opened.pack.ruleSet).toEqual(pack.ruleSet)
    expect(opened.pack.base?.ruleSet.id).toBe('base')
    expect(opened.digest).toBe(digestOf(payload))
  })

  test.each(shippedPacks)('$name, opened, is as it was', ({ source, pack: shipped }) => {
    const sealed = seal(source, shipped, 1, [ours.secret])
    const opened = open(sealed.bytes, [ours.pub])
    if ('refused' in opened) throw new Error(opened.detail)
    expect(opened.pack.ruleSet).toEqual(shipped.ruleSet)
    expect(opened.pack.cases.map((each) => each.name)).toEqual(
      shipped.cases.map((each) => each.name),
    )
  })

  test('has the same payload wherever, whenever and in whatever order its files were read', () => {
    const shuffled: PackSource = {
      ...made,
      folder: '/elsewhere/made',
      files: Object.fromEntries(Object.entries(made.files).toReversed()),
    }
    expect(seal(shuffled, pack, 7, [next.secret]).digest).toBe(digestOf(payload))
    // As it has been since the format was made; another program (Python's json and hashlib) finds the same.
    const fixed = printContents({
      revision: `sha256:${'0'.repeat(64)}`,
      source: {
        name: 'fixed',
        folder: 'fixed',
        files: { 'rules/b.json': 'ü\r\n"\\\u2028\u0001', 'pack.json': '{}' },
      },
    })
    expect(createHash('sha256').update(fixed).digest('hex')).toBe(
      'b7f9343292dc26c056fe9711bf30484a4116cafb2e5a41057aceba31d3fc80fa',
    )
  })

  test('is shown without being believed', () => {
    expect(peek(signed(payload))).toMatchObject({
      number: 42,
      packs: [{ name: 'made' }, { name: 'base' }],
    })
    const unsigned = text.replace(/^signature.*\n/m, '')
    expect(peek(Buffer.from(unsigned))).toMatchObject({ signatures: [] })
    expect(open(Buffer.from(unsigned), [ours.pub])).toMatchObject({ refused: 'signature' })
  })
})

describe('refused is', () => {
  const other = seal(made, pack, 42, [strange.secret]).bytes
  const [head = ''] = /^(?:.*\n){4}/.exec(text) ?? []
  const [signature = ''] = /^signature.*\n/m.exec(text) ?? []
  test.each<[string, Buffer | string, Check, RegExp?]>([
    ['nothing', '', 'format', /empty/],
    ['something else', '{"allow": true}', 'format', /begins with "portcullis-bundle 1", got/],
    ['another format', text.replace('bundle 1', 'bundle 2'), 'format', /format 1, got 2/],
    ['a number of two spellings', text.replace('number 42', 'number 042'), 'format'],
    ['a number beyond all', text.replace('number 42', 'number 9999999999999999'), 'format'],
    ['a negative number', text.replace('number 42', 'number -1'), 'format'],
    ['ends of lines of another system', text.replaceAll('\n', '\r\n'), 'format'],
    ['a mark before the first byte', `\uFEFF${text}`, 'format'],
    ['a head that never ends', `portcullis-bundle 1\n${signature.repeat(1_000)}`, 'format'],
    ['nine signatures', text.replace(signature, signature.repeat(9)), 'format'],
    ['one signature twice', text.replace(signature, signature.repeat(2)), 'format', /got two/],
    [
      'a signature in another spelling',
      text.replace(/[AQgw]==\n/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==\n`),
      'format',
    ],
    ['too many bytes', Buffer.concat([bytes, Buffer.alloc(mostBytes)]), 'format', /at most/],
    ['one without a signature', text.replace(signature, ''), 'signature', /got none/],
    ['one signed by another key', other, 'signature', /expected a signature of/],
    [
      'a signature of another key under the id of ours',
      other.toString().replace(strange.pub.id, ours.pub.id),
      'signature',
      /not of this head/,
    ],
    [
      'a signature of the payload',
      text.replace(
        signature,
        `signature ed25519 ${ours.pub.id} ${sign(null, payload, ours.secret.key).toString('base64')}\n`,
      ),
      'signature',
    ],
    [
      'a higher number under the old signature',
      text.replace('number 42', 'number 43'),
      'signature',
    ],
    ['half of it', bytes.subarray(0, bytes.length / 2), 'digest', /expected \d+ bytes.*got \d+/],
    ['all but the last byte', bytes.subarray(0, -1), 'digest'],
    ['a byte behind', Buffer.concat([bytes, Buffer.from('\n')]), 'digest'],
    [
      'the payload of another bundle',
      head + signature + '\n' + payload.toString().replace('Legacy', 'Legal!'),
      'digest',
    ],
    ['no JSON', signed('[]]\n'), 'contents', /expected JSON/],
    ['bytes that are no UTF-8', signed(Buffer.from([0x22, 0xff, 0x22])), 'contents', /UTF-8/],
    ['deep nesting', signed(`${'['.repeat(1e6)}${']'.repeat(1e6)}\n`), 'contents'],
    ['null', signed('null\n'), 'contents'],
    ['no revision', changed((written) => (written.revision = 'latest')), 'contents', /revision/],
    ['no pack', changed(({ packs }) => packs.splice(0)), 'contents', /1 to 16 packs/],
    [
      'a member twice',
      signed(payload.toString().replace('{', '{"revision":"x",')),
      'contents',
      /create` writes/,
    ],
    ['a member too many', changed((written) => Object.assign(written, { allow: 1 })), 'contents'],
    ['other spaces', signed(payload.toString().replace(':', ': ')), 'contents'],
    ['other escapes', signed(payload.toString().replace('Made', '\\u004dade')), 'contents'],
    ['no end of line', signed(payload.subarray(0, -1)), 'contents'],
    [
      'a file twice',
      changed(({ packs }) => packs[0]!.files.splice(0, 0, packs[0]!.files[0]!)),
      'contents',
      /each path once/,
    ],
    [
      'files in another order',
      changed(({ packs }) => (packs[0]!.files = packs[0]!.files.toReversed())),
      'contents',
    ],
    [
      'a file that was swapped',
      changed(({ packs }) => (packs[0]!.files[1]!.text = packs[1]!.files[1]!.text)),
      'contents',
      /made\/rules\/block-exchange\.json: expected sha256/,
    ],
    ...[
      '../base/pack.json',
      'rules/../../x.json',
      '/etc/passwd',
      'C:\\x.json',
      'rules\\x.json',
      '.hidden.json',
      'rules//x.json',
      'rules/',
      '',
      'a/b/c/d/e.json',
      'x\0.json',
      `${'x'.repeat(101)}.json`,
    ].map((path): [string, Buffer, Check, RegExp] => [
      `the path ${JSON.stringify(path).slice(0, 30)}`,
      changed(({ packs }) => packs[1]!.files.unshift(file(path))),
      'contents',
      /path: expected a path below the pack's folder/,
    ]),
    ['a pack outside', changed(({ packs }) => (packs[1]!.name = '../base')), 'contents', /name/],
    [
      'more packs than extend each other',
      changed(({ packs }) =>
        packs.push(...Array.from({ length: 20 }, () => ({ name: 'x', files: [] }))),
      ),
      'contents',
      /1 to 16/,
    ],
    [
      'more files than packs have',
      changed(
        ({ packs }) =>
          (packs[1]!.files = Array.from({ length: 50_001 }, (_, index) =>
            file(`rules/${String(index).padStart(6, '0')}.json`),
          )),
      ),
      'contents',
      /at most 50000 files/,
    ],
    [
      'a pack with faults',
      changed(({ packs }) => packs[0]!.files.push(file('rules/nothing.json'))),
      'pack',
      /made\/rules\/nothing\.json:1:1/,
    ],
    [
      'a file that packs do not have',
      changed(({ packs }) => packs[0]!.files.push(file('x.sh'))),
      'pack',
    ],
    ['a pack without its base', changed(({ packs }) => packs.pop()), 'pack', /extends/],
    [
      'a pack under another name',
      signed(payload.toString().replace('"name":"made"', '"name":"made-up"'), 'made-up'),
      'pack',
      /name of the folder, "made-up"/,
    ],
    [
      'another pack than the head names',
      signed(payload, 'base'),
      'contents',
      /expected the pack "base" that the head names, got "made"/,
    ],
    ['a pack that has no name', text.replace('pack made', 'pack ../made'), 'format'],
    ['another pack under the old signature', text.replace('pack made', 'pack base'), 'signature'],
    [
      'another revision than its rules have',
      changed((written) => (written.revision = `sha256:${'0'.repeat(64)}`)),
      'revision',
      /make it again/,
    ],
  ])('%s', (_, attack, refused, detail) => check(attack, refused, detail))

  test('every bundle of which any one bit is another', () => {
    const flip = (bit: number) => {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const opened = open(flipped, [ours.pub])
      if (!('refused' in opened)) throw new Error(`bit ${bit} does not matter`)
      expect(['format', 'signature', 'digest']).toContain(opened.refused)
    }
    const headBits = 8 * text.indexOf('\n\n') + 16
    for (let bit = 0; bit < headBits; bit++) flip(bit)
    fc.assert(fc.property(fc.nat(8 * bytes.length - 1), flip), { numRuns: 2_000 })
  })

  test('every bundle of which a region was replaced, taken out or put in', () => {
    const place = fc.nat(bytes.length)
    fc.assert(
      fc.property(place, place, fc.uint8Array({ maxLength: 100 }), (a, b, put) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const mangled = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)])
        fc.pre(!mangled.equals(bytes))
        expect(open(mangled, [ours.pub])).toHaveProperty('refused')
      }),
      { numRuns: 1_000 },
    )
  })

  test('whatever bytes come, without an error', () => {
    const start = fc.constantFrom('', 'portcullis-bundle 1\n', head, head + signature + '\n')
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (before, rest) => {
        const junk = Buffer.concat([Buffer.from(before), rest])
        expect(open(junk, [ours.pub])).toHaveProperty('refused')
        peek(junk)
      }),
    )
  })
})

describe('keys', () => {
  const both = seal(made, pack, 42, [ours.secret, next.secret]).bytes

  test('may be rotated: signed by the old and the new one, a bundle is taken where either is trusted', () => {
    for (const trusted of [[ours.pub], [next.pub], [ours.pub, next.pub], [strange.pub, next.pub]])
      expect(open(both, trusted)).toMatchObject({ number: 42 })
    expect(open(bytes, [ours.pub, next.pub])).toMatchObject({ signedBy: [ours.pub.id] })
    check(both, 'signature', /expected a signature of/, [strange.pub])
    check(bytes, 'signature', undefined, [next.pub])
  })

  test('that are trusted have to be right, each of them; no bit that they signed may be another', () => {
    const headEnd = both.indexOf('signature ed25519')
    const payloadStart = both.indexOf('\n\n') + 2
    fc.assert(
      fc.property(fc.nat(8 * both.length - 1), (bit) => {
        const flipped = Buffer.from(both)
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        const opened = open(flipped, [ours.pub, next.pub])
        const isSigned = bit >> 3 < headEnd || bit >> 3 >= payloadStart
        // A flipped bit in the id of a key makes it an unknown one, which says nothing; the other still signed every byte.
        if (isSigned) expect(opened).toHaveProperty('refused')
        else if (!('refused' in opened)) expect(opened.signedBy).toHaveLength(1)
      }),
      { numRuns: 1_000 },
    )
  })

  test('trusting nobody opens nothing', () => check(bytes, 'signature', undefined, []))

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  const ed448 = generateKeyPairSync('ed448').publicKey
  const pem = (key: typeof ed448) => key.export({ type: 'spki', format: 'pem' })
  const own = generateKey()
  test.each([
    ['a private key to check with', () => publicKey(own.privatePem), /got a private one/],
    ['a public key to sign with', () => privateKey(own.publicPem), /expected a private key in PEM/],
    ['RSA', () => publicKey(pem(rsa.publicKey)), /Ed25519 key, got rsa/],
    ['Ed448', () => publicKey(pem(ed448)), /Ed25519 key, got ed448/],
    ['text', () => publicKey('secret'), /expected a public key in PEM$/],
    ['half a key', () => publicKey(own.publicPem.slice(0, 50)), /expected a public key in PEM/],
    [
      'a broken private key, of which nothing is told',
      () => privateKey(own.privatePem.replace('MC4', 'AAA')),
      /^expected a private key in PEM, without a passphrase$/,
    ],
  ])('refused is %s', (_, read, message) => expect(read).toThrow(message))
})

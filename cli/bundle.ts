import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  checks,
  greatestNumber,
  mostBytes,
  mostSignatures,
  open,
  peek,
  readPrivateKey,
  readPublicKeys,
  refuse,
  seal,
  writeKeyFiles,
  type Check,
  type Refused,
} from '../bundle/index.ts'
import { faultText, selfTest, unproved, type Pack } from '../engine/index.ts'
import { findingText } from './check.ts'
import { exit, plural, styler, table, unreadable, UsageError, type Io } from './io.ts'
import { mustParse, packSource } from './load-pack.ts'
import { isOfFiles, usable } from './usable.ts'
import { unprovedText } from './unproved.ts'
import { writeWhole } from './write-whole.ts'

type Json = { readonly json?: boolean }

/** `portcullis bundle keygen`: a pair of keys as files. */
export function keygenCommand(name: string, flags: Json, io: Io): number {
  const { id, files } = usable(() => writeKeyFiles(name))
  const [key = '', pub = ''] = files
  io.out(
    flags.json
      ? `${JSON.stringify({ id, private: key, public: pub }, null, 2)}\n`
      : `key ${id}\n${key}  signs; keep it secret\n${pub}  checks; give it to whoever takes bundles\n`,
  )
  return exit.ok
}

/** `portcullis bundle create`: a pack that passes its own test, signed. */
export function createCommand(
  name: string,
  flags: Json & { readonly key: readonly string[]; readonly out: string; readonly number?: string },
  io: Io,
): number {
  const keys = usable(() => flags.key.map(readPrivateKey))
  if (keys.length === 0 || keys.length > mostSignatures)
    throw new UsageError(`--key: expected 1 to ${mostSignatures} private keys, got ${keys.length}`)
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw new UsageError('--key: expected different keys, got one of them twice')
  const number = parseNumber(flags.number, io)
  const source = packSource(name)
  const pack = mustParse(source, name, io)
  const failed = failedBy(pack, io)
  if (failed !== undefined) {
    io.err(`portcullis: the pack ${JSON.stringify(name)}: ${failed.detail}; no bundle was made\n`)
    return exit.findings
  }
  const { bytes, digest } = usable(() => {
    const sealed = seal(source, pack, number, keys)
    writeWhole(flags.out, sealed.bytes)
    return sealed
  })
  const { id, revision } = pack.ruleSet
  const signedBy = keys.map((key) => key.id)
  io.out(
    flags.json
      ? `${JSON.stringify({ file: flags.out, number, bytes: bytes.length, digest, pack: id, revision, signedBy }, null, 2)}\n`
      : `${flags.out}: number ${number}, ${size(bytes.length)}, signed by ${signedBy.join(', ')}\n${table(
          [
            ['pack', id],
            ['revision', revision],
            ['digest', digest],
          ],
        )}`,
  )
  return exit.ok
}

/** `portcullis bundle verify`: check by check, until one fails. */
export function verifyCommand(
  file: string,
  flags: Json & { readonly key: readonly string[] },
  io: Io,
): number {
  const trusted = usable(() => readPublicKeys(flags.key))
  if (trusted.length === 0)
    throw new UsageError('--key: expected at least one public key, got none')
  const opened = open(readBundle(file), trusted)
  const failed = 'refused' in opened ? opened : failedBy(opened.pack, io)
  const names = Object.keys(checks) as readonly Check[]
  const passed = failed === undefined ? names : names.slice(0, names.indexOf(failed.refused))
  const told =
    'refused' in opened
      ? {}
      : {
          number: opened.number,
          pack: opened.pack.ruleSet.id,
          revision: opened.revision,
          digest: opened.digest,
          signedBy: opened.signedBy,
        }
  if (flags.json)
    io.out(
      `${JSON.stringify({ file, ok: failed === undefined, passed, ...(failed && { failed: failed.refused, detail: failed.detail }), ...told }, null, 2)}\n`,
    )
  else {
    const style = styler(io)
    for (const fault of failed?.faults ?? []) io.err(`${faultText(fault)}\n`)
    const width = Math.max(...names.map((name) => name.length))
    for (const name of passed)
      io.out(`${style('green', 'ok')}      ${name.padEnd(width)}  ${checks[name]}\n`)
    if (failed) io.out(`${style(['red', 'bold'], 'not ok')}  ${failed.refused}: ${failed.detail}\n`)
    else if (!('refused' in opened))
      io.out(
        `${file}: number ${opened.number}, ${opened.pack.ruleSet.id} ${opened.revision}, signed by ${opened.signedBy.join(', ')}\n`,
      )
  }
  return failed === undefined ? exit.ok : exit.findings
}

/** Why a pack would not go live: what its own test finds, or what of its promises is not proved. All of it is shown. */
function failedBy(pack: Pack, io: Io): Refused | undefined {
  const findings = selfTest(pack, 'full')
  io.err(findings.map((finding) => findingText(finding, io)).join(''))
  if (findings.length > 0)
    return refuse('self-test', `it fails its own test with ${plural(findings.length, 'finding')}`)
  const open = unproved(pack)
  io.err(open.map((each) => unprovedText(each, io)).join(''))
  return open.length > 0
    ? refuse(
        'proof',
        `${plural(open.length, 'invariant')} of it ${open.length === 1 ? 'is' : 'are'} not proved`,
      )
    : undefined
}

/** `portcullis bundle show`: what a bundle says of itself. */
export function showCommand(file: string, flags: Json, io: Io): number {
  const bytes = readBundle(file)
  const peeked = peek(bytes)
  if ('refused' in peeked) {
    io.err(`portcullis: ${file}: ${peeked.refused}: ${peeked.detail}\n`)
    return exit.findings
  }
  const { number, digest, signatures, revision, packs } = peeked
  const signedBy = signatures.map(({ keyId }) => keyId)
  if (flags.json)
    io.out(
      `${JSON.stringify({ file, number, bytes: bytes.length, digest, signaturesChecked: false, signedBy, revision, packs }, null, 2)}\n`,
    )
  else
    io.out(
      [
        table(
          [
            ['number', String(number)],
            ['size', size(bytes.length)],
            ['digest', digest],
            [
              'signed by',
              `${signedBy.join(', ') || 'nobody'} (not checked here: portcullis bundle verify)`,
            ],
            ['revision', revision],
            ['pack', packs.map(({ name }) => name).join(', which extends ')],
          ],
          '',
        ),
        '\n',
        table(
          packs.flatMap(({ name, files }) =>
            files.map((each) => [`${name}/${each.path}`, size(each.bytes), each.digest]),
          ),
          '',
        ),
      ].join(''),
    )
  return exit.ok
}

const size = (bytes: number) => `${bytes.toLocaleString('en')} bytes`

function parseNumber(given: string | undefined, io: Io): number {
  const text = given ?? String(Math.floor(io.now() / 1_000))
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= greatestNumber))
    throw new UsageError(
      `--number: expected a whole number from 1 to ${greatestNumber}, got ${JSON.stringify(text)}`,
    )
  return number
}

/** The bytes of a file, but of one that is too large only as many as tell that. */
function readBundle(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const stat = fstatSync(descriptor)
      const bytes = Buffer.alloc(Math.min(stat.isFile() ? stat.size : mostBytes + 1, mostBytes + 1))
      let read = 0
      for (let part = -1; part !== 0 && read < bytes.length; read += part)
        part = readSync(descriptor, bytes, read, bytes.length - read, null)
      return bytes.subarray(0, read)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw isOfFiles(error) ? unreadable(file, error) : error
  }
}

import { refuse, type Refused } from './refusal.ts'

/** A bundle taken apart, and nothing of it believed yet. `docs/bundles.md` has it byte by byte. */
export type Envelope = Head & {
  readonly signatures: readonly Signature[]
  /** The exact bytes that are signed. */
  readonly signed: Buffer
  readonly payload: Buffer
}

/** What is signed. */
export type Head = {
  /** Id of the pack. */
  readonly pack: string
  /** Orders the bundles of a pack: a higher one is newer. */
  readonly number: number
  /** What the head says the payload is. */
  readonly payloadBytes: number
  readonly digest: string
}

export type Signature = { readonly keyId: string; readonly signature: Buffer }

/** Bytes that a bundle may have: ten thousand rules take some 10 MB. */
export const mostBytes = 64 * 1024 * 1024
export const mostSignatures = 8
export const greatestNumber = Number.MAX_SAFE_INTEGER
/** No head is longer. */
const mostHeadBytes = 2_048

const isHead = new RegExp(
  [
    String.raw`^(portcullis-bundle 1\npack ([\w-]{1,100})\nnumber ([1-9]\d{0,15})\n`,
    String.raw`payload ([1-9]\d{0,8}) (sha256:[0-9a-f]{64})\n)`,
    // the last sign holds four bits that mean nothing: they have to be 0, so that a signature has one spelling
    String.raw`((?:signature ed25519 [0-9a-f]{16} [A-Za-z0-9+/]{85}[AQgw]==\n){0,${mostSignatures}})\n`,
  ].join(''),
)

/** The lines that are signed, ends of lines included. */
export const signedHead = ({ pack, number, payloadBytes, digest }: Head): Buffer =>
  Buffer.from(
    `portcullis-bundle 1\npack ${pack}\nnumber ${number}\npayload ${payloadBytes} ${digest}\n`,
  )

export function printEnvelope({
  signed,
  signatures,
  payload,
}: Pick<Envelope, 'signed' | 'signatures' | 'payload'>): Buffer {
  const lines = signatures.map(
    ({ keyId, signature }) => `signature ed25519 ${keyId} ${signature.toString('base64')}\n`,
  )
  return Buffer.concat([signed, Buffer.from(`${lines.join('')}\n`), payload])
}

/** Takes a bundle apart by its head alone, which has one spelling. */
export function readEnvelope(bytes: Buffer): Envelope | Refused {
  if (bytes.length > mostBytes)
    return refuse('format', `expected at most ${mostBytes} bytes, got ${bytes.length}`)
  const text = bytes.toString('latin1', 0, mostHeadBytes)
  const [head, signed = '', pack = '', number, payloadBytes, digest = '', lines = ''] =
    isHead.exec(text) ?? []
  if (head === undefined) return refuse('format', whatItIs(text))
  if (Number(number) > greatestNumber)
    return refuse('format', `expected a number up to ${greatestNumber}, got ${number}`)
  const signatures = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, , keyId = '', signature = ''] = line.split(' ')
      return { keyId, signature: Buffer.from(signature, 'base64') }
    })
  if (new Set(signatures.map(({ keyId }) => keyId)).size < signatures.length)
    return refuse('format', 'expected one signature of each key, got two')
  return {
    pack,
    number: Number(number),
    payloadBytes: Number(payloadBytes),
    digest,
    signatures,
    signed: bytes.subarray(0, signed.length),
    payload: bytes.subarray(head.length),
  }
}

function whatItIs(text: string): string {
  if (text === '') return 'expected a bundle, got an empty file'
  const [, version] = /^portcullis-bundle (\d+)\n/.exec(text) ?? []
  if (version === undefined)
    return `expected a bundle, which begins with "portcullis-bundle 1", got ${JSON.stringify(text.slice(0, 30))}`
  return version === '1'
    ? 'expected the lines pack, number, payload, signature and an empty one, spelt as the format says'
    : `expected format 1, got ${version}: it was made by another version of Portcullis`
}

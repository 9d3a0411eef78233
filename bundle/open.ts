import { verify } from 'node:crypto'
import { faultText, parsePack, type Pack } from '../engine/index.ts'
import { digestOf, listed, readContents, type Contents } from './contents.ts'
import { readEnvelope, type Envelope } from './envelope.ts'
import type { Key } from './keys.ts'
import { refuse, type Refused } from './refusal.ts'

/** A bundle that a trusted key signed, whole to the byte. */
export type Unsealed = Contents & {
  readonly number: number
  /** Of the payload; names what is in it. */
  readonly digest: string
  /** Ids of the trusted keys that signed it. */
  readonly signedBy: readonly string[]
}

export type Opened = Unsealed & { readonly pack: Pack }

/** Holds a bundle to all but its own cases; the first check that fails refuses it. */
export function open(bytes: Buffer, trusted: readonly Key[]): Opened | Refused {
  const unsealed = unseal(bytes, trusted)
  if ('refused' in unsealed) return unsealed
  const pack = packOf(unsealed)
  return 'refused' in pack ? pack : { ...unsealed, pack }
}

/** What is in a bundle that a trusted key signed. Nothing but the head is looked at before the signature holds. */
export function unseal(bytes: Buffer, trusted: readonly Key[]): Unsealed | Refused {
  const envelope = readEnvelope(bytes)
  if ('refused' in envelope) return envelope
  const signedBy = signersOf(envelope, trusted)
  if ('refused' in signedBy) return signedBy
  const contents = wholeContents(envelope)
  if ('refused' in contents) return contents
  const { number, digest } = envelope
  return { ...contents, number, digest, signedBy }
}

/** What a bundle says of itself, whoever signed it, or nobody: to be shown, and never to decide by. */
export function peek(bytes: Buffer) {
  const envelope = readEnvelope(bytes)
  if ('refused' in envelope) return envelope
  const contents = wholeContents(envelope)
  if ('refused' in contents) return contents
  const { number, digest, signatures } = envelope
  const { revision, source } = contents
  return { number, digest, signatures, revision, packs: listed(source) }
}

/** The pack of a bundle, if this version reads it as the rule set that was signed. */
export function packOf({ source, revision }: Contents): Pack | Refused {
  const pack = parsePack(source)
  if (pack.faults) {
    const more = pack.faults.length > 1 ? `; and ${pack.faults.length - 1} more` : ''
    const detail = `${pack.faults[0] ? faultText(pack.faults[0]) : 'faults'}${more}`
    return { ...refuse('pack', detail), faults: pack.faults }
  }
  if (pack.ruleSet.revision !== revision)
    return refuse(
      'revision',
      `expected ${revision}, got ${pack.ruleSet.revision}: it was made by a version of Portcullis that reads these rules otherwise; make it again with this one`,
    )
  return pack
}

/** A key that is not trusted says nothing; one that is has to be right, even beside another that is. */
function signersOf({ signatures, signed }: Envelope, trusted: readonly Key[]): string[] | Refused {
  if (signatures.length === 0) return refuse('signature', 'expected a signature, got none')
  const signedBy: string[] = []
  for (const { keyId, signature } of signatures)
    for (const { id, key } of trusted) {
      if (id !== keyId) continue
      if (!verify(null, signed, key, signature))
        return refuse('signature', `the signature of the key ${keyId} is not of this head`)
      signedBy.push(keyId)
    }
  return signedBy.length > 0
    ? signedBy
    : refuse(
        'signature',
        `expected a signature of ${trusted.map(({ id }) => id).join(' or ')}, got ${signatures.map(({ keyId }) => keyId).join(', ')}`,
      )
}

function wholeContents({ payload, payloadBytes, digest }: Envelope): Contents | Refused {
  if (payload.length !== payloadBytes)
    return refuse('digest', `expected ${payloadBytes} bytes of payload, got ${payload.length}`)
  const actual = digestOf(payload)
  if (actual !== digest) return refuse('digest', `expected ${digest}, got ${actual}`)
  return readContents(payload)
}

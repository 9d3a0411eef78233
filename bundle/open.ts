import { verify } from 'node:crypto'
import { faultText, parsePack, type Pack } from '../engine/index.ts'
import { digestOf, listed, readContents, type Contents } from './contents.ts'
import { readEnvelope, type Envelope, type Head } from './envelope.ts'
import type { Key } from './keys.ts'
import { refuse, type Refused } from './refusal.ts'

/** A bundle that a trusted key signed, whole to the byte. What is in it has not been looked at. */
export type Authentic = Omit<Head, 'payloadBytes'> & {
  /** Ids of the trusted keys that signed it. */
  readonly signedBy: readonly string[]
  readonly payload: Buffer
}

export type Opened = Omit<Authentic, 'pack' | 'payload'> & Contents & { readonly pack: Pack }

/** Holds a bundle to all but its own cases; the first check that fails refuses it. */
export function open(bytes: Buffer, trusted: readonly Key[]): Opened | Refused {
  const bundle = authenticate(bytes, trusted)
  if ('refused' in bundle) return bundle
  const contents = contentsOf(bundle)
  if ('refused' in contents) return contents
  const pack = packOf(contents)
  if ('refused' in pack) return pack
  const { number, digest, signedBy } = bundle
  return { ...contents, number, digest, signedBy, pack }
}

/** Checks who signed a bundle, and that it is whole. Nothing but the head is looked at before the signature holds. */
export function authenticate(bytes: Buffer, trusted: readonly Key[]): Authentic | Refused {
  const envelope = readEnvelope(bytes)
  if ('refused' in envelope) return envelope
  const signedBy = signersOf(envelope, trusted)
  if ('refused' in signedBy) return signedBy
  const damage = damageOf(envelope)
  if (damage !== undefined) return damage
  const { pack, number, digest, payload } = envelope
  return { pack, number, digest, signedBy, payload }
}

/** What is in a whole bundle. Takes a third of a second for 10,000 rules. */
export function contentsOf({
  pack,
  payload,
}: Pick<Authentic, 'pack' | 'payload'>): Contents | Refused {
  const contents = readContents(payload)
  if ('refused' in contents || contents.source.name === pack) return contents
  return refuse(
    'contents',
    `expected the pack ${JSON.stringify(pack)} that the head names, got ${JSON.stringify(contents.source.name)}`,
  )
}

/** What a bundle says of itself, whoever signed it, or nobody: to be shown, and never to decide by. */
export function peek(bytes: Buffer) {
  const envelope = readEnvelope(bytes)
  if ('refused' in envelope) return envelope
  const contents = damageOf(envelope) ?? contentsOf(envelope)
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

function damageOf({ payload, payloadBytes, digest }: Envelope): Refused | undefined {
  if (payload.length !== payloadBytes)
    return refuse('digest', `expected ${payloadBytes} bytes of payload, got ${payload.length}`)
  const actual = digestOf(payload)
  return actual === digest ? undefined : refuse('digest', `expected ${digest}, got ${actual}`)
}

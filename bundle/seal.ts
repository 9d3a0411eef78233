import { sign } from 'node:crypto'
import type { Pack, PackSource } from '../engine/index.ts'
import { digestOf, printContents } from './contents.ts'
import { mostBytes, printEnvelope, signedHead } from './envelope.ts'
import type { Key } from './keys.ts'

/** A pack as a signed bundle. Throws a RangeError when it is too large. */
export function seal(
  source: PackSource,
  pack: Pack,
  number: number,
  keys: readonly Key[],
): { readonly bytes: Buffer; readonly digest: string } {
  const payload = printContents({ revision: pack.ruleSet.revision, source })
  const digest = digestOf(payload)
  const signed = signedHead({ pack: source.name, number, payloadBytes: payload.length, digest })
  const signatures = keys
    .map(({ id, key }) => ({ keyId: id, signature: sign(null, signed, key) }))
    .sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
  const bytes = printEnvelope({ signed, signatures, payload })
  if (bytes.length > mostBytes)
    throw new RangeError(`expected at most ${mostBytes} bytes, got ${bytes.length}`)
  return { bytes, digest }
}

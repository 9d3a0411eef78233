import type { Credential } from './credential.ts'
import { refusals, type Refusal } from './refusals.ts'
import { digestOf } from './tokens.ts'

/** Longer ones are not looked at. */
const mostTokenLength = 8_192
/** `b64token` of RFC 6750. */
const bearer = /^Bearer +([\w.~+/-]+=*)$/i

/** The credential that an Authorization header shows, or why it shows none. */
export function shown(
  header: string,
  known: (digest: Buffer) => Credential | undefined,
): Credential | Refusal {
  if (header.length > mostTokenLength) return refusals.oversized
  const token = bearer.exec(header)?.[1]
  if (token === undefined) return refusals.malformed
  return known(digestOf(token)) ?? refusals.unknownToken
}

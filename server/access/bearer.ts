import type { Credential } from './credential.ts'
import type { Jwts } from './jwt.ts'
import { refusals, type Refusal } from './refusals.ts'
import { digestOf } from './tokens.ts'

/** Longer ones are not looked at. */
const mostHeaderLength = 8_192
/** `b64token` of RFC 6750. */
const bearer = /^Bearer +([\w.~+/-]+=*)$/i
const jwtForm = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** The credential that an Authorization header shows, or why it shows none. */
export function shown(
  header: string,
  known: (digest: string) => Credential | undefined,
  jwts: Jwts | undefined,
): Credential | Refusal | Promise<Credential | Refusal> {
  if (header.length > mostHeaderLength) return refusals.oversized
  const token = bearer.exec(header)?.[1]
  if (token === undefined) return refusals.malformed
  const digest = digestOf(token)
  const listed = known(digest)
  if (listed) return listed
  return jwts && jwtForm.test(token) ? jwts(token, digest) : refusals.unknownToken
}

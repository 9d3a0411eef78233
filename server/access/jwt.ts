import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type FetchImplementation,
  type JWTPayload,
} from 'jose'
import type { Settings } from '../settings.ts'
import type { Credential } from './credential.ts'
import { refusals, type Refusal } from './refusals.ts'
import { scopes } from './scopes.ts'

/** What a JWT shows: at once when it has been verified lately, else once it is. `digest` is that of the token, in hex. */
export type Jwts = (
  token: string,
  digest: string,
) => Credential | Refusal | Promise<Credential | Refusal>

const keysWithinMs = 5_000
/** How old keys may get: so long after it was withdrawn a key may still be used, and `keptMs` more. */
const keysMaxAgeMs = 300_000
/** At the soonest so long after they were fetched are keys fetched again for one that is not among them; or so long after a failure. */
const [cooldownMs, afterFailureMs] = [30_000, 2_000]
const mostKeysBytes = 1_048_576

/** How long what was verified is known, and of how many tokens. */
const [keptMs, mostKept] = [60_000, 10_000]
/** Tokens that are verified at a time; those who only pretend must not take all of the thread. */
const mostVerifying = 64

export type JwtSettings = Pick<
  Settings,
  'jwksUrl' | 'jwtIssuer' | 'jwtAudience' | 'jwtAlgorithms' | 'jwtClockTolerance'
>

/** Verifies JWTs of one issuer by the keys that it publishes. Who is trusted is said by settings alone; nothing in a token can name a key or an address. */
export function jwts(settings: JwtSettings, clock: () => number): Jwts {
  const { jwtIssuer: issuer, jwtAudience, jwtAlgorithms, jwtClockTolerance } = settings
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl!), {
    timeoutDuration: keysWithinMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: keysMaxAgeMs,
    [customFetch]: boundedFetch(clock),
  })
  const options = {
    issuer,
    audience: [...jwtAudience],
    algorithms: [...jwtAlgorithms],
    clockTolerance: jwtClockTolerance,
    requiredClaims: ['exp'],
  }
  const kept = new Map<string, { readonly credential: Credential; readonly untilMs: number }>()
  const verifying = new Map<string, Promise<Credential | Refusal>>()

  async function verify(token: string, key: string): Promise<Credential | Refusal> {
    try {
      const { payload } = await jwtVerify(token, keys, options)
      const credential = credentialOf(payload, jwtClockTolerance)
      if (credential === undefined) return refusals.wrongCertificate
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value!)
      kept.set(key, { credential, untilMs: clock() + keptMs })
      return credential
    } catch (error) {
      return refusalOf(error)
    } finally {
      verifying.delete(key)
    }
  }

  return (token, key) => {
    const known = kept.get(key)
    if (known && known.untilMs > clock()) return known.credential
    kept.delete(key)
    const pending = verifying.get(key)
    if (pending) return pending
    if (verifying.size >= mostVerifying) return refusals.busy
    const verified = verify(token, key)
    verifying.set(key, verified)
    return verified
  }
}

/** Undefined when it is bound to what can't be checked here: a token that was stolen must not be good without what it is bound to. */
function credentialOf(payload: JWTPayload, toleranceSeconds: number): Credential | undefined {
  const { sub, scope, scp, roles, cnf, exp } = payload
  const certificate = cnf === undefined ? undefined : thumbprintOf(cnf)
  if (cnf !== undefined && certificate === undefined) return undefined
  const named = new Set([scope, scp, roles].flatMap(wordsOf))
  return {
    id: `jwt:${sub ?? wordsOf(payload['client_id'] ?? payload['azp']).join()}`,
    scopes: new Set(scopes.filter((each) => named.has(each))),
    expiresMs: (exp! + toleranceSeconds) * 1_000,
    ...(certificate !== undefined && { certificate }),
  }
}

const wordsOf = (claim: unknown): readonly string[] =>
  typeof claim === 'string'
    ? claim.split(' ')
    : Array.isArray(claim)
      ? claim.filter((each) => typeof each === 'string')
      : []

/** SHA-256 of the certificate that a token is bound to (RFC 8705), in hex. */
function thumbprintOf(cnf: unknown): string | undefined {
  if (typeof cnf !== 'object' || cnf === null || Object.keys(cnf).length !== 1) return undefined
  const { 'x5t#S256': thumbprint } = cnf as { readonly 'x5t#S256'?: unknown }
  if (typeof thumbprint !== 'string' || !/^[\w-]{43}$/.test(thumbprint)) return undefined
  return Buffer.from(thumbprint, 'base64url').toString('hex')
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return refusals.expired
  if (error instanceof errors.JWTClaimValidationFailed)
    return ofClaim.get(error.claim) ?? refusals.badClaims
  if (error instanceof errors.JOSEAlgNotAllowed) return refusals.wrongAlgorithm
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refusals.unknownKey
  if (error instanceof errors.JWSSignatureVerificationFailed) return refusals.wrongSignature
  if (
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSENotSupported
  )
    return refusals.badToken
  return refusals.keysUnavailable
}

const ofClaim = new Map([
  ['iss', refusals.wrongIssuer],
  ['aud', refusals.wrongAudience],
  ['nbf', refusals.notYetValid],
])

/** Takes no more than so many bytes, and does not ask again at once who has just failed. jose neither follows redirects nor waits for long. */
function boundedFetch(clock: () => number): FetchImplementation {
  let failedMs = -Infinity
  return async (url, options) => {
    if (clock() - failedMs < afterFailureMs) throw new Error('the keys could not be fetched')
    try {
      const answer = await fetch(url, options)
      if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}`)
      const parts: Uint8Array[] = []
      let length = 0
      for await (const part of answer.body ?? []) {
        length += part.length
        if (length > mostKeysBytes)
          throw new Error(`expected at most ${mostKeysBytes} bytes of keys`)
        parts.push(part)
      }
      const text = Buffer.concat(parts).toString()
      const { keys } = JSON.parse(text) as { readonly keys?: unknown }
      if (!Array.isArray(keys)) throw new Error('expected a JSON Web Key Set')
      return new Response(text)
    } catch (error) {
      failedMs = clock()
      throw error
    }
  }
}

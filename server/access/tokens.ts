import { hash, randomBytes, timingSafeEqual, type X509Certificate } from 'node:crypto'
import { didYouMean, faultText, pointerTo, show, type Fault } from '../../engine/index.ts'
import type { Credential } from './credential.ts'
import { scopes, type Scope } from './scopes.ts'

/** What the tokens file says of a token. The token itself is not in it. */
export type TokenEntry = {
  readonly id: string
  /** Of the whole token, in hex. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** ISO 8601, or null for never. */
  readonly expires: string | null
  readonly ratePerSecond?: number
}
/** What it says of a client certificate, whose SHA-256 is that of its DER form, as `openssl x509 -fingerprint -sha256` tells it but in small letters without colons. */
export type CertificateEntry = TokenEntry
export type TokensFile = {
  readonly tokens: readonly TokenEntry[]
  readonly certificates?: readonly CertificateEntry[]
}

export const mostTokensBytes = 1_048_576
/** Lets scanners for leaked secrets find it. */
const prefix = 'portcullis_'

/**
 * A token of 256 random bits. Nobody can guess one, so what is kept of it may be a fast hash: the slow ones are for what people think up,
 * which can be tried one after the other.
 */
export const newToken = (): string => `${prefix}${randomBytes(32).toString('base64url')}`

/** Of a token, in hex, which Node makes in a third of the time that a Buffer takes. */
export const digestOf = (token: string): string => hash('sha256', token, 'hex')

/** SHA-256 of a certificate as the file says it. */
export const fingerprintOf = ({ fingerprint256 }: X509Certificate): string =>
  fingerprint256.replaceAll(':', '').toLowerCase()

/**
 * Looked up by its digest, which tells nothing by the time it takes: whoever asks can't choose a digest, and one that begins like a right one
 * is no nearer to a token. What was found is compared in constant time.
 */
export function knownTokens({ tokens }: TokensFile): (digest: string) => Credential | undefined {
  const byDigest = new Map(
    tokens.map((entry) => {
      const { sha256 } = entry
      return [sha256, { bytes: Buffer.from(sha256), credential: credentialOf(entry) }] as const
    }),
  )
  return (digest) => {
    const found = byDigest.get(digest)
    return found && timingSafeEqual(found.bytes, Buffer.from(digest)) ? found.credential : undefined
  }
}

/** Certificates are no secrets. */
export function knownCertificates({
  certificates = [],
}: TokensFile): (sha256: string) => Credential | undefined {
  const bySha256 = new Map(certificates.map((entry) => [entry.sha256, credentialOf(entry)]))
  return (sha256) => bySha256.get(sha256)
}

const credentialOf = ({ id, scopes, expires, ratePerSecond }: TokenEntry): Credential => ({
  id,
  scopes: new Set(scopes),
  expiresMs: expires === null ? Infinity : Date.parse(expires),
  ...(ratePerSecond !== undefined && { ratePerSecond }),
})

const idForm = /^[\w.@-]{1,64}$/
const hexForm = /^[0-9a-f]{64}$/
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

type Check = { readonly expected: string; readonly holds: (value: unknown) => boolean }
const members: Readonly<Record<keyof TokenEntry, Check>> = {
  id: {
    expected: 'a name of 1 to 64 letters, digits, ".", "_", "@" or "-"',
    holds: (value) => typeof value === 'string' && idForm.test(value),
  },
  sha256: {
    expected: '64 hex digits in lower case',
    holds: (value) => typeof value === 'string' && hexForm.test(value),
  },
  scopes: {
    expected: `an array of scopes: ${scopes.join(', ')}`,
    holds: (value) => Array.isArray(value) && value.every((each) => scopes.includes(each as Scope)),
  },
  expires: {
    expected: 'a time like "2027-01-31T00:00:00Z", or null for never',
    holds: (value) =>
      value === null ||
      (typeof value === 'string' && timeForm.test(value) && !Number.isNaN(Date.parse(value))),
  },
  ratePerSecond: {
    expected: 'a whole number from 1 to 1000000',
    holds: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000_000,
  },
}
/** Members of the file. */
const lists = ['tokens', 'certificates'] as const satisfies readonly (keyof TokensFile)[]
const optional: readonly string[] = ['ratePerSecond'] satisfies (keyof TokenEntry)[]

/** The content of a tokens file, or what is wrong with it: everything has to be right, for a part that is not understood may be what limits the rest. */
export function parseTokens(
  text: string,
): { readonly file: TokensFile } | { readonly faults: readonly string[] } {
  const faults: Fault[] = []
  const root = jsonOf(text)
  if (!isObject(root))
    return {
      faults: [`expected {"tokens": […]}, got ${root === undefined ? 'no JSON' : show(root)}`],
    }
  const seen = { id: new Set<unknown>(), sha256: new Set<unknown>() }
  for (const name of lists) {
    const entries = Object.hasOwn(root, name) ? root[name] : undefined
    if (entries === undefined && name !== 'tokens') continue
    if (!Array.isArray(entries)) {
      faults.push({ pointer: `/${name}`, expected: 'an array', got: show(entries) })
      continue
    }
    entries.forEach((entry: unknown, at) => {
      const pointer = pointerTo(`/${name}`, at)
      faults.push(...entryFaults(entry, pointer))
      for (const member of ['id', 'sha256'] as const) {
        const value = isObject(entry) ? entry[member] : undefined
        if (value !== undefined && seen[member].has(value))
          faults.push({
            pointer: pointerTo(pointer, member),
            expected: 'one that no other has',
            got: show(value),
          })
        seen[member].add(value)
      }
    })
  }
  for (const name of Object.keys(root))
    if (!lists.some((each) => each === name)) faults.push(unknown('', name, lists))
  return faults.length > 0
    ? { faults: faults.map(faultText) }
    : { file: root as unknown as TokensFile }
}

function entryFaults(entry: unknown, pointer: string): readonly Fault[] {
  if (!isObject(entry)) return [{ pointer, expected: 'an object', got: show(entry) }]
  const names = Object.keys(members)
  const wrong = Object.entries(members).flatMap(([name, { expected, holds }]): Fault[] => {
    const value = Object.hasOwn(entry, name) ? entry[name] : undefined
    if (value === undefined && optional.includes(name)) return []
    return holds(value) ? [] : [{ pointer: pointerTo(pointer, name), expected, got: show(value) }]
  })
  const strange = Object.keys(entry).filter((name) => !names.includes(name))
  return [...wrong, ...strange.map((name) => unknown(pointer, name, names))]
}

const unknown = (pointer: string, name: string, names: readonly string[]): Fault => ({
  pointer: pointerTo(pointer, name),
  expected: `no member but ${names.join(', ')}`,
  got: show(name),
  ...didYouMean(name, names),
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

import type { IncomingMessage } from 'node:http'
import type { Settings } from '../settings.ts'
import { shown } from './bearer.ts'
import type { Credential } from './credential.ts'
import type { Jwts, JwtSettings } from './jwt.ts'
import { foreignHost, foreignSite, isLoopback } from './origin.ts'
import { rateLimits } from './rate.ts'
import { missingScope, refusals, type Refusal } from './refusals.ts'
import { scopes, type Scope, type Wanted } from './scopes.ts'
import { sharedReader, type SharedText } from './shared-text.ts'
import { clientOf, type Client } from './client.ts'
import { knownCertificates, knownTokens, parseTokens } from './tokens.ts'

/** What a listener is given to tell callers apart; plain data and shared memory. */
export type AccessSetup = {
  /** The last good content of the tokens file. */
  readonly tokens?: SharedText
  /** The last good certificate and key, and the CA of clients. */
  readonly tls?: SharedText
}

/** Why a request may not have what it wants; undefined when it may: at once, or once that is known. Asked before anything of its body is read. */
export type Access = (
  incoming: IncomingMessage,
  wanted: Wanted,
) => Refusal | undefined | Promise<Refusal | undefined>

/** Whether callers have to show who they are. */
export const needsCredentials = ({ tokens, jwksUrl, tlsClientCa }: Settings): boolean =>
  tokens !== undefined || jwksUrl !== undefined || tlsClientCa !== undefined

/** Whoever can connect, where nobody has to show who he is. */
const anybody: Credential = { id: 'anybody', scopes: new Set(scopes), expiresMs: Infinity }

/** The checks of one listener. */
export function access(settings: Settings, setup: AccessSetup, clock: () => number): Access {
  const guarded = needsCredentials(settings)
  const hosts = new Set(settings.hosts.map((name) => name.toLowerCase()))
  const reachesBrowsers = settings.socket === undefined
  const checksHost = hosts.size > 0 || (!guarded && reachesBrowsers && isLoopback(settings.host))
  const rate = rateLimits(settings.rateLimit, settings.listeners)
  const verified = settings.jwksUrl === undefined ? undefined : jwtsOnceLoaded(settings, clock)
  const clientScopes = new Set(settings.tlsClientScopes as readonly Scope[])
  let known: (digest: string) => Credential | undefined = () => undefined
  let certificates: (sha256: string) => Credential | undefined = () => undefined
  const refresh =
    setup.tokens &&
    sharedReader(setup.tokens, (text) => {
      const parsed = parseTokens(text)
      if (!('file' in parsed)) return
      known = knownTokens(parsed.file)
      certificates = knownCertificates(parsed.file)
    })

  /** The tokens file may say more of a certificate; else it is good for what any of its CA is. */
  const ofClient = ({ sha256, expiresMs }: Client): Credential => {
    const listed = certificates(sha256) ?? {
      id: `certificate:${sha256}`,
      scopes: clientScopes,
      expiresMs,
    }
    return listed.expiresMs > expiresMs ? { ...listed, expiresMs } : listed
  }

  function credentialOf({
    headers: { authorization },
    socket,
  }: IncomingMessage): Credential | Refusal | Promise<Credential | Refusal> {
    if (!guarded) return anybody
    refresh?.()
    if (authorization !== undefined) return shown(authorization, known, verified)
    const client = clientOf(socket)
    return client === undefined ? refusals.noCredential : ofClient(client)
  }

  function checked(
    credential: Credential | Refusal,
    { socket }: IncomingMessage,
    wanted: Scope,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    if ('reason' in credential) return credential
    if (credential.expiresMs <= clock()) return refusals.expired
    if (credential.certificate !== undefined && credential.certificate !== clientOf(socket)?.sha256)
      return refusals.wrongCertificate // each time, since what was verified on one connection may be shown on another
    if (!credential.scopes.has(wanted)) return missingScope[wanted]
    return rate(credential)
  }

  return (incoming, wanted) => {
    const misled = checksHost ? foreignHost(incoming, hosts) : undefined
    if (misled || wanted === 'none') return misled
    const ambient = incoming.headers.authorization === undefined || !guarded
    const foreign = ambient ? foreignSite(incoming) : undefined
    if (foreign) return foreign
    const credential = credentialOf(incoming)
    return credential instanceof Promise
      ? credential.then((later) => checked(later, incoming, wanted))
      : checked(credential, incoming, wanted)
  }
}

/** Services that take no JWTs start sooner without what verifies them. */
function jwtsOnceLoaded(settings: JwtSettings, clock: () => number): Jwts {
  let verify: Jwts | undefined
  const loading = import('./jwt.ts').then(({ jwts }) => (verify = jwts(settings, clock)))
  return (token, digest) =>
    verify ? verify(token, digest) : loading.then((loaded) => loaded(token, digest))
}

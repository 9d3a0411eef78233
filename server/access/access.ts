import type { IncomingMessage } from 'node:http'
import type { Settings } from '../settings.ts'
import { shown } from './bearer.ts'
import type { Credential } from './credential.ts'
import { foreignHost, foreignSite, isLoopback } from './origin.ts'
import { rateLimits } from './rate.ts'
import { missingScope, refusals, type Refusal } from './refusals.ts'
import { scopes, type Wanted } from './scopes.ts'
import { sharedReader, type SharedText } from './shared-text.ts'
import { knownTokens, parseTokens } from './tokens.ts'

/** What a listener is given to tell callers apart; plain data and shared memory. */
export type AccessSetup = {
  /** The last good content of the tokens file. */
  readonly tokens?: SharedText
}

/** Why a request may not have what it wants; undefined when it may: at once, or once that is known. Asked before anything of its body is read. */
export type Access = (
  incoming: IncomingMessage,
  wanted: Wanted,
) => Refusal | undefined | Promise<Refusal | undefined>

/** Whether callers have to show who they are. */
export const needsCredentials = ({ tokens }: Settings): boolean => tokens !== undefined

/** Whoever can connect, where nobody has to show who he is. */
const anybody: Credential = { id: 'anybody', scopes: new Set(scopes), expiresMs: Infinity }

/** The checks of one listener. */
export function access(settings: Settings, setup: AccessSetup, clock: () => number): Access {
  const guarded = needsCredentials(settings)
  const hosts = new Set(settings.hosts.map((name) => name.toLowerCase()))
  const checksHost = hosts.size > 0 || (!guarded && isLoopback(settings.host))
  const rate = rateLimits(settings.rateLimit, settings.listeners)
  let known: ReturnType<typeof knownTokens> = () => undefined
  const refresh =
    setup.tokens &&
    sharedReader(setup.tokens, (text) => {
      const parsed = parseTokens(text)
      if ('file' in parsed) known = knownTokens(parsed.file)
    })

  function credentialOf({ headers: { authorization } }: IncomingMessage): Credential | Refusal {
    if (!guarded) return anybody
    if (authorization === undefined) return refusals.noCredential
    refresh?.()
    return shown(authorization, known)
  }

  return (incoming, wanted) => {
    const misled = checksHost ? foreignHost(incoming, hosts) : undefined
    if (misled || wanted === 'none') return misled
    const ambient = incoming.headers.authorization === undefined || !guarded
    const foreign = ambient ? foreignSite(incoming) : undefined
    if (foreign) return foreign
    const credential = credentialOf(incoming)
    if ('reason' in credential) return credential
    if (credential.expiresMs <= clock()) return refusals.expired
    if (!credential.scopes.has(wanted)) return missingScope[wanted]
    return rate(credential)
  }
}

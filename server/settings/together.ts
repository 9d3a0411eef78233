import { mostOfBatches } from '../../engine/index.ts'
import { maskFault } from '../observers/log/mask.ts'
import { isLoopback } from '../access/origin.ts'
import { settings, type SettingName, type Settings } from '../settings.ts'

/** What settings must keep between them. */
export type Together = {
  readonly of: readonly SettingName[]
  /** What is wrong, said as "expected …, got …". */
  readonly wrong: (settings: Settings) => string | undefined
}

/** An entry of the decision log is the sign-in and less than so many bytes more. */
const mostBesideSignIn = 65_536

export const together: readonly Together[] = [
  {
    of: ['bundle', 'bundleKey'],
    wrong({ bundle, bundleKey }) {
      if (bundle !== undefined && bundleKey.length === 0)
        return 'expected a public key to check the bundle with, got none'
      return bundle === undefined && bundleKey.length > 0
        ? 'expected a bundle to check with the key, got none'
        : undefined
    },
  },
  {
    of: ['requireAttestation', 'attestationKey'],
    wrong({ requireAttestation, attestationKey }) {
      if (requireAttestation && attestationKey.length === 0)
        return 'expected a public key to check attestations with, got none'
      return !requireAttestation && attestationKey.length > 0
        ? 'expected that attestations are required, since they are not looked at otherwise, got keys alone'
        : undefined
    },
  },
  {
    of: ['bundle', 'watch'],
    wrong: ({ bundle, watch }) =>
      bundle !== undefined && watch
        ? 'expected a bundle, which is pulled, or the files of a pack to watch, got both'
        : undefined,
  },
  {
    of: ['bundle', 'pack'],
    wrong: ({ bundle, pack }) =>
      bundle !== undefined && pack !== settings.pack.default
        ? 'expected a bundle or a pack to decide by, got both'
        : undefined,
  },
  {
    of: ['socket', 'listeners'],
    wrong: ({ socket, listeners }) =>
      socket !== undefined && listeners > 1
        ? `expected 1 listener, since threads can share a port but no unix socket, got ${listeners}`
        : undefined,
  },
  {
    of: ['tlsCert', 'tlsKey'],
    wrong: ({ tlsCert, tlsKey }) =>
      (tlsCert === undefined) === (tlsKey === undefined)
        ? undefined
        : 'expected a certificate and its key, got one of them',
  },
  {
    of: ['tlsClientCa', 'tlsCert'],
    wrong: ({ tlsClientCa, tlsCert }) =>
      tlsClientCa !== undefined && tlsCert === undefined
        ? 'expected a certificate of the service too, since callers show theirs in TLS, got none'
        : undefined,
  },
  {
    of: ['tlsClientScopes', 'tlsClientCa'],
    wrong: ({ tlsClientScopes, tlsClientCa }) =>
      tlsClientScopes.length > 0 && tlsClientCa === undefined
        ? 'expected a CA whose certificates have these scopes, got none'
        : undefined,
  },
  {
    of: ['jwksUrl', 'jwtIssuer', 'jwtAudience'],
    wrong({ jwksUrl, jwtIssuer, jwtAudience }) {
      const said = [jwksUrl !== undefined, jwtIssuer !== '', jwtAudience.length > 0]
      return said.some(Boolean) && !said.every(Boolean)
        ? 'expected all of them, since a JWT is good by its keys, its issuer and its audience together, got some'
        : undefined
    },
  },
  {
    of: ['jwksUrl'],
    wrong({ jwksUrl }) {
      if (jwksUrl === undefined) return undefined
      const { protocol, hostname } = new URL(jwksUrl)
      return protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''))
        ? 'expected https, since who can change keys on their way lets in whom he likes, got http beyond loopback'
        : undefined
    },
  },
  {
    of: ['batchLimit', 'queueLimit'],
    wrong({ batchLimit, queueLimit }) {
      const most = mostOfBatches(queueLimit)
      return batchLimit > most
        ? `expected a batch limit of at most ${most}, the part of the queue limit of ${queueLimit} that batches may take, got ${batchLimit}`
        : undefined
    },
  },
  {
    of: ['batchBodyLimit', 'batchBytesLimit'],
    wrong: ({ batchBodyLimit, batchBytesLimit }) =>
      batchBodyLimit > batchBytesLimit
        ? `expected a batch body limit of at most the limit of all batches, ${batchBytesLimit}, got ${batchBodyLimit}`
        : undefined,
  },
  {
    of: ['decisionLog', 'decisionLogBuffer', 'listeners', 'bodyLimit'],
    wrong({ decisionLog, decisionLogBuffer, listeners, bodyLimit }) {
      const least = listeners * (bodyLimit + mostBesideSignIn)
      return decisionLog !== 'none' && decisionLogBuffer < least
        ? `expected a decision log buffer of at least ${least}, the longest entry for each listener, got ${decisionLogBuffer}`
        : undefined
    },
  },
  {
    of: ['decisionLogFsync', 'decisionLogOnFull'],
    wrong: ({ decisionLogFsync, decisionLogOnFull }) =>
      decisionLogFsync === 'answer' && decisionLogOnFull === 'drop'
        ? 'expected block or deny, since an answer that waits for its entry can not go without, got drop'
        : undefined,
  },
  { of: ['decisionLogMask'], wrong: ({ decisionLogMask }) => maskFault(decisionLogMask) },
]

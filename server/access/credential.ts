import type { Scope } from './scopes.ts'

/** Who asks, as far as it was shown. */
export type Credential = {
  /** Says in logs and limits whose it is; no secret. */
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
  /** From then on it is none; milliseconds since 1970. */
  readonly expiresMs: number
  /** Requests a second that it may make; the service's own limit where it is left out. */
  readonly ratePerSecond?: number
  /** SHA-256 of the only client certificate with which it may be shown, in hex. */
  readonly certificate?: string
}

/** Facts that Portcullis computes from the others. Pure arithmetic on the sign-in's own times: no clock is read here. */

const hour = 3_600_000
const day = 24 * hour

/**
 * Days in which the user may still put off registering, counted up: 14 at the start, 1 until the very last moment, 0 from
 * the instant that start + days × 24 h is reached (so the period is half-open, whatever the time zone).
 *
 * The period starts at the first successful interactive sign-in after enabling (security defaults, "Require all users to
 * register"); a user who had none yet (`null`) starts it with this sign-in. A first sign-in said to be before enabling
 * can't be that one, so the start is never earlier than the enabling.
 */
export function graceDaysLeft(signIn: {
  readonly at: number
  readonly 'tenant.enabledAt': number
  readonly 'tenant.gracePeriodDays': number
  readonly 'user.firstInteractiveSignInAt': number | null
}): number {
  const length = signIn['tenant.gracePeriodDays']
  const first = signIn['user.firstInteractiveSignInAt']
  if (first === null) return length
  const start = Math.max(first, signIn['tenant.enabledAt'])
  const left = Math.ceil((start + length * day - signIn.at) / day)
  return Math.min(length, Math.max(0, left))
}

type Session = {
  readonly 'session.issuedAt': number | null
  readonly 'session.validFrom': number | null
}

/** A session issued before the user's valid-from instant is void (Microsoft Graph, `signInSessionsValidFromDateTime`). */
export function sessionRevoked(signIn: Session): boolean {
  const issuedAt = signIn['session.issuedAt']
  const validFrom = signIn['session.validFrom']
  return issuedAt !== null && validFrom !== null && issuedAt < validFrom
}

/**
 * Whether MFA from earlier still counts: its session must not be revoked. A claim without a session that carries it is as
 * old as any revocation.
 */
export function sessionCarriesMfa(signIn: Session & { readonly 'session.mfa': string }): boolean {
  const carried = signIn['session.issuedAt'] !== null || signIn['session.validFrom'] === null
  return signIn['session.mfa'] === 'earlier' && carried && !sessionRevoked(signIn)
}

export const mostTenantHours = 1_000_000

/** Whole hours since the tenant was created; 0 within the clock skew that is let pass. */
export function tenantAgeHours(signIn: {
  readonly at: number
  readonly 'tenant.createdAt': number
}): number {
  const hours = Math.floor((signIn.at - signIn['tenant.createdAt']) / hour)
  return Math.min(mostTenantHours, Math.max(0, hours))
}

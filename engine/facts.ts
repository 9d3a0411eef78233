import { applicationIds } from './application-ids.ts'
import {
  clientAppAliases,
  clientAppClasses,
  clientAppOfClass,
  clientAppsUsed,
  classOfClientApp,
} from './client-apps.ts'
import {
  graceDaysLeft,
  mostTenantHours,
  sessionCarriesMfa,
  sessionRevoked,
  tenantAgeHours,
} from './derived.ts'
import roleIds from './directory-roles.json' with { type: 'json' }
import {
  flag,
  id,
  ids,
  integer,
  oneOf,
  someOf,
  timestamp,
  timestampOrNever,
  timestampOrNeverUp,
  type FactValue,
  type Kind,
  type ValueOf,
} from './kinds.ts'

/**
 * The fact table: the one place that says which facts a sign-in has. The `SignIn` type, the request parser, the JSON
 * Schemas, the generators of the property tests and the docs are all derived from it.
 */
export type FactSpec<K extends Kind = Kind> = {
  readonly kind: K
  readonly description: string
  /** The document that the fact or its values come from. */
  readonly source: string
  readonly origin: Origin<K>
  /** Lies in the past of the sign-in; a later time is a contradiction, and refused. */
  readonly isPast?: true
}

/** Where a fact's value comes from, and so what it means that a caller left it out. */
export type Origin<K extends Kind = Kind> =
  /** Without it the question makes no sense: the sign-in is refused. */
  | { readonly by: 'caller'; readonly absence: 'refused' }
  /** The strictest value it could have had is assumed, and the answer says so. */
  | { readonly by: 'caller'; readonly absence: 'assumed'; readonly value: ValueOf<K> }
  /** No value is stricter than all others: refused where the rules look at it, and else this stands in. */
  | { readonly by: 'caller'; readonly absence: 'refusedIfRead'; readonly value: ValueOf<K> }
  /** Follows from its class when left out (see below), unless the rules look at it. */
  | { readonly by: 'caller'; readonly absence: 'classified'; readonly class: string }
  /** The class of another fact: callers give either, or both when they agree. */
  | {
      readonly by: 'class'
      readonly of: string
      readonly classOf: (value: string) => string
      /** The value of that class that says least. */
      readonly plainest: (value: string) => string
    }
  /** Computed; callers can't send it. */
  | {
      readonly by: 'engine'
      readonly from: readonly string[]
      readonly compute: (signIn: Readonly<Record<string, FactValue>>) => FactValue
    }

export type FactTable = Readonly<Record<string, FactSpec>>

function required<K extends Kind>(
  kind: K,
  description: string,
  source: string,
): FactSpec<K> & { readonly origin: { readonly absence: 'refused' } } {
  return { kind, description, source, origin: { by: 'caller', absence: 'refused' } }
}

function optional<K extends Kind>(
  kind: K,
  value: ValueOf<K>,
  description: string,
  source: string,
): FactSpec<K> {
  return { kind, description, source, origin: { by: 'caller', absence: 'assumed', value } }
}

function unordered<K extends Kind>(
  kind: K,
  value: ValueOf<K>,
  description: string,
  source: string,
): FactSpec<K> {
  return { kind, description, source, origin: { by: 'caller', absence: 'refusedIfRead', value } }
}

const past = <K extends Kind>(...spec: Parameters<typeof optional<K>>): FactSpec<K> => ({
  ...optional<K>(...spec),
  isPast: true,
})

/** `compute` is given the facts named in `from`, parsed; the caller of `derived` vouches that they have its types. */
function derived<K extends Kind, From>(
  kind: K,
  from: readonly (keyof From & string)[],
  compute: (signIn: From) => ValueOf<K>,
  description: string,
  source: string,
): FactSpec<K> & { readonly origin: { readonly by: 'engine' } } {
  const origin = { by: 'engine', from, compute: compute as never } as const
  return { kind, description, source, origin }
}

/** Assumed for times that are left out, the one or the other. */
export const longAgo = 0
export const farAhead = Date.UTC(9999, 11, 31)

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Template ids of the built-in directory roles by name; both are accepted, the ids are what rules compare. */
const role = {
  expected: 'a directory role: its template id, or the name of a built-in one',
  pattern: guid,
  fold: 'lower',
  names: roleIds,
  examples: ['62e90394-69f5-4237-9190-012177145e10', 'Global Administrator'],
} as const

const appId = {
  expected:
    'an application id, such as "797f4846-ba00-4fd7-ba43-dac1f8f63013", or the URI of a well-known resource',
  pattern: guid,
  fold: 'lower',
  names: applicationIds,
  examples: ['797f4846-ba00-4fd7-ba43-dac1f8f63013', 'https://management.azure.com/'],
} as const

const country = {
  expected: 'a country or region by its two letters, such as "DE"',
  pattern: /^[A-Z]{2}$/,
  fold: 'upper',
  examples: ['DE', 'US'],
} as const

const riskLevels = ['none', 'low', 'medium', 'high', 'hidden'] as const
const mfaTimes = ['none', 'earlier', 'thisSignIn'] as const

export const facts = {
  at: required(
    timestamp,
    'when the sign-in happens. Every duration is measured against it. The service and the command line fill in their clock when it is left out',
    'Graph signIn: createdDateTime',
  ),

  'tenant.securityDefaults': optional(
    oneOf(['enabled', 'disabled']),
    'enabled',
    'whether security defaults are switched on in the tenant',
    'Graph identitySecurityDefaultsEnforcementPolicy: isEnabled',
  ),
  'tenant.enabledAt': past(
    timestamp,
    longAgo,
    'when security defaults were switched on; no grace period starts earlier',
    'security-defaults, "Require all users to register for Microsoft Entra multifactor authentication"',
  ),
  'tenant.createdAt': past(
    timestamp,
    longAgo,
    'when the tenant was created',
    'security-defaults, "Enabling security defaults"',
  ),
  'tenant.gracePeriodDays': optional(
    integer(0, 365),
    0,
    'how many days a user may put off registering for MFA; 0 for a tenant without a grace period',
    'security-defaults, "Require all users to register for Microsoft Entra multifactor authentication"',
  ),
  'tenant.trustsHomeTenantMfa': optional(
    flag,
    false,
    'whether multifactor authentication done in the home tenant of an external user is accepted',
    'Graph crossTenantAccessPolicyInboundTrust: isMfaAccepted',
  ),

  'user.type': required(
    oneOf(['member', 'guest', 'b2bDirectConnect', 'servicePrincipal', 'managedIdentity']),
    'what kind of principal signs in',
    'Graph signIn: userType, crossTenantAccessType, signInEventTypes',
  ),
  'user.roles': required(
    ids(role),
    'active directory roles of the user, as template ids; names of built-in roles are translated',
    'Microsoft Entra built-in roles',
  ),
  'user.registeredMethods': optional(
    someOf([
      'alternateMobilePhone',
      'email',
      'fido2SecurityKey',
      'hardwareOneTimePasscode',
      'macOsSecureEnclaveKey',
      'microsoftAuthenticatorPasswordless',
      'microsoftAuthenticatorPush',
      'mobilePhone',
      'officePhone',
      'passKeyDeviceBound',
      'passKeyDeviceBoundAuthenticator',
      'securityQuestion',
      'softwareOneTimePasscode',
      'temporaryAccessPass',
      'windowsHelloForBusiness',
    ]),
    [],
    'authentication methods that the user has registered; which of them count is the pack’s to say',
    'Graph userRegistrationDetails: methodsRegistered',
  ),
  'user.firstInteractiveSignInAt': past(
    timestampOrNever,
    longAgo,
    'the user’s first successful interactive sign-in after security defaults were enabled; null when this is the first',
    'security-defaults, "Require all users to register for Microsoft Entra multifactor authentication"',
  ),
  'user.directorySynchronizationAccount': optional(
    flag,
    false,
    'whether this is the very account that Microsoft Entra Connect synchronizes with',
    'security-defaults, note on the Microsoft Entra Connect synchronization account',
  ),
  'user.risk': optional(
    oneOf(riskLevels),
    'high',
    'how likely the account is compromised; hidden where the licence does not show it',
    'Graph riskLevel',
  ),

  'client.app': {
    kind: oneOf(clientAppClasses),
    description:
      'class of client application; exchangeActiveSync and other are legacy authentication, unknown is for callers that can’t tell',
    source: 'Graph conditionalAccessClientApp',
    origin: {
      by: 'class',
      of: 'client.clientAppUsed',
      classOf: classOfClientApp,
      plainest: clientAppOfClass,
    },
  },
  'client.clientAppUsed': {
    kind: oneOf(clientAppsUsed, clientAppAliases),
    description: 'client application or protocol as the sign-in log names it',
    source: 'Graph signIn: clientAppUsed',
    origin: { by: 'caller', absence: 'classified', class: 'client.app' },
  },
  'client.appId': unordered(
    id(appId),
    '00000000-0000-0000-0000-000000000000',
    'the application that asks; Conditional Access and security defaults look at what is asked for instead',
    'Graph signIn: appId',
  ),
  'client.authenticationFlow': required(
    oneOf(['none', 'deviceCode', 'ropc', 'authenticationTransfer']),
    'the flow that carries the sign-in, where it is one of the special ones; none for all others',
    'Graph signIn: authenticationProtocol, originalTransferMethod',
  ),

  'resource.appId': required(
    id(appId),
    'the application or API that access is asked for (not the client that asks)',
    'Graph signIn: resourceId',
  ),

  'device.familiarity': optional(
    oneOf(['known', 'new']),
    'new',
    'whether this user has signed in from this device before',
    'our model: security-defaults names "device" and leaves open what it means',
  ),
  'device.compliant': optional(
    flag,
    false,
    'whether the device is managed and compliant',
    'Graph deviceDetail: isCompliant',
  ),
  'device.platform': unordered(
    oneOf(['android', 'iOS', 'windows', 'windowsPhone', 'macOS', 'linux', 'unknown']),
    'unknown',
    'operating system of the device',
    'Graph conditionalAccessDevicePlatform',
  ),

  'location.familiarity': optional(
    oneOf(['familiar', 'unfamiliar']),
    'unfamiliar',
    'whether this user usually signs in from here',
    'our model: security-defaults names "location" and leaves open what it means',
  ),
  'location.country': unordered(
    id(country),
    'ZZ',
    'country or region; send ZZ (ISO 3166 user-assigned) when it is not known',
    'Graph signInLocation: countryOrRegion',
  ),
  'location.trusted': optional(
    flag,
    false,
    'whether the address belongs to a named location that is marked as trusted',
    'Graph networkLocationDetails: trustedNamedLocation',
  ),

  'risk.signIn': optional(
    oneOf(riskLevels),
    'high',
    'how likely somebody else signs in; hidden where the licence does not show it',
    'Graph signIn: riskLevelDuringSignIn',
  ),

  'session.mfa': optional(
    oneOf(mfaTimes),
    'none',
    'when the session’s multifactor authentication was done: in this sign-in, earlier (a claim carried over), or not at all',
    'Graph signIn: authenticationRequirement, authenticationDetails',
  ),
  'session.homeTenantMfa': optional(
    oneOf(mfaTimes),
    'none',
    'the same, as claimed by the home tenant of an external user',
    'Microsoft Learn: authentication and Conditional Access for External ID',
  ),
  'session.issuedAt': past(
    timestampOrNever,
    longAgo,
    'when the session that the sign-in builds on was issued; null when there is none and the first factor was just given',
    'Microsoft identity platform: refresh tokens',
  ),
  'session.validFrom': optional(
    timestampOrNeverUp,
    farAhead,
    'sessions issued before this instant are revoked; null when none were ever revoked',
    'Graph user: signInSessionsValidFromDateTime',
  ),

  'registration.graceDaysLeft': derived(
    integer(0, 365),
    ['at', 'tenant.enabledAt', 'tenant.gracePeriodDays', 'user.firstInteractiveSignInAt'],
    graceDaysLeft,
    'days in which registering for MFA may still be put off, counted up; 0 once the grace period is over',
    'security-defaults, "Require all users to register for Microsoft Entra multifactor authentication"',
  ),
  'session.revoked': derived(
    flag,
    ['session.issuedAt', 'session.validFrom'],
    sessionRevoked,
    'whether the session was issued before sessions were revoked',
    'security-defaults, "Revoking active tokens"',
  ),
  'session.carriesMfa': derived(
    flag,
    ['session.mfa', 'session.issuedAt', 'session.validFrom'],
    sessionCarriesMfa,
    'whether multifactor authentication from earlier is carried by a session that is not revoked',
    'security-defaults, "Revoking active tokens"',
  ),
  'tenant.ageHours': derived(
    integer(0, mostTenantHours),
    ['at', 'tenant.createdAt'],
    tenantAgeHours,
    'whole hours since the tenant was created',
    'security-defaults as of 2026, delay of 24 hours for new tenants',
  ),
} satisfies FactTable

type Facts = typeof facts
type KindOf<F> = F extends FactSpec<infer K> ? K : never

/** The facts of one attempt to sign in, after its first factor: parsed, complete, and therefore trusted. */
export type SignIn = { readonly [F in keyof Facts]: ValueOf<KindOf<Facts[F]>> } & CustomFacts

/** Facts that a pack declares for itself (`custom.*`). */
type CustomFacts = { readonly [fact: `custom.${string}`]: FactValue }

/** A sign-in as callers send it: by area, times in ISO 8601, roles and applications by id or name; all but the required facts may be left out. */
export type SentSignIn = {
  readonly [A in AreaOf<Sendable>]?: { readonly [F in Sendable as MemberOf<F, A>]?: Sent<F> }
} & {
  readonly [A in AreaOf<Required>]: { readonly [F in Required as MemberOf<F, A>]: Sent<F> }
} & { readonly at?: string; readonly custom?: Readonly<Record<string, FactValue>> }

type Named<F extends keyof Facts, O> = F extends 'at'
  ? never
  : Facts[F]['origin'] extends O
    ? F
    : never
type Required = { [F in keyof Facts]: Named<F, { readonly absence: 'refused' }> }[keyof Facts]
type Computed = { [F in keyof Facts]: Named<F, { readonly by: 'engine' }> }[keyof Facts]
type Sendable = Exclude<keyof Facts, Computed | 'at'>
type AreaOf<F> = F extends `${infer A}.${string}` ? A : never
type MemberOf<F, A extends string> = F extends `${A}.${infer M}` ? M : never
type Sent<F extends keyof Facts> = SentValue<KindOf<Facts[F]>>
type SentValue<K> = K extends { readonly kind: 'timestamp' }
  ? string
  : K extends { readonly kind: 'timestampOrNever' }
    ? string | null
    : K extends { readonly kind: 'oneOf'; readonly aliases: object }
      ? string
      : K extends Kind
        ? ValueOf<K>
        : never

import { facts } from '../../engine/index.ts'
import { randomFrom, type Random } from '../random.ts'
import { apps, countries, roles } from './tenant.ts'

const at = Date.UTC(2026, 10, 22, 9)
const hourMs = 3_600_000

/** Sign-ins to that tenant, as JSON texts with every fact: most to a few applications, from a few countries, without a role. */
export function signInsToTenant(count: number, seed = 2): readonly string[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => JSON.stringify(signIn(random)))
}

function signIn(random: Random): object {
  const often = <T>(list: readonly T[], few: number) =>
    random.chance(0.6) ? random.pick(list.slice(0, few)) : random.pick(list)
  const one = <T>(fact: { readonly kind: { readonly values: readonly T[] } }) =>
    random.pick(fact.kind.values)
  const before = (mostHours: number) =>
    new Date(at - random.below(mostHours) * hourMs).toISOString()
  return {
    at: new Date(at).toISOString(),
    tenant: {
      securityDefaults: 'enabled',
      enabledAt: before(60 * 24),
      createdAt: before(400 * 24),
      gracePeriodDays: random.pick([0, 14, 30]),
      trustsHomeTenantMfa: random.chance(0.3),
    },
    user: {
      type: random.chance(0.8) ? 'member' : one(facts['user.type']),
      roles: random.chance(0.7) ? [] : random.some(roles, 1, 3),
      registeredMethods: random.some(facts['user.registeredMethods'].kind.values, 0, 3),
      firstInteractiveSignInAt: random.chance(0.2) ? null : before(60 * 24),
      directorySynchronizationAccount: false,
      risk: often(facts['user.risk'].kind.values, 1),
    },
    client: {
      app: often(['browser', 'mobileAppsAndDesktopClients', 'exchangeActiveSync', 'other'], 2),
      authenticationFlow: 'none',
    },
    resource: { appId: often(apps, 20) },
    device: {
      familiarity: one(facts['device.familiarity']),
      compliant: random.chance(0.5),
      platform: one(facts['device.platform']),
    },
    location: {
      familiarity: one(facts['location.familiarity']),
      country: often(countries, 5),
      trusted: random.chance(0.3),
    },
    risk: { signIn: often(facts['risk.signIn'].kind.values, 1) },
    session: {
      mfa: one(facts['session.mfa']),
      issuedAt: random.chance(0.3) ? null : before(30 * 24),
      validFrom: random.chance(0.7) ? null : before(30 * 24),
    },
  }
}

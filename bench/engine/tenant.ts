import {
  facts,
  requirements,
  type Comparison,
  type Condition,
  type Deciding,
  type Event,
  type Rule,
} from '../../engine/index.ts'
import { randomFrom, type Random } from '../random.ts'

/**
 * Rule sets as a large tenant would have them. Ids come from universes of one size whatever the number of rules, since a
 * tenant that writes more rules does not thereby have more countries. They are the first ones of one endless list, the same
 * on every machine.
 */
export function rulesOfTenant(count: number, seed = 2026): Deciding {
  const random = randomFrom(seed)
  const rules = Array.from({ length: count }, (_, index) => rule(index, random))
  return { rules, conditions: sharedConditions }
}

const universe = randomFrom(1)
const hex = (digits: number) =>
  Array.from({ length: digits }, () => universe.below(16).toString(16)).join('')
export const apps = Array.from(
  { length: 400 },
  () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
)
/** The built-in roles, about 140. */
export const roles = [...new Set(Object.values(facts['user.roles'].kind.form.names ?? {}))]
const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index))
export const countries = universe
  .shuffled(letters.flatMap((first) => letters.map((second) => first + second)))
  .slice(0, 200)

const compare = (fact: string, operator: string, value: Comparison['value']): Comparison => ({
  fact,
  operator,
  value,
})

const sharedConditions: Deciding['conditions'] = {
  isExternal: { all: [compare('user.type', 'in', ['guest', 'b2bDirectConnect'])] },
  isAdministrator: { all: [compare('user.roles', 'someFact:in', roles.slice(0, 16))] },
  isLegacyClient: { all: [compare('client.app', 'in', ['exchangeActiveSync', 'other'])] },
  isTrustedDevice: {
    any: [
      compare('device.compliant', 'equal', true),
      compare('device.familiarity', 'equal', 'known'),
    ],
  },
  isAtRisk: {
    any: [compare('risk.signIn', 'in', ['medium', 'high']), compare('user.risk', 'equal', 'high')],
  },
  didMfa: {
    any: [
      compare('session.mfa', 'equal', 'thisSignIn'),
      compare('session.carriesMfa', 'equal', true),
    ],
  },
  isOutside: {
    all: [
      compare('location.trusted', 'equal', false),
      compare('location.familiarity', 'equal', 'unfamiliar'),
    ],
  },
  needsCare: { any: [{ condition: 'isAtRisk' }, { not: { condition: 'isTrustedDevice' } }] },
}

function rule(index: number, random: Random): Rule {
  const first = random.chance(0.95) ? included(random) : other(random)
  const more = Array.from({ length: 1 + random.below(4) }, () =>
    random.chance(0.2) ? excluded(random) : other(random),
  )
  const name = `rule-${String(index).padStart(5, '0')}`
  return {
    name,
    title: `Rule ${index}`,
    control: 'protectTheTenant',
    source: 'bench#tenant',
    conditions: { all: [first, ...more] },
    event: event(name, random),
  }
}

/** For which applications, whose roles or from where. */
function included(random: Random): Condition {
  const kind = random.below(10)
  if (kind < 3) return compare('resource.appId', 'equal', random.pick(apps))
  if (kind < 5) return compare('resource.appId', 'in', random.some(apps, 2, 8))
  if (kind < 8) return compare('user.roles', 'someFact:in', random.some(roles, 1, 6))
  return compare('location.country', 'in', random.some(countries, 1, 10))
}

/** Exclusions hold for nearly all sign-ins, so they stand beside something else. */
const excluded = (random: Random): Condition =>
  random.chance(0.5)
    ? compare('user.roles', 'not:someFact:in', random.some(roles, 2, 16))
    : compare('location.country', 'notIn', random.some(countries, 1, 12))

function other(random: Random): Condition {
  const kind = random.below(20)
  if (kind < 7) return { condition: random.pick(Object.keys(sharedConditions)) }
  if (kind < 9) return { any: random.some(manyKinds, 2, 3).map((make) => make(random)) }
  if (kind < 10) return { not: random.pick(manyKinds)(random) }
  return random.pick(manyKinds)(random)
}

const clientApps = facts['client.app'].kind.values
const platforms = facts['device.platform'].kind.values

/** Comparisons, each of another fact. */
const manyKinds: readonly ((random: Random) => Comparison)[] = [
  (random) => compare('client.app', 'equal', random.pick(clientApps)),
  (random) => compare('device.platform', 'in', random.some(platforms, 1, 3)),
  (random) => compare('risk.signIn', 'in', random.some(['none', 'low', 'medium', 'high'], 1, 2)),
  (random) => compare('tenant.gracePeriodDays', random.pick(signs), 1 + random.below(60)),
  (random) => compare('tenant.ageHours', random.pick(signs), 24 * (1 + random.below(365))),
  (random) => compare('registration.graceDaysLeft', random.pick(signs), random.below(30)),
  (random) => compare('device.compliant', 'equal', random.chance(0.5)),
  (random) => compare('location.trusted', 'equal', random.chance(0.5)),
  (random) => compare('session.mfa', 'notEqual', random.pick(['earlier', 'thisSignIn'])),
  (random) => compare('user.type', 'notEqual', random.pick(['guest', 'servicePrincipal'])),
]

const signs = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'] as const

function event(name: string, random: Random): Event {
  const code = name.replace('-', '')
  const kind = random.below(10)
  if (kind < 2) return { type: 'block', params: { code } }
  if (kind < 8)
    return { type: 'challenge', params: { requirement: random.pick(requirements), code } }
  return { type: 'advise', params: { advice: 'beCareful', code } }
}

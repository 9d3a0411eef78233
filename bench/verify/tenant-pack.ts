import {
  compile,
  keeps,
  requirements,
  type Condition,
  type Deciding,
  type Event,
  type Invariant,
} from '../../engine/index.ts'
import { signInsOf } from '../engine/sign-ins.ts'
import { signInsToTenant } from '../engine/tenant-sign-ins.ts'
import { countries, roles, rulesOfTenant } from '../engine/tenant.ts'
import { randomFrom, type Random } from '../random.ts'

/** Rules and promises of which it is known what is to be found, as the files of a pack. */
export type TenantPack = {
  readonly files: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, 'proved' | 'refuted'>>
}

export type Rules = Deciding['rules']
type Promise = Pick<Invariant, 'when' | 'promise'>
type Expected = Promise & { readonly expected: 'proved' | 'refuted' }

/** The sign-ins that show which promises are broken. */
const sampled = 2_000
/** Of the promises the half is kept, and the half broken. */
const promises = 20

/** A pack by that name, of that many rules as a large tenant would have them; `change` makes others of them. */
export function tenantPack(
  id: string,
  count: number,
  seed: number,
  change: (rules: Rules, random: Random) => Rules = (rules) => rules,
): TenantPack {
  const { rules, conditions } = rulesOfTenant(count, seed)
  const made = promisesOf({ rules, conditions }, randomFrom(seed))
  const entries = made.map(({ when, promise }, index) => [
    `promise-${index + 1}`,
    { title: `Promise ${index + 1}`, when, ...written(promise) },
  ])
  const json = (value: unknown) => JSON.stringify(value, null, 2)
  return {
    files: {
      'pack.json': json({
        id,
        title: 'A large tenant',
        description: 'Made for measuring.',
        controls: { protectTheTenant: 'The tenant is protected' },
        sources: { bench: { title: 'portcullis bench verify', date: '2026' } },
      }),
      'conditions.json': json(conditions),
      'invariants.json': json(Object.fromEntries(entries)),
      ...Object.fromEntries(
        change(rules, randomFrom(seed)).map((rule) => [`rules/${rule.name}.json`, json(rule)]),
      ),
    },
    expected: Object.fromEntries(
      made.map(({ expected }, index) => [`promise-${index + 1}`, expected]),
    ),
  }
}

/** Of each it is known what is to be found: the first ones hold whatever the sign-in, the others are broken by one of those sampled. */
function promisesOf({ rules, conditions }: Deciding, random: Random): readonly Expected[] {
  const decide = compile({ rules, conditions })
  const signIns = signInsOf(signInsToTenant(sampled, 5)).fresh()
  const concerned = ({ when }: Promise) => {
    const appliesTo = compile({
      rules: [{ ...rules[0]!, conditions: { all: [when] }, event }],
      conditions,
    })
    return signIns.filter((signIn) => appliesTo(signIn).outcome === event.type)
  }
  const found: Expected[] = []
  while (found.length < promises / 2) {
    const kept = keptPromise(rules, random)
    if (concerned(kept).length > 0) found.push({ ...kept, expected: 'proved' })
  }
  while (found.length < promises) {
    const broken = random.chance(0.5) ? thought(random) : nearlyKept(rules, random)
    if (concerned(broken).some((signIn) => !keeps(broken.promise, decide(signIn))))
      found.push({ ...broken, expected: 'refuted' })
  }
  return random.shuffled(found)
}

const event = { type: 'block', params: { code: 'concerned' } } as const

/** That rules of one effect have it: wherever one of them applies, be it for a reason or another. */
function keptPromise(rules: Rules, random: Random): Promise {
  const demanded = random.pick([...requirements, undefined])
  const promise: Invariant['promise'] =
    demanded === undefined ? { exactly: 'block' } : { requires: [demanded] }
  const some = random.some(
    rules.filter(({ event }) => has(event, promise)),
    1,
    6,
  )
  const from: Condition = {
    fact: 'location.country',
    operator: 'notIn',
    value: random.some(countries, 1, 8),
  }
  return { when: { all: [{ any: some.map(({ conditions }) => conditions) }, from] }, promise }
}

/** Whether a rule of that effect alone keeps the promise. */
const has = ({ type, params }: Event, promise: Invariant['promise']): boolean =>
  'requires' in promise
    ? 'requirement' in params && params.requirement === promise.requires[0]
    : type === 'block'

/** The same of one rule by somebody who forgot one of its conditions. */
function nearlyKept(rules: Rules, random: Random): Promise {
  const { promise } = keptPromise(rules, random)
  const { conditions } = random.pick(rules.filter(({ event }) => has(event, promise)))
  const { all } = conditions as { readonly all: readonly Condition[] }
  const forgotten = random.pick(all)
  return { when: { all: all.filter((each) => each !== forgotten) }, promise }
}

/** What somebody might think of a tenant. */
function thought(random: Random): Promise {
  const held: Condition = {
    fact: 'user.roles',
    operator: 'someFact:in',
    value: random.some(roles, 1, 4),
  }
  const from: Condition = {
    fact: 'location.country',
    operator: random.chance(0.5) ? 'notIn' : 'in',
    value: random.some(countries, 5, 40),
  }
  const trusted: Condition = {
    fact: 'location.trusted',
    operator: 'equal',
    value: random.chance(0.5),
  }
  return {
    when: { all: random.chance(0.5) ? [held, from, trusted] : [from, trusted] },
    promise: random.pick([
      { never: 'allow' },
      { exactly: 'allow' },
      { requires: ['mfa'] },
      { never: 'block' },
    ] as const),
  }
}

/** As `invariants.json` has it. */
const written = (promise: Invariant['promise']) =>
  'requires' in promise || 'never' in promise || 'possible' in promise
    ? promise
    : { require: promise }

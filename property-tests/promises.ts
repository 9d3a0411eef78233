import fc from 'fast-check'
import {
  clockSkewMs,
  comparisonsOf,
  factTable,
  outcomes,
  requirements,
  shapeOf,
  type Assumption,
  type Comparison,
  type Condition,
  type CustomFact,
  type Event,
  type FactTable,
  type Invariant,
  type Kind,
  type Pack,
  type Promised,
  type Rule,
} from '../engine/index.ts'
import {
  comparisonOver,
  conditionOver,
  event,
  memberValue,
  rooted,
  sentSignIn,
  type Json,
  type ValuesOf,
} from './arbitraries.ts'

/** Rule sets with promises about them, over all facts and one of each kind that a pack may declare. */

const description = 'made by a test'
const customFacts: Readonly<Record<string, CustomFact>> = {
  'custom.onVpn': { kind: 'flag', description },
  'custom.zone': {
    kind: 'oneOf',
    description,
    values: ['inner', 'outer', 'none'],
    absence: 'none',
  },
  'custom.tags': { kind: 'someOf', description, values: ['new', 'leaving'], absence: [] },
  'custom.score': { kind: 'integer', description, min: -3, max: 40, absence: 40 },
  'custom.hiredAt': { kind: 'timestamp', description },
  'custom.team': { kind: 'id', description, absence: 'no-team' },
  'custom.groups': { kind: 'ids', description },
}
export const declared: FactTable = factTable(customFacts)
const day = 86_400_000
const someDay = Date.UTC(2024, 5, 20)

/** The second is later than many sign-ins: what is past may be assumed to be ahead. */
const assumptions: readonly Assumption[] = [
  { fact: 'tenant.gracePeriodDays', value: 14, reason: 'this tenant' },
  { fact: 'tenant.enabledAt', value: someDay, reason: 'this tenant' },
]

export type Promising = Pick<Pack, 'ruleSet' | 'invariants' | 'baseline'>

const promise: fc.Arbitrary<Promised> = fc.oneof(
  fc
    .tuple(fc.constantFrom('atLeast', 'atMost', 'exactly', 'never'), fc.constantFrom(...outcomes))
    .map(([form, outcome]) => ({ [form]: outcome }) as Promised),
  fc.subarray([...outcomes], { minLength: 1 }).map((oneOf) => ({ oneOf })),
  fc.subarray([...requirements], { minLength: 1 }).map((requires) => ({ requires })),
)

/** What a rule that applies makes of every decision. */
const kept = ({ type, params }: Event): Promised =>
  type === 'block'
    ? { exactly: 'block' }
    : type === 'challenge'
      ? { requires: [params.requirement] }
      : { oneOf: outcomes }

const ruleOf = (conditions: Condition, effect: Event, index: number): Rule => ({
  name: `rule-${index}`,
  title: `Rule ${index}`,
  control: 'someControl',
  source: 'some-document#here',
  conditions,
  event: effect,
})

/** Over a few conditions in ever new combinations; half of the promises hold, by what a rule says or two rules together. */
export const promising: fc.Arbitrary<Promising> = fc
  .record({
    pool: fc.array(rooted(conditionOver([], comparisonOver(declared))), {
      minLength: 2,
      maxLength: 4,
    }),
    events: fc.array(event, { minLength: 1, maxLength: 3 }),
    loose: fc.array(fc.tuple(fc.nat(), fc.nat(), promise), { minLength: 1, maxLength: 3 }),
    baseline: sentSignIn(1, declared),
  })
  .map(({ pool, events, loose, baseline }) => {
    const one = (index: number) => pool[index % pool.length]!
    const halves = events.flatMap((effect, index): [Condition, Event][] => [
      [{ all: [one(index), one(index + 1)] }, effect],
      [{ all: [one(index), { not: one(index + 1) }] }, effect],
    ])
    const rules = halves.map(([condition, effect], index) => ruleOf(condition, effect, index))
    const whole = events.map((effect, index) => [one(index), kept(effect)] as const)
    const maybe = loose.map(
      ([first, second, promised]) =>
        [{ any: [one(first), { not: one(second) }] }, promised] as const,
    )
    const invariants = [...whole, ...maybe].map(([when, promised], index): Invariant => ({
      name: `promise-${index}`,
      title: `Promise ${index}`,
      when,
      promise: promised,
    }))
    return { ruleSet: ruleSetOf(rules), invariants, baseline }
  })

/** Over facts that have to do with one another, with constants close together: which of three comparisons can be true together, and which false. */
export const promisingOfFew: fc.Arbitrary<Promising> = fc
  // Of each kind as often, though most facts are of a few.
  .constantFrom(
    ...Map.groupBy(Object.keys(declared), (fact) => {
      const { kind, origin } = declared[fact]!
      return origin.by === 'engine' ? fact : kind.kind
    }).values(),
  )
  .chain((facts) => fc.constantFrom(...facts))
  .chain((fact) => {
    const { kind, origin, isPast } = declared[fact]!
    const alike = Object.keys(declared).filter(
      (other) => other !== fact && declared[other]!.kind.kind === kind.kind,
    )
    return fc.option(fc.constantFrom(...alike, fact)).chain((other) => {
      const names = new Set([
        fact,
        ...(other === null ? [] : [other]),
        ...(origin.by === 'engine' ? origin.from : origin.by === 'class' ? [origin.of] : []),
        ...(isPast ? ['at'] : []),
      ])
      const few = Object.fromEntries([...names].map((name) => [name, declared[name]!]))
      return fc.record({
        tests: fc.array(comparisonOver(few, closeTogether).filter(isModelled), {
          minLength: 3,
          maxLength: 3,
        }),
        baseline: sentSignIn(1, declared),
      })
    })
  })
  .map(({ tests, baseline }) => {
    const blocked: Condition = { all: [tests[0]!] }
    const rules = [ruleOf(blocked, { type: 'block', params: { code: 'c' } }, 0)]
    const invariants = [0, 1, 2, 3, 4, 5, 6, 7].map((truths): Invariant => ({
      name: `promise-${truths}`,
      title: `Promise ${truths}`,
      when: {
        all: tests.map((test, place) => ((truths >> place) & 1 ? test : { not: test })),
      },
      promise: { exactly: 'block' },
    }))
    return { ruleSet: ruleSetOf(rules), invariants, baseline }
  })

/** The prover has no words for what is asked of two arrays. */
const isModelled = ({ fact, value }: Comparison): boolean =>
  [fact, ...(isReference(value) ? [value.fact] : [])].filter(
    (each) => shapeOf(declared[each]!.kind).depth > 0,
  ).length < 2

const isReference = (value: unknown): value is { readonly fact: string } =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'fact')

const twoIds = ['62e90394-69f5-4237-9190-012177145e10', '00000003-0000-0000-c000-000000000000']

const closeTogether: ValuesOf = (_, kind) => {
  if (kind.kind === 'integer')
    return fc.constantFrom(...[0, 1, 2].flatMap((step) => [kind.min + step, kind.max - step]))
  if ('form' in kind)
    return fc.constantFrom(...(kind.form.fold === 'upper' ? ['DE', 'US'] : twoIds))
  if (kind.kind !== 'timestamp' && kind.kind !== 'timestampOrNever') return memberValue(kind)
  const steps = [0, 1, clockSkewMs, clockSkewMs + 1, 3_600_000, day, 14 * day]
  const times = fc.constantFrom(...steps.flatMap((step) => [someDay + step, someDay - step]))
  return kind.kind === 'timestamp' ? times : fc.option(times)
}

const ruleSetOf = (rules: readonly Rule[]): Pack['ruleSet'] => ({
  id: 'made',
  title: 'Made',
  revision: '',
  customFacts,
  assumptions,
  conditions: {},
  rules,
  reportRules: [],
})

/** Sign-ins as callers send them, near to what the rules of that pack tell apart. */
export function near(table: FactTable, { ruleSet, invariants }: Promising): fc.Arbitrary<Json> {
  const roots = [
    ...ruleSet.rules.map(({ conditions }) => conditions),
    ...Object.values(ruleSet.conditions),
    ...invariants.map(({ when }) => when),
  ]
  const mentioned = new Map<string, unknown[]>()
  for (const { fact, value } of roots.flatMap((root) => [...comparisonsOf(root)]))
    mentioned.set(fact, [...(mentioned.get(fact) ?? []), ...[value].flat(2)])
  const valueOf: ValuesOf = (fact: string, kind: Kind) => {
    const constants = (mentioned.get(fact) ?? []).flatMap((each) => around(kind, each))
    const usual = memberValue(kind)
    return constants.length === 0
      ? usual
      : fc.oneof(usual, { arbitrary: fc.constantFrom(...constants), weight: 2 })
  }
  return sentSignIn(0.8, table, valueOf)
}

/** The constant and, of those with an order, its neighbours. */
function around(kind: Kind, constant: unknown): readonly (string | number | boolean | null)[] {
  if (kind.kind === 'integer')
    return [-1, 0, 1]
      .map((step) => (constant as number) + step)
      .filter((value) => value >= kind.min && value <= kind.max)
  if (typeof constant === 'number') return [-1, 0, 1, -day, day].map((step) => constant + step)
  return typeof constant === 'object' && constant !== null ? [] : [constant as string]
}

import fc from 'fast-check'
import {
  clockSkewMs,
  facts,
  operators,
  printValue,
  requirements,
  resolveOperator,
  shapeOf,
  signInParser,
  type Comparison,
  type Condition,
  type Deciding,
  type Event,
  type FactTable,
  type FactValue,
  type Kind,
  type Rule,
  type SignIn,
} from '../engine/index.ts'

/** Generators, all derived from the fact table and the operator table: a new fact or operator is generated at once. */

const table: FactTable = facts

type Member = boolean | string | number | null
/** Values of a fact, of an array its members. */
export type ValuesOf = (fact: string, kind: Kind) => fc.Arbitrary<Member>

/** A value of that kind, as the parser makes it. */
export function factValue(kind: Kind, member = memberValue(kind)): fc.Arbitrary<FactValue> {
  return shapeOf(kind).depth === 0
    ? member
    : fc.uniqueArray(member as fc.Arbitrary<string>, { maxLength: 4 })
}

/** One value, or for array kinds one member. */
export function memberValue(kind: Kind): fc.Arbitrary<Member> {
  switch (kind.kind) {
    case 'flag':
      return fc.boolean()
    case 'oneOf':
    case 'someOf':
      return fc.constantFrom(...kind.values)
    case 'integer':
      return fc.oneof(
        fc.integer({ min: kind.min, max: kind.max }),
        fc.constantFrom(kind.min, kind.max),
      )
    case 'timestamp':
      return someTime
    case 'timestampOrNever':
      return fc.oneof(someTime, fc.constant(null))
    case 'id':
    case 'ids':
      return fc.oneof(fc.constantFrom(...someIds(kind.form)), idText(kind.form.fold))
  }
}

/** Times close enough to each other that grace periods and revocations are on both sides of them. */
const someTime = fc.oneof(
  fc.integer({ min: Date.UTC(2024, 4, 1), max: Date.UTC(2024, 6, 1) }),
  fc.constant(Date.UTC(2020, 0, 1)),
  fc.integer({ min: 0, max: 60 }).map((days) => Date.UTC(2024, 4, 1) + days * 86_400_000),
)

const adminRoles = [
  '62e90394-69f5-4237-9190-012177145e10',
  '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  'd29b2b05-8046-44ba-8758-1e26182fcf32',
  '3a2c62db-5318-420d-8d74-23affee5d9d5',
]
const resources = [
  '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  '00000003-0000-0000-c000-000000000000',
]

/** Ids that the packs' lists know, so that generated sign-ins meet their rules. */
const someIds = (form: Extract<Kind, { kind: 'id' }>['form']) =>
  form.fold === 'upper'
    ? ['DE', 'US', 'ZZ']
    : form.names && 'Global Administrator' in form.names
      ? adminRoles
      : resources

const idText = (fold: 'lower' | 'upper') =>
  fold === 'upper' ? fc.stringMatching(/^[A-Z]{2}$/) : fc.uuid()

export type Json = { readonly [name: string]: unknown }

/** A sign-in as callers send it: required facts always, the others mostly, classes and their members in agreement. */
export const signInJson: fc.Arbitrary<Json> = sentSignIn(0.8)

/** The same with every fact in place. */
export const wholeSignInJson: fc.Arbitrary<Json> = sentSignIn(1)

/** A sign-in as a caller sends it, with this share of the facts that may be left out. */
export function sentSignIn(
  share: number,
  of: FactTable = table,
  valueOf: ValuesOf = (_, kind) => memberValue(kind),
): fc.Arbitrary<Json> {
  const often = (always: boolean) =>
    always ? fc.constant(true) : fc.integer({ min: 1, max: 100 }).map((roll) => roll <= share * 100)
  const members = Object.entries(of).flatMap(([fact, { kind, origin }]) => {
    if (origin.by === 'engine' || (origin.by === 'caller' && origin.absence === 'classified'))
      return []
    if (origin.by === 'class') return [classAndMember(fact, origin, kind, share === 1)]
    const present = often(origin.absence !== 'assumed' || share === 1)
    const value = factValue(kind, valueOf(fact, kind)).map((each) => printValue(kind, each))
    return [fc.tuple(present, value).map(([sent, each]) => (sent ? [[fact, each] as const] : []))]
  })
  const ahead = fc.constantFrom(0, 1, clockSkewMs)
  return fc
    .tuple(ahead, ...members)
    .map(([skew, ...entries]) => nest(inThePast(entries.flat(), skew)))
}

/** No session, tenant or first sign-in is later than the sign-in itself, but for the clocks: contradictions are refused. */
function inThePast(entries: readonly Sent[], skewMs: number): readonly Sent[] {
  const at = String(entries.find(([fact]) => fact === 'at')?.[1])
  const latest = printValue({ kind: 'timestamp' }, Date.parse(at) + skewMs)
  return entries.map(([fact, value]) =>
    table[fact]?.isPast && typeof value === 'string' && value > at ? [fact, latest] : [fact, value],
  )
}

type Sent = readonly [fact: string, value: unknown]

/** A class evenly, then one of its members; sent as either or as both. */
function classAndMember(
  fact: string,
  origin: Extract<FactTable[string]['origin'], { by: 'class' }>,
  kind: Kind,
  both: boolean,
): fc.Arbitrary<(readonly [fact: string, value: unknown])[]> {
  const all = table[origin.of]!.kind
  if (kind.kind !== 'oneOf' || all.kind !== 'oneOf') throw new Error('classes are of oneOf')
  return fc
    .constantFrom(...kind.values)
    .chain((name) =>
      fc.tuple(
        fc.constant(name),
        fc.constantFrom(...all.values.filter((value) => origin.classOf(value) === name)),
        both ? fc.constant('both') : fc.constantFrom('class', 'member', 'both'),
      ),
    )
    .map(([name, member, which]) => [
      ...(which === 'member' ? [] : [[fact, name] as const]),
      ...(which === 'class' ? [] : [[origin.of, member] as const]),
    ])
}

/** Facts by id → nested by area. */
export function nest(entries: readonly (readonly [fact: string, value: unknown])[]): Json {
  const nested: Record<string, unknown> = {}
  for (const [fact, value] of entries) {
    const [area, member] = fact.split('.') as [string, string | undefined]
    nested[area] =
      member === undefined ? value : { ...(nested[area] as object | undefined), [member]: value }
  }
  return nested
}

const parse = signInParser()

/** A parsed sign-in. */
export const signIn: fc.Arbitrary<SignIn> = wholeSignInJson.map((json) => {
  const parsed = parse(json)
  if (parsed.faults)
    throw new Error(`the generator made no sign-in: ${JSON.stringify(parsed.faults)}`)
  return parsed.signIn
})

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'none',
    '14',
    '14 days',
    ' 12 ',
    '0x10',
    'Infinity',
    true,
    false,
    0,
    -0,
    1,
    14,
    1.5,
    Number.NaN,
    Infinity,
    -Infinity,
    '2024-06-01T00:00:00Z',
    'constructor',
    '__proto__',
  ),
  fc.integer(),
  fc.string({ maxLength: 6 }),
)

/** Anything JSON can say in a small space, and NaN. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
  fc.constant({}),
  fc.dictionary(fc.constantFrom('fact', 'a', 'list'), scalar, {
    maxKeys: 2,
    noNullPrototype: true,
  }),
)

/** What should never be in a sign-in and must not make the two engines differ: every fact may hold anything JSON can, NaN too. */
export const illTypedSignIn: fc.Arbitrary<SignIn> = fc
  .tuple(
    ...Object.entries(table).map(([fact, { kind }]) =>
      fc.tuple(
        fc.constant(fact),
        fc.oneof({ weight: 2, arbitrary: factValue(kind) }, { weight: 1, arbitrary: anyValue }),
      ),
    ),
  )
  .map((entries) => Object.fromEntries(entries) as SignIn)

/** Whether facts of these kinds may be compared with one another. */
const comparable = (one: Kind, other: Kind) =>
  'form' in one && 'form' in other
    ? one.form.fold === other.form.fold
    : JSON.stringify(one) === JSON.stringify(other) && one.kind !== 'timestampOrNever'

/** A comparison that a pack may hold: operator and constant fit the fact. */
export const comparisonOver = (
  table: FactTable,
  valueOf: ValuesOf = (_, kind) => memberValue(kind),
): fc.Arbitrary<Comparison> =>
  fc.constantFrom(...Object.entries(table)).chain(([fact, { kind }]) => {
    const shape = shapeOf(kind)
    const fitting = allOperators.filter((name) => {
      const operator = resolveOperator(name)!
      if (kind.kind === 'timestampOrNever' && name.includes('swap:')) return false
      return operator.fact.depth === shape.depth && (shape.ordered || !operator.fact.ordered)
    })
    return fc.constantFrom(...fitting).chain((operator) => {
      const { depth } = resolveOperator(operator)!.value
      const member = valueOf(fact, kind)
      const constant: fc.Arbitrary<unknown> =
        depth === 0
          ? member
          : depth === 1
            ? fc.uniqueArray(member, { minLength: 1, maxLength: 4 })
            : fc.array(fc.array(member, { minLength: 1, maxLength: 3 }), {
                minLength: 1,
                maxLength: 2,
              })
      const others = Object.entries(table).filter(
        ([, other]) => comparable(kind, other.kind) && shapeOf(other.kind).depth === depth,
      )
      const reference =
        others.length > 0 ? [fc.constantFrom(...others).map(([other]) => ({ fact: other }))] : []
      return fc
        .oneof(constant, ...reference)
        .map((value) => ({ fact, operator, value: value as Comparison['value'] }))
    })
  })

const plain = Object.keys(operators)
const allOperators = [
  ...plain,
  ...['not', 'someFact', 'everyFact', 'someValue', 'everyValue', 'swap'].flatMap((decorator) =>
    plain.map((name) => `${decorator}:${name}`),
  ),
  'not:someFact:in',
  'someFact:not:in',
  'not:everyFact:notIn',
  'someFact:someValue:equal',
  'swap:contains',
].filter((name) => (resolveOperator(name)?.value.depth ?? 9) < 2)

const sharedNames = ['alpha', 'beta', 'gamma'] as const

/** Conditions that may refer to the shared ones named. */
export function conditionOver(
  shared: readonly string[],
  comparison = comparisonOver(table),
): fc.Arbitrary<Condition> {
  const reference =
    shared.length > 0 ? [fc.constantFrom(...shared).map((condition) => ({ condition }))] : []
  const { node } = fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      comparison as fc.Arbitrary<Condition>,
      ...reference,
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('node').map((not) => ({ not })),
    ),
  }))
  return node
}

/** json-rules-engine wants all, any, not or a reference at the root. */
export const rooted = (condition: fc.Arbitrary<Condition>) =>
  condition.map((each): Condition => ('fact' in each ? { all: [each] } : each))

export const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>({ type: 'block', params: { code: 'blocked' } }),
  fc.constantFrom(...requirements).map((requirement): Event => ({
    type: 'challenge',
    params: { requirement, code: `${requirement}Needed` },
  })),
  fc.constantFrom('one', 'two').map((advice): Event => ({
    type: 'advise',
    params: { advice, code: `${advice}Advised`, shows: ['registration.graceDaysLeft'] },
  })),
)

/** Shared conditions refer only to those before them, so there are no circles. */
const sharedConditions: fc.Arbitrary<Readonly<Record<string, Condition>>> = fc
  .tuple(...sharedNames.map((_, index) => rooted(conditionOver(sharedNames.slice(0, index)))))
  .map((conditions) =>
    Object.fromEntries(sharedNames.map((name, index) => [name, conditions[index]!])),
  )

export const rules: fc.Arbitrary<readonly Rule[]> = fc
  .array(fc.tuple(rooted(conditionOver(sharedNames)), event), { minLength: 1, maxLength: 5 })
  .map((bodies) =>
    bodies.map(([conditions, event], index) => ({
      name: `rule-${index}`,
      title: `Rule ${index}`,
      control: 'someControl',
      source: 'some-document#here',
      conditions,
      event,
    })),
  )

/** As many rules as an index is for, over a few conditions in ever new combinations, as in a tenant that has grown. */
export const manyRules: fc.Arbitrary<Deciding> = fc
  .record({
    pool: fc.array(conditionOver(sharedNames), { minLength: 3, maxLength: 12 }),
    conditions: sharedConditions,
    events: fc.array(event, { minLength: 1, maxLength: 4 }),
    bodies: fc.array(
      fc.tuple(
        fc.constantFrom('all', 'any', 'not'),
        fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 4 }),
      ),
      { minLength: 31, maxLength: 200, size: 'max' },
    ),
  })
  .map(({ pool, conditions, events, bodies }) => ({
    conditions,
    rules: bodies.map(([kind, picks], index) => {
      const members = picks.map((pick) => pool[pick % pool.length]!)
      return {
        name: `rule-${String(index).padStart(3, '0')}`,
        title: `Rule ${index}`,
        control: 'someControl',
        source: 'some-document#here',
        conditions:
          kind === 'all'
            ? { all: members }
            : kind === 'any'
              ? { any: members }
              : { not: { all: members } },
        event: events[index % events.length]!,
      }
    }),
  }))

/** A rule set as the engine decides by it. */
export const deciding: fc.Arbitrary<Deciding> = fc.record({ rules, conditions: sharedConditions })

/** Anything JSON can say, and sign-ins with one thing wrong. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(null, [], {}, '', 0, [[]], { __proto__: null }),
  spoilt(),
)

function spoilt(): fc.Arbitrary<unknown> {
  const fact = fc.constantFrom(...Object.keys(table).filter((each) => each.includes('.')))
  const hostile = fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'roles ',
    'Roles',
    'hasOwnProperty',
  )
  return fc.oneof(
    fc.tuple(signInJson, fact, anyValue).map(([json, name, value]) => put(json, name, value)),
    fc
      .tuple(signInJson, hostile, anyValue)
      .map(([json, name, value]) => put(json, `user.${name}`, value)),
    fc
      .tuple(signInJson, hostile, anyValue)
      .map(
        ([json, name, value]) =>
          JSON.parse(
            JSON.stringify({ ...json, [`${name}x`]: value }).replace(
              `"${name}x"`,
              JSON.stringify(name),
            ),
          ) as unknown,
      ),
    fc
      .tuple(
        signInJson,
        fc.constantFrom('user', 'client', 'resource', 'tenant', 'session'),
        anyValue,
      )
      .map(([json, area, value]) => ({ ...json, [area]: value })),
  )
}

/** The sign-in with one fact set to something. */
export function put(json: Json, fact: string, value: unknown): Json {
  const [area, member] = fact.split('.') as [string, string | undefined]
  if (member === undefined) return { ...json, [area]: value }
  const inside = Object.entries((json[area] as object | undefined) ?? {}).filter(
    ([name]) => name !== member,
  )
  return { ...json, [area]: Object.fromEntries([...inside, [member, value]]) }
}

/** The sign-in without one fact. */
export function leaveOut(json: Json, fact: string): Json {
  const [area, member] = fact.split('.') as [string, string | undefined]
  if (member === undefined)
    return Object.fromEntries(Object.entries(json).filter(([name]) => name !== area))
  const inside = Object.entries((json[area] as object | undefined) ?? {}).filter(
    ([name]) => name !== member,
  )
  return { ...json, [area]: Object.fromEntries(inside) }
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compiler } from '../compile/compile.ts'
import type { Condition } from '../condition.ts'
import { changed } from '../explain/changes.ts'
import { facts, type FactTable, type SignIn } from '../facts.ts'
import { lastInstant, yearZero, type FactValue } from '../kinds.ts'
import { clockSkewMs, isLater } from '../sign-in.ts'
import { modelOf } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'

const table: FactTable = facts
const [hour, day] = [3_600_000, 86_400_000]
const noon = Date.UTC(2026, 0, 15, 12)
/** What a pack may assume though it is after many a sign-in. */
const enabledAt = noon + 30 * day
const assumptions = [{ fact: 'tenant.enabledAt', value: enabledAt, reason: 'this tenant' }]
const ordinary = ordinarySignIn(table, {}, assumptions)

const asked: readonly Condition[] = [
  ...['session.revoked', 'session.carriesMfa'].map((fact) => is(fact, 'equal', true)),
  ...['lessThan', 'equal', 'greaterThanInclusive'].flatMap((operator) => [
    ...[0, 1, 2, 13, 14, 15, 364, 365].map((days) =>
      is('registration.graceDaysLeft', operator, days),
    ),
    ...[0, 1, 23, 24, 25, 999_999, 1_000_000].map((hours) =>
      is('tenant.ageHours', operator, hours),
    ),
  ]),
  is('registration.graceDaysLeft', 'lessThan', { fact: 'tenant.gracePeriodDays' }),
]

function is(fact: string, operator: string, value: FactValue | { readonly fact: string }) {
  return { all: [{ fact, operator, value }] }
}

const model = modelOf(table, ordinary, assumptions, [{ rules: [], conditions: {}, asked }])
const literals = asked.map(model.parts[0]!.holds)
const compiled = asked.map(compiler({}))

/** To the millisecond around whole hours and days, the clocks' difference, and the ends of time. */
const time = fc
  .tuple(
    fc.constantFrom(
      0,
      -hour,
      -day,
      -2 * day,
      -13 * day,
      -14 * day,
      -15 * day,
      -365 * day,
      clockSkewMs,
      day,
    ),
    fc.constantFrom(-1, 0, 0, 1),
  )
  .map(([apart, more]) => noon + apart + more)
const anyTime = fc.oneof(
  { arbitrary: time, weight: 8 },
  fc.constantFrom(enabledAt, yearZero, lastInstant, noon - 1_000_000 * hour, noon - 999_999 * hour),
)
const orNever = fc.oneof({ arbitrary: anyTime, weight: 5 }, fc.constant(null))

const signIn = fc
  .record({
    at: fc.oneof({ arbitrary: fc.constant(noon), weight: 8 }, anyTime),
    'tenant.enabledAt': anyTime,
    'tenant.createdAt': anyTime,
    'tenant.gracePeriodDays': fc.constantFrom(0, 1, 13, 14, 15, 365),
    'user.firstInteractiveSignInAt': orNever,
    'session.issuedAt': orNever,
    'session.validFrom': orNever,
    'session.mfa': fc.constantFrom('none', 'earlier', 'thisSignIn'),
  })
  .map((values) =>
    changed(
      ordinary,
      Object.entries(values).map(([fact, to]) => ({ fact, to })),
      table,
    ),
  )

let admitted = 0

function check(each: SignIn): void {
  const values = each as Readonly<Record<string, FactValue>>
  const given = model.inputs.map((fact) => model.is(fact, values[fact]!))
  const isRefused = model.inputs.some(
    (fact) =>
      table[fact]!.isPast &&
      isLater(values[fact], each.at) &&
      !(fact === 'tenant.enabledAt' && values[fact] === enabledAt),
  )
  expect(model.formula.solve(given)).toBe(isRefused ? 'unsatisfiable' : 'satisfiable')
  if (isRefused) return
  admitted++
  expect(literals.map(model.formula.isTrue)).toEqual(compiled.map((holds) => holds(each)))
}

describe('computed facts', () => {
  test('are in the model what they are computed to be, and what is past is past', () => {
    fc.assert(fc.property(signIn, check), { numRuns: 1500 })
    expect(admitted).toBeGreaterThan(300)
  })
})

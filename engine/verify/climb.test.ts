import { expect, test } from 'vitest'
import { evaluator } from '../compile/evaluate.ts'
import { termMaker } from '../compile/term.ts'
import type { Condition } from '../condition.ts'
import { changed } from '../explain/changes.ts'
import { facts } from '../facts.ts'
import { printSignIn, signInParser } from '../sign-in.ts'
import { climber } from './climb.ts'
import { ordinarySignIn } from './ordinary.ts'

const is = (fact: string, value: unknown, operator = 'equal') =>
  ({ fact, operator, value }) as Condition
const roles = ['62e90394-69f5-4237-9190-012177145e10', '194ae4cb-b126-40b2-bd5b-6091b380977d']
const app = '797f4846-ba00-4fd7-ba43-dac1f8f63013'

const conditions: readonly Condition[] = [
  is('user.type', 'guest'),
  is('user.type', ['guest', 'member'], 'notIn'),
  is('user.roles', roles, 'someFact:in'),
  { all: [is('user.roles', roles[0], 'contains'), is('user.roles', roles[1], 'contains')] },
  {
    all: [is('user.roles', roles[0], 'contains'), { not: is('user.roles', roles[1], 'contains') }],
  },
  is('user.registeredMethods', 'fido2SecurityKey', 'contains'),
  is('resource.appId', app),
  { not: is('resource.appId', [app], 'in') },
  is('location.country', ['CH', 'AT'], 'in'),
  { all: [is('location.country', ['CH'], 'notIn'), is('device.compliant', true)] },
  { any: [is('client.app', 'other'), is('client.clientAppUsed', 'IMAP4')] },
  is('tenant.gracePeriodDays', 30, 'greaterThan'),
  is('tenant.ageHours', 48, 'lessThan'),
  is('tenant.ageHours', 4000, 'greaterThanInclusive'),
  { all: [is('tenant.ageHours', 24, 'greaterThan'), is('tenant.ageHours', 26, 'lessThan')] },
  is('registration.graceDaysLeft', 0),
  { all: [is('registration.graceDaysLeft', 3, 'lessThan'), is('tenant.gracePeriodDays', 14)] },
  is('user.firstInteractiveSignInAt', null),
  is('session.carriesMfa', true),
  is('session.revoked', true),
]

const ordinary = ordinarySignIn(facts, {}, [])
const another = changed(
  ordinary,
  [
    { fact: 'user.roles', to: roles },
    { fact: 'resource.appId', to: app },
    { fact: 'location.country', to: 'CH' },
    { fact: 'tenant.gracePeriodDays', to: 60 },
  ],
  facts,
)
const parse = signInParser()
const termOf = termMaker({})
const testOf = evaluator()
const terms = conditions.map(termOf)

test.each([
  ['the ordinary sign-in', ordinary],
  ['another', another],
])('from %s on: what is found is as it was to be, and the parser admits it', (_, start) => {
  const climb = climber(facts, ordinary)
  let found = 0
  for (const hold of terms)
    for (const fail of terms) {
      if (hold === fail) continue
      const signIn = climb.toHold(start, [hold], [fail])
      if (signIn === undefined) continue
      found++
      expect([testOf(hold)(signIn), testOf(fail)(signIn)]).toEqual([true, false])
      expect(parse(printSignIn(signIn))).toMatchObject({ signIn })
    }
  expect(found).toBeGreaterThan(300) // of 380, some of which there are none of
})

test('what contradicts itself is not found', () => {
  const [same] = terms
  expect(climber(facts, ordinary).toHold(ordinary, [same!], [same!])).toBeUndefined()
})

test('where nothing leads to the end, it says how far it came', () => {
  const holding = (signIn: typeof ordinary) => terms.filter((term) => testOf(term)(signIn)).length
  const { signIn, left } = climber(facts, ordinary).nearer(
    another,
    terms,
    (each) => 1 + holding(each),
  )
  expect(left).toBe(1 + holding(signIn))
  expect(left).toBeLessThan(1 + holding(another))
})

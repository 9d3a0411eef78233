import { expect, test } from 'vitest'
import { compile, plan, type Condition, type Deciding, type SignIn } from '../index.ts'

/** As many rules, each on an application of its own and on one of three terms on several facts. */
const rulesOn = (count: number): Deciding => ({
  conditions: {
    isTrusted: {
      any: [
        { fact: 'device.compliant', operator: 'equal', value: true },
        { fact: 'location.trusted', operator: 'equal', value: true },
      ],
    },
  },
  rules: Array.from({ length: count }, (_, index) => {
    const conditions: Condition = {
      all: [
        { fact: 'resource.appId', operator: 'in', value: [`app-${index}`, `app-${index + 1}`] },
        { fact: 'user.roles', operator: 'someFact:in', value: [`role-${index % 5}`] },
        { fact: 'tenant.ageHours', operator: 'lessThan', value: index % 10 },
        { not: { condition: 'isTrusted' } },
        { fact: 'at', operator: 'lessThan', value: { fact: 'tenant.createdAt' } },
      ],
    }
    return {
      name: `rule-${index}`,
      title: 'A rule',
      control: 'someControl',
      source: 'some-document#here',
      conditions,
      event: { type: 'block', params: { code: 'blocked' } },
    }
  }),
})

test('a plan says how a small rule set is compiled, and why', () => {
  expect(plan(rulesOn(120))).toEqual({
    strategy: 'code',
    because: 'with up to 120 rules it is quicker to look at every one',
    rules: 120,
    comparisons: 120 + 5 + 10 + 2 + 1,
    facts: 6,
  })
})

test('a plan says how a large rule set is compiled, and what is looked up', () => {
  expect(plan(rulesOn(200))).toEqual({
    strategy: 'index',
    because: 'with more than 120 rules it is quicker to look up which can still apply',
    rules: 200,
    comparisons: 200 + 5 + 10 + 2 + 1,
    facts: 6,
    clauses: 400,
    lookups: [
      { facts: ['resource.appId'], classes: 202, literals: 400 },
      { facts: ['user.roles[]'], literals: 400 },
      {
        facts: ['device.compliant', 'location.trusted', 'at', 'tenant.ageHours'],
        classes: 2 * 2 * 2 * 22,
        literals: 1_600,
      },
    ],
    onDemand: 0,
  })
})

/** As many rules, each with one comparison. */
const comparing = (
  fact: string,
  operator: string,
  valueOf: (index: number) => unknown,
  count = 150,
): Deciding => {
  const { rules } = rulesOn(count)
  return {
    conditions: {},
    rules: rules.map((rule, index) => ({
      ...rule,
      conditions: { all: [{ fact, operator, value: valueOf(index) as string }] },
    })),
  }
}

test.each<[string, string, (index: number) => unknown]>([
  ['location.country', 'equal', (index) => `C${index}`],
  ['location.country', 'notEqual', (index) => `C${index}`],
  ['location.country', 'not:equal', (index) => `C${index}`],
  ['location.country', 'not:not:equal', (index) => `C${index}`],
  ['location.country', 'in', (index) => [`C${index}`, 'X']],
  ['location.country', 'notIn', (index) => [`C${index}`, 'X']],
  ['user.roles', 'contains', (index) => `role-${index}`],
  ['user.roles', 'doesNotContain', (index) => `role-${index}`],
  ['user.roles', 'someFact:equal', (index) => `role-${index}`],
  ['user.roles', 'someFact:in', (index) => [`role-${index}`, 'X']],
  ['user.roles', 'not:someFact:in', (index) => [`role-${index}`, 'X']],
  ['tenant.ageHours', 'lessThan', (index) => index],
  ['tenant.ageHours', 'lessThanInclusive', (index) => index],
  ['tenant.ageHours', 'greaterThan', (index) => index],
  ['tenant.ageHours', 'greaterThanInclusive', (index) => index],
])('%s %s is looked up for all rules at once', (fact, operator, valueOf) => {
  const set = comparing(fact, operator, valueOf)
  const { lookups, onDemand } = plan(set) as Extract<ReturnType<typeof plan>, { strategy: 'index' }>
  expect(lookups.map(({ facts }) => facts)).toEqual([[fact === 'user.roles' ? `${fact}[]` : fact]])
  expect(lookups[0]!.literals).toBeGreaterThanOrEqual(150)
  expect(onDemand).toBe(0)
  const [code, index] = [compile(set, 'code'), compile(set, 'index')]
  for (const value of [
    'C3',
    'X',
    '',
    ['role-3'],
    ['role-3', 'X', 'role-4'],
    [],
    3,
    2.5,
    900,
    null,
  ]) {
    const signIn = { [fact]: value } as unknown as SignIn
    expect(index(signIn)).toEqual(code(signIn))
  }
})

test('a rule of more alternatives than it is cut into is decided as if looked at alone', () => {
  const facts = ['one', 'two', 'three', 'four']
  const conditions: Condition = {
    all: facts.map((fact) => ({
      any: ['a', 'b', 'c'].map((end) => ({ fact: `${fact}.${end}`, operator: 'equal', value: 1 })),
    })),
  }
  const [rule] = rulesOn(1).rules
  const set = { rules: [{ ...rule!, conditions }], conditions: {} }
  const [code, index] = [compile(set, 'code'), compile(set, 'index')]
  for (let bits = 0; bits < 2 ** 12; bits++) {
    const signIn = Object.fromEntries(
      facts.flatMap((fact, row) =>
        ['a', 'b', 'c'].map((end, column) => [`${fact}.${end}`, (bits >> (3 * row + column)) & 1]),
      ),
    ) as unknown as SignIn
    expect(index(signIn)).toEqual(code(signIn))
    const isMet = facts.every((_, row) => ((bits >> (3 * row)) & 7) !== 0)
    expect(code(signIn).outcome).toBe(isMet ? 'block' : 'allow')
  }
})

test.each([1, 31, 32, 33, 64, 1_024, 1_025, 2_048])(
  'each of %i rules is found by the value that it alone wants',
  (count) => {
    const set = comparing('location.country', 'equal', (index) => `C${index}`, count)
    const decide = compile(set, 'index')
    const found = (value: string) =>
      decide({ 'location.country': value } as unknown as SignIn).reasons.map(({ rule }) => rule)
    for (const { name } of set.rules) expect(found(name.replace('rule-', 'C'))).toEqual([name])
    expect(found('X')).toEqual([])
  },
)

const oneOf = (length: number, from = 0): Condition => ({
  any: Array.from({ length }, (_, index) => ({
    fact: `fact.${from + index}`,
    operator: 'equal',
    value: 1,
  })),
})

test.each<[string, Condition, clauses: number]>([
  ['one of twelve', oneOf(12), 12],
  ['one of thirteen', oneOf(13), 1],
  ['one of three and one of four', { all: [oneOf(3), oneOf(4, 3)] }, 12],
  ['one of three and one of five', { all: [oneOf(3), oneOf(5, 3)] }, 3],
  ['one of five and one of three', { all: [oneOf(5), oneOf(3, 5)] }, 3],
])('a rule that wants %s is cut into few alternatives', (_, wanted, clauses) => {
  const [rule] = rulesOn(1).rules
  const rules = Array.from({ length: 121 }, (_, index) => ({
    ...rule!,
    name: `rule-${index}`,
    conditions: index === 0 ? wanted : oneOf(1, 100 + index),
  }))
  expect(plan({ rules, conditions: {} })).toMatchObject({ clauses: 120 + clauses })
})

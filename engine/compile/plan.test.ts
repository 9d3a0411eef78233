import { expect, test } from 'vitest'
import { plan, type Condition, type Deciding } from '../index.ts'

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

import { expect, test } from 'vitest'
import { tracer, type Condition, type SignIn } from '../index.ts'

const facts = {
  'device.compliant': true,
  'risk.signIn': 'low',
  'client.clientAppUsed': 'Browser',
  'user.roles': [],
  'tenant.ageHours': 5,
}
const equal = (fact: string, value: string | boolean | number | { fact: string }): Condition => ({
  fact,
  operator: 'equal',
  value,
})
const compliant = equal('device.compliant', true)
const atRisk = equal('risk.signIn', 'high')

test.each<[string, Condition, boolean]>([
  ['a flag', { all: [compliant] }, true],
  ['one of a few values', { any: [atRisk] }, true],
  ['what is not so', { not: { all: [compliant, atRisk] } }, true],
  ['a shared condition', { condition: 'isTrusted' }, true],
  ['combinations of few facts', { all: [{ any: [compliant, atRisk] }, { not: atRisk }] }, true],
  ['one of many values', { all: [equal('client.clientAppUsed', 'Browser')] }, false],
  ['a number', { all: [equal('tenant.ageHours', 5)] }, false],
  ['a list', { all: [{ fact: 'user.roles', operator: 'contains', value: 'some' }] }, false],
  ['another fact', { all: [equal('risk.signIn', { fact: 'user.risk' })] }, false],
  ['a fact that is none of ours', { all: [equal('custom.some', true)] }, false],
])('what is shown of %s', (_, conditions, isKept) => {
  const trace = tracer({
    conditions: { isTrusted: { all: [compliant] } },
    rules: [
      {
        name: 'rule',
        title: 'A rule',
        control: 'someControl',
        source: 'some-document#here',
        conditions,
        event: { type: 'block', params: { code: 'blocked' } },
      },
    ],
  })
  const shown = (changes: Readonly<Record<string, unknown>>) => {
    const { results, failureResults } = trace({ ...facts, ...changes } as unknown as SignIn)
    return [...results, ...failureResults][0]!.conditions
  }
  const first = shown({})
  expect(shown({ 'user.type': 'guest' }) === first).toBe(isKept)
  expect(Object.isFrozen(first)).toBe(isKept)
  expect(shown({})).toEqual(first)
  const strange = { 'device.compliant': 1, 'risk.signIn': 'much' }
  expect(shown(strange) === first).toBe(false)
  expect(shown(strange) === shown(strange)).toBe(false)
})

import { describe, expect, test } from 'vitest'
import type { Condition } from '../../engine/index.ts'
import { celOf } from './cel.ts'

const fact = (name: string, operator: string, value: unknown) =>
  ({ fact: name, operator, value }) as Condition

function check(condition: Condition, cel: string | RegExp) {
  if (typeof cel === 'string') expect(celOf(condition)).toBe(cel)
  else expect(() => celOf(condition)).toThrow(cel)
}

const browser = fact('client.app', 'equal', 'browser')
const isGuest = fact('user.type', 'equal', 'guest')

describe('conditions in CEL', () => {
  test.each<[string, Condition, string | RegExp]>([
    ['a fact of the user', isGuest, 'P.attr.type == "guest"'],
    ['of what is asked for', fact('resource.appId', 'equal', 'x'), 'R.attr.appId == "x"'],
    ['of anything else', browser, 'R.attr.client.app == "browser"'],
    ['of a pack', fact('custom.badge', 'equal', true), 'R.attr.custom.badge == true'],
    ['without an area', fact('at', 'greaterThan', 5), 'R.attr.at > 5.0'],
    ['notEqual', fact('client.app', 'notEqual', 'other'), '!(R.attr.client.app == "other")'],
    ['in', fact('user.type', 'in', ['a', 'b']), 'P.attr.type in ["a", "b"]'],
    ['notIn', fact('user.type', 'notIn', ['a']), '!(P.attr.type in ["a"])'],
    ['contains', fact('user.roles', 'contains', 'a'), 'hasIntersection(P.attr.roles, ["a"])'],
    [
      'doesNotContain',
      fact('user.roles', 'doesNotContain', 'a'),
      '!(hasIntersection(P.attr.roles, ["a"]))',
    ],
    [
      'someFact:in',
      fact('user.roles', 'someFact:in', ['a', 'b']),
      'hasIntersection(P.attr.roles, ["a", "b"])',
    ],
    [
      'not:someFact:in',
      fact('user.roles', 'not:someFact:in', ['a']),
      '!(hasIntersection(P.attr.roles, ["a"]))',
    ],
    ['a whole number', fact('tenant.ageHours', 'lessThan', 24), 'R.attr.tenant.ageHours < 24.0'],
    ['a fraction', fact('custom.n', 'lessThanInclusive', -0.5), 'R.attr.custom.n <= -0.5'],
    ['a large one', fact('custom.n', 'greaterThanInclusive', 1e21), 'R.attr.custom.n >= 1e+21'],
    [
      'quotes and line ends',
      fact('custom.n', 'equal', 'a"\\\n'),
      'R.attr.custom.n == "a\\"\\\\\\n"',
    ],
    ['a shared condition', { condition: 'didMfa' }, 'V.didMfa'],
    [
      'all, any, not',
      { all: [browser, { any: [isGuest, { not: browser }] }] },
      '(R.attr.client.app == "browser" && (P.attr.type == "guest" || !(R.attr.client.app == "browser")))',
    ],
    ['half a character', fact('custom.n', 'equal', '\uD800'), /can not quote "\\ud800"/],
    [
      'an operator that CEL has not',
      fact('custom.n', 'swap:in', 'x'),
      /can not say custom.n swap:in/,
    ],
    [
      'a fact that may be null, in order',
      fact('session.issuedAt', 'lessThan', 5),
      /can not say session.issuedAt lessThan/,
    ],
  ])('%s', (_, condition, cel) => check(condition, cel))
})

import { expect, test } from 'vitest'
import { compile, type Condition, type Deciding, type SignIn } from '../index.ts'

/** As many rules as are looked up in an index; the first one shows a fact where `shows` says so. */
const rules = (shows?: string): Deciding => ({
  conditions: {},
  rules: Array.from({ length: 200 }, (_, index) => ({
    name: `rule-${index}`,
    title: 'A rule',
    control: 'someControl',
    source: 'some-document#here',
    conditions: {
      all: [
        { fact: 'resource.appId', operator: 'equal', value: `app-${index}` },
        { fact: 'tenant.ageHours', operator: 'lessThan', value: 100 },
        // on two facts, so that it is looked at by itself
        { fact: 'at', operator: 'lessThan', value: { fact: 'tenant.createdAt' } },
      ] satisfies Condition[],
    },
    event: {
      type: 'block',
      params: { code: 'blocked', ...(shows !== undefined && index === 0 && { shows: [shows] }) },
    },
  })),
})

const facts = { 'resource.appId': 'app-0', 'tenant.ageHours': 50, at: 1, 'tenant.createdAt': 2 }
const asked = (changes: Readonly<Record<string, unknown>>) =>
  ({ ...facts, ...changes }) as unknown as SignIn

test.each<[string, Readonly<Record<string, unknown>>, boolean]>([
  ['the very same sign-in', {}, true],
  ['one that differs in what no rule looks at', { 'user.risk': 'high' }, true],
  ['one whose number lies between the same bounds', { 'tenant.ageHours': 51 }, true],
  ['another application', { 'resource.appId': 'app-1' }, false],
  ['a number beyond the bound', { 'tenant.ageHours': 100 }, false],
  ['a comparison of two facts that comes out otherwise', { at: 3 }, false],
  ['a text where a number is due, which no class has', { 'tenant.ageHours': '50' }, false],
])('a decision is one object for %s', (_, changes, isSame) => {
  const decide = compile(rules())
  const first = decide(asked({}))
  expect(Object.isFrozen(first)).toBe(true)
  expect(decide(asked(changes)) === first).toBe(isSame)
  expect(decide(asked({}))).toBe(first)
  expect(decide(asked(changes))).toEqual(compile(rules(), 'code')(asked(changes)))
})

test('a decision that shows facts is made anew for each sign-in', () => {
  const decide = compile(rules('user.risk'))
  for (const risk of ['low', 'high', 'high'])
    expect(decide(asked({ 'user.risk': risk }))).toMatchObject({
      reasons: [{ facts: { 'user.risk': risk } }],
    })
  expect(Object.isFrozen(decide(asked({})))).toBe(false)
})

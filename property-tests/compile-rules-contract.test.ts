import { describe, expect, test } from 'vitest'
import {
  compileRules,
  RefusedRules,
  type CompileRulesOptions,
  type RuleResultJson,
} from '../engine/index.ts'

/** What `compileRules` promises beside meaning the same as json-rules-engine. */

const comparison = (fact: string, value: unknown, more?: object) => ({
  fact,
  operator: 'equal',
  value,
  ...more,
})
const rule = (conditions: unknown, event: object = { type: 'it' }) => ({ conditions, event })
const compile = (conditions: unknown, options?: Partial<CompileRulesOptions>) =>
  compileRules([rule(conditions)], { allowUndefinedFacts: false, ...options })

describe('facts that are not plain values are an error once they are read', () => {
  class Fact {
    isDynamic() {}
  }
  const unsupported = expect.objectContaining({ code: 'UNSUPPORTED_FACT' }) as Error
  test.each([
    ['a function', () => 1],
    ['an async function', async () => 1],
    ['a promise', Promise.resolve(1)],
    ['what has a method "then"', { then() {} }],
    ['a Fact of json-rules-engine', new Fact()],
  ])('%s', (_, a) => {
    const { run, events } = compile({ all: [comparison('a', 1)] })
    expect(() => run({ a })).toThrow(unsupported)
    expect(() => events({ a })).toThrow(unsupported)
    const other = compile({ any: [comparison('b', { fact: 'a' })] })
    expect(() => other.events({ a, b: 1 })).toThrow(unsupported)
    expect(compile({ all: [] }).events({ a })).toHaveLength(1)
  })

  test('behind a path', () => {
    const { events } = compile({ all: [comparison('a', 1, { path: '$.b' })] })
    expect(() => events({ a: { b: Promise.resolve(1) } })).toThrow(unsupported)
  })

  test('in a parameter of an event', () => {
    const rules = [rule({ not: { all: [] } }, { type: 'it', params: { x: { fact: 'a' } } })]
    const options = { allowUndefinedFacts: true, replaceFactsInEventParams: true }
    expect(() => compileRules(rules, options).events({ a: () => 1 })).toThrow(unsupported)
  })
})

test('an undefined fact is an error with its code', () => {
  const { events } = compile({ all: [comparison('a', 1)] })
  expect(() => events({})).toThrow(
    expect.objectContaining({ message: 'Undefined fact: a', code: 'UNDEFINED_FACT' }) as Error,
  )
})

test('what an undefined fact means has to be said', () => {
  const unsaid = {} as CompileRulesOptions
  expect(() => compileRules([], unsaid)).toThrow('/allowUndefinedFacts: expected true or false')
})

test('all faults come at once, with their places', () => {
  const rules = [
    null,
    rule({ all: [{ fact: 'a' }, comparison('a', 1, { path: '$..b' })] }, { type: 'error' }),
  ]
  const error = expect.objectContaining({
    name: 'RefusedRules',
    faults: [
      expect.objectContaining({ pointer: '/conditions/a~1b' }) as object,
      expect.objectContaining({ pointer: '/rules/0' }) as object,
      expect.objectContaining({
        pointer: '/rules/1/conditions/all/0',
        hint: 'Condition: constructor "operator" property required',
      }) as object,
      expect.objectContaining({ pointer: '/rules/1/conditions/all/0' }) as object,
      expect.objectContaining({
        pointer: '/rules/1/conditions/all/1/path',
        got: '"$..b"',
      }) as object,
      expect.objectContaining({ pointer: '/rules/1/event/type' }) as object,
    ],
  }) as Error
  const load = () => compileRules(rules, { allowUndefinedFacts: false, conditions: { 'a/b': {} } })
  expect(load).toThrow(RefusedRules)
  expect(load).toThrow(error)
})

test('warnings tell what will fail, or means something else than it seems to', () => {
  const conditions = {
    any: [
      { fact: 'a', operator: 'like', value: 1 },
      { fact: 'a', operator: 'not:in', value: 'US,CA' },
      { fact: 'a', operator: 'in', value: 'US,CA' },
      { fact: 5, operator: 'equal', value: { fact: null } },
      { ...comparison('a', 1), params: { x: 1 }, result: true },
      { condition: 'typo' },
      { all: [], not: { all: [] } },
    ],
    all: [],
  }
  const { warnings } = compile(conditions)
  expect(warnings.map(({ pointer }) => pointer.replace('/rules/0/conditions', ''))).toEqual([
    '/all',
    '/any/0/operator',
    '/any/1/value',
    '/any/2/value',
    '/any/3/fact',
    '/any/3/value/fact',
    '/any/4/params',
    '/any/4/result',
    '/any/5/condition',
    '/any/6/not',
    '/any/6/all',
  ])
  const usual = [1, 'US', { fact: 'b' }].map((value) => comparison('a', value))
  const among = comparison('a', ['US'], { operator: 'in' })
  expect(compile({ all: [...usual, among] }).warnings).toEqual([])
})

describe('rules and results are kept apart', () => {
  const given = () => ({
    rules: [
      {
        ...rule(
          { all: [comparison('a', [1], { priority: '2.5', name: { n: 1 } })] },
          { type: 'it', params: { list: [1] } },
        ),
        name: { first: true },
      },
    ],
    options: { allowUndefinedFacts: false },
  })

  test('the rules given are not written to, and may be frozen', () => {
    const { rules, options } = given()
    const frozen = deepFreeze(rules)
    const { run } = compileRules(frozen, options)
    run({ a: 1 })
    expect(frozen).toEqual(given().rules)
  })

  test('what becomes of them later changes nothing', () => {
    const { rules, options } = given()
    const { run } = compileRules(rules, options)
    const before = structuredClone(run({ a: 1 }))
    rules[0]!.event = { type: 'changed' }
    ;(rules[0]!.conditions as { all: unknown[] }).all.length = 0
    expect(run({ a: 1 })).toEqual(before)
  })

  test('nor does what becomes of a result', () => {
    const { rules, options } = given()
    const { run } = compileRules(rules, options)
    const before = structuredClone(run({ a: 1 }))
    spoil(run({ a: 1 }))
    expect(run({ a: 1 })).toEqual(before)
  })

  test('a constant that came out of a result is not the constant', () => {
    const { run } = compile({ all: [comparison('a', [1])] })
    const { valueResult } = firstComparison(run({ a: 1 }).failureResults[0]!)
    expect(valueResult).toEqual([1])
    expect(run({ a: valueResult }).results).toEqual([])
  })

  test('a fact is shown as it came', () => {
    const a = { b: [1] }
    const { run } = compile({ all: [comparison('a', 1, { path: '$.b' })] })
    expect(firstComparison(run({ a }).failureResults[0]!).factResult).toBe(a.b)
  })
})

function firstComparison({ conditions }: RuleResultJson) {
  const [first] = 'all' in conditions ? conditions.all : []
  if (first === undefined || !('fact' in first)) throw new Error('no comparison')
  return first
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}

/** Adds to every array and object in it. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'spoilt')) return
  Object.assign(value, { spoilt: true })
  Object.values(value).forEach(spoil)
}

test('events are those of the run, for more rules than are looked at one by one', () => {
  const rules = Array.from({ length: 300 }, (_, index) => ({
    conditions: {
      all: [
        { fact: 'country', operator: index % 3 === 0 ? 'notIn' : 'in', value: [`c${index % 7}`] },
        { any: [comparison('age', index, { operator: 'lessThan' }), { condition: 'isAdmin' }] },
      ],
    },
    event: { type: `event${index}` },
    priority: 1 + (index % 4),
  }))
  const conditions = {
    isAdmin: { all: [{ fact: 'user', path: '$.roles', operator: 'contains', value: 'admin' }] },
  }
  const compiled = compileRules(rules, { allowUndefinedFacts: true, conditions })
  for (const facts of [
    { country: 'c1', age: 150, user: { roles: ['admin'] } },
    { country: 'c3', age: '150', user: { roles: [] } },
    { country: ['c3'], age: {}, user: 'admin' },
    { country: Number.NaN, age: null },
    {},
  ])
    expect(compiled.events(facts)).toEqual(compiled.run(facts).events)
})

test.each([undefined, null, {}, 1])(
  'options %j are refused, since they do not say what a missing fact means',
  (given) => {
    expect(() => compileRules([], given as CompileRulesOptions)).toThrow(RefusedRules)
  },
)

test('rules that are no list are refused', () => {
  expect(() => compileRules({} as never, { allowUndefinedFacts: true })).toThrow('/rules: expected')
})

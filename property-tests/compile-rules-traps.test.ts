import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileRules, RefusedRules, type CompileRulesOptions } from '../engine/index.ts'

import { check } from './json-rules-engine.ts'

/** What is odd in json-rules-engine, or was in our copy of it: each case is compared with it, and with what is said here. */
type Trap = {
  readonly title: string
  /** The condition of one rule, or whole rules. */
  readonly when?: unknown
  readonly rules?: readonly unknown[]
  readonly options?: Partial<CompileRulesOptions>
  readonly facts?: unknown
  /** `holds`, `does not hold`, `fails: MESSAGE` or `refused: POINTER`; or the types of the events in order. */
  readonly is: string | readonly string[]
}

const ignore = () => {}
beforeAll(() => void process.on('unhandledRejection', ignore)) // see compile-rules.test.ts
afterAll(async () => {
  await setImmediate()
  process.off('unhandledRejection', ignore)
})

async function holdsOf({ when, rules, options, facts = {}, is }: Trap): Promise<void> {
  const given = {
    rules: rules ?? [{ conditions: when, event: { type: 'it' } }],
    options: { allowUndefinedFacts: false, ...options },
  }
  await check(given, [facts])
  expect(outcome(given, facts, rules === undefined)).toEqual(is)
}

function outcome(
  { rules, options }: { rules: readonly unknown[]; options: CompileRulesOptions },
  facts: unknown,
  single: boolean,
): string | readonly unknown[] {
  try {
    const events = compileRules(rules, options).events(facts)
    if (!single) return events.map(({ type }) => type)
    return events.length > 0 ? 'holds' : 'does not hold'
  } catch (error) {
    if (error instanceof RefusedRules)
      return `refused: ${error.faults.map(({ pointer }) => pointer).join(', ')}`
    return `fails: ${(error as Error).message}`
  }
}

/** One comparison. */
const leaf = (fact: unknown, operator: unknown, value: unknown, more?: object) => ({
  fact,
  operator,
  value,
  ...more,
})
const one = (...comparison: Parameters<typeof leaf>) => ({ all: [leaf(...comparison)] })
const reused = leaf('a', 'equal', 1, { priority: 1.5 })
const yes = { all: [] }
const no = { not: yes }
/** Fails wherever it is evaluated. */
const bad = leaf('absent', 'equal', 1)
/** An object inside so many others. */
const levels = (count: number): object => (count === 0 ? {} : { a: levels(count - 1) })
const own = (json: string): unknown => JSON.parse(json)
const undefinedFacts = { allowUndefinedFacts: true }
const undefinedConditions = { allowUndefinedConditions: true }
const rule = (type: string, priority?: unknown, conditions: unknown = yes) => ({
  conditions,
  event: { type },
  priority,
})

const traps: Readonly<Record<string, readonly Trap[]>> = {
  'empty lists and several kinds (S1, S2)': [
    { title: 'an empty all holds', when: { all: [] }, is: 'holds' },
    { title: 'an empty any holds', when: { any: [] }, is: 'holds' },
    { title: 'not of an empty any does not', when: { not: { any: [] } }, is: 'does not hold' },
    { title: 'any comes before all', when: { all: [no], any: [yes] }, is: 'holds' },
    { title: 'all comes before not', when: { not: yes, all: [yes] }, is: 'holds' },
    {
      title: 'a comparison beside a list is dropped',
      when: { all: [{ ...bad, all: [] }] },
      is: 'holds',
    },
    {
      title: 'what is dropped is not even read',
      when: { any: [], all: 'x', not: [] },
      is: 'holds',
    },
    {
      title: 'at the root a list comes before a reference',
      when: { condition: 'nope', all: [] },
      is: 'holds',
    },
    {
      title: 'inside, a reference comes before a list',
      when: { all: [{ condition: 'no', all: [] }] },
      options: { conditions: { no } },
      is: 'does not hold',
    },
    {
      title: 'and before a comparison',
      when: { all: [{ condition: 'yes', ...bad }] },
      options: { conditions: { yes } },
      is: 'holds',
    },
  ],
  'what is not there (S3, S7, S14)': [
    {
      title: 'an undefined fact fails',
      when: one('absent', 'equal', 1),
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'or is undefined',
      when: one('absent', 'notEqual', 1),
      options: undefinedFacts,
      is: 'holds',
    },
    {
      title: 'a fact that is there and undefined does not fail',
      when: one('a', 'equal', undefined),
      facts: { a: undefined },
      is: 'holds',
    },
    {
      title: 'it takes the place of one of the engine',
      when: one('a', 'equal', 1),
      options: { facts: { a: 1 } },
      facts: { a: undefined },
      is: 'does not hold',
    },
    {
      title: 'facts of the engine are there',
      when: one('a', 'equal', 1),
      options: { facts: { a: 1 } },
      is: 'holds',
    },
    {
      title: 'also undefined',
      when: one('a', 'equal', undefined),
      options: { facts: { a: undefined } },
      is: 'holds',
    },
    {
      title: 'an undefined fact to compare with',
      when: one('a', 'equal', { fact: 'absent' }),
      facts: { a: 1 },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'of two undefined facts the value is named',
      when: one('absent', 'equal', { fact: 'lost' }),
      is: 'fails: Undefined fact: lost',
    },
    {
      title: 'an unknown operator comes before both',
      when: one('absent', 'like', { fact: 'lost' }),
      is: 'fails: Unknown operator: like',
    },
    {
      title: 'a path is not applied to a text',
      when: one('user', 'equal', 'admin', { path: '$.role' }),
      facts: { user: 'admin' },
      is: 'holds',
    },
    {
      title: 'not of an undefined condition holds',
      when: { not: { condition: 'typo' } },
      options: undefinedConditions,
      is: 'holds',
    },
    {
      title: 'an undefined condition fails',
      when: { condition: 'typo' },
      is: 'fails: No condition typo exists',
    },
    {
      title: 'shared conditions are found by texts only',
      when: { condition: 5 },
      options: { conditions: { 5: yes } },
      is: 'fails: No condition 5 exists',
    },
    {
      title: 'and no member of every object is one',
      when: { condition: 'constructor' },
      is: 'fails: No condition constructor exists',
    },
    {
      title: 'a fact named by no text is never there',
      when: one(0, 'equal', 1),
      facts: ['first'],
      is: 'fails: Undefined fact: 0',
    },
    {
      title: 'a missing reference after a failing comparison',
      when: { all: [bad, { condition: 'typo' }] },
      is: 'fails: Undefined fact: absent',
    },
  ],
  'operators (S4, S5, S6, S9, S12, S13)': [
    {
      title: 'NaN equals nothing',
      when: one('a', 'equal', Number.NaN),
      facts: { a: Number.NaN },
      is: 'does not hold',
    },
    { title: '-0 is 0', when: one('a', 'equal', 0), facts: { a: -0 }, is: 'holds' },
    {
      title: 'a list is no constant',
      when: one('a', 'equal', []),
      facts: { a: [] },
      is: 'does not hold',
    },
    {
      title: 'a fact is the same as itself',
      when: one('a', 'equal', { fact: 'b' }),
      facts: (() => {
        const a = [1]
        return { a, b: a }
      })(),
      is: 'holds',
    },
    {
      title: 'also behind a path',
      when: one('a', 'equal', { fact: 'b', path: '$.c' }),
      facts: (() => {
        const a = [1]
        return { a, b: { c: a } }
      })(),
      is: 'holds',
    },
    {
      title: 'an empty text is in any text',
      when: one('a', 'in', 'US,CA'),
      facts: { a: '' },
      is: 'holds',
    },
    {
      title: 'in a number fails',
      when: one('a', 'in', 5),
      facts: { a: 5 },
      is: 'fails: value.indexOf is not a function',
    },
    {
      title: 'contains needs a list',
      when: one('a', 'doesNotContain', 'x'),
      facts: { a: 'abc' },
      is: 'does not hold',
    },
    {
      title: 'not: turns that round too',
      when: one('a', 'not:contains', 'b'),
      facts: { a: 'abc' },
      is: 'holds',
    },
    {
      title: 'texts compare as texts',
      when: one('a', 'lessThan', '9'),
      facts: { a: '10' },
      is: 'holds',
    },
    {
      title: 'a text that begins with a number',
      when: one('a', 'lessThan', 13),
      facts: { a: '12abc' },
      is: 'does not hold',
    },
    {
      title: 'null to compare with is 0',
      when: one('a', 'greaterThan', null),
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'everyFact holds of an empty list',
      when: one('a', 'everyFact:equal', 1),
      facts: { a: [] },
      is: 'holds',
    },
    {
      title: 'someValue needs a list',
      when: one('a', 'someValue:equal', 1),
      facts: { a: 1 },
      is: 'fails: value.some is not a function',
    },
    {
      title: 'spaces matter',
      when: one('a', ' equal', 1),
      facts: { a: 1 },
      is: 'fails: Unknown operator:  equal',
    },
    {
      title: 'so does what follows a colon',
      when: one('a', 'equal:x', 1),
      facts: { a: 1 },
      is: 'fails: Unknown operator: equal:x',
    },
    {
      title: 'an operator that is a list of one',
      when: one('a', ['equal'], 1),
      facts: { a: 1 },
      is: 'fails: Unknown operator: equal',
    },
    {
      title: 'an operator that is none',
      when: one('a', null, 1),
      facts: { a: 1 },
      is: 'fails: operator is not a string',
    },
    {
      title: 'a hostile fact fails',
      when: one('a', 'lessThan', 1),
      facts: { a: { toString: 1 } },
      is: 'fails: Cannot convert object to primitive value',
    },
    {
      title: 'a constant loses members named like those of every object',
      when: one('a', 'lessThan', { toString: 1 }),
      facts: { a: 1 },
      is: 'does not hold',
    },
  ],
  'order and failing (1.2, S10)': [
    {
      title: 'beside one that has decided, all are evaluated',
      when: { any: [one('a', 'equal', 1), bad] },
      facts: { a: 1 },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'of all too',
      when: { all: [one('a', 'equal', 2), bad] },
      facts: { a: 1 },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'of a lower priority they are not',
      when: { any: [{ ...bad, priority: 1 }, leaf('a', 'equal', 1, { priority: 2 })] },
      facts: { a: 1 },
      is: 'holds',
    },
    ...[
      ['a hostile fact', { toString: 1 }, 1],
      ['a list with one', [1, { toString: 1 }], 1],
      ['a hostile constant', 0, Object.create(null)],
      ['a constant with one', 0, [1, Object.create(null)]],
    ].map(([what, b, value]) => ({
      title: `so that ${what as string} is not even looked at`,
      when: {
        any: [
          leaf('b', 'lessThan', value, { priority: 1 }),
          leaf('a', 'equal', 1, { priority: 2 }),
        ],
      },
      facts: { a: 1, b },
      is: 'holds',
    })),
    ...['in', 'notIn'].flatMap((operator) =>
      [5, { fact: 'b' }].map((value) => ({
        title: `nor is what ${operator} can not search in ${JSON.stringify(value)}`,
        when: {
          any: [
            leaf('a', operator, value, { priority: 1 }),
            leaf('a', 'equal', 1, { priority: 2 }),
          ],
        },
        facts: { a: 1, b: 5 },
        is: 'holds',
      })),
    ),
    {
      title: 'priorities may be negative',
      when: { all: [{ ...bad, priority: -1 }, leaf('a', 'equal', 2, { priority: 0 })] },
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'and fractions, for comparisons',
      when: { all: [{ ...bad, priority: 1.5 }, leaf('a', 'equal', 2, { priority: 1.6 })] },
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'but whole numbers for lists',
      when: {
        all: [
          { all: [bad], priority: 1.5 },
          { ...no, priority: 1.6 },
        ],
      },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'a fact of the engine lends its priority',
      when: { all: [bad, leaf('a', 'equal', 2)] },
      options: { facts: { a: 1 }, factPriorities: { a: 10 } },
      is: 'does not hold',
    },
    {
      title: 'also when the run brings another value',
      when: { all: [bad, leaf('a', 'equal', 2)] },
      options: { facts: { a: 2 }, factPriorities: { a: 10 } },
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'and to a reference that has a member "fact"',
      when: { all: [bad, { condition: 'no', fact: 'a' }] },
      options: { facts: { a: 1 }, factPriorities: { a: 10 }, conditions: { no } },
      is: 'does not hold',
    },
    {
      title: 'a reference has its own priority, not that of its target',
      when: { all: [bad, { condition: 'no' }] },
      options: { conditions: { no: { ...no, priority: 10 } } },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'a priority that is no number, alone',
      when: { all: [leaf('a', 'equal', 1, { priority: 'high' })] },
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'a priority that is no number, beside others',
      when: { all: [leaf('a', 'equal', 1, { priority: 'high' }), yes] },
      is: 'refused: /rules/0/conditions/all',
    },
    {
      title: 'a priority that is no number, the same for all',
      when: { all: ['high', 'high'].map((priority) => leaf('a', 'equal', 1, { priority })) },
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'a priority named like a member of every object, alone',
      when: { all: [leaf('a', 'equal', 1, { priority: 'constructor' })] },
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'a priority that is null',
      when: { all: [leaf('a', 'equal', 1, { priority: null }), yes] },
      facts: { a: 1 },
      is: 'holds',
    },
    ...[() => 1, Symbol('1')].map((priority) => ({
      title: `a priority that is a ${typeof priority}`,
      when: { all: [{ ...bad, priority }] },
      is: 'refused: /rules/0/conditions/all/0/priority',
    })),
    {
      title: 'one number in two spellings',
      when: { all: [leaf('a', 'equal', 1, { priority: '1.0' }), yes] },
      is: 'refused: /rules/0/conditions/all',
    },
    {
      title: 'a priority named like a member of every object',
      when: { all: ['constructor', 'constructor'].map((priority) => ({ ...bad, priority })) },
      is: 'refused: /rules/0/conditions/all',
    },
    ...[leaf('a', 'equal', 1), leaf('a', 'equal', 1, { priority: 2 })].map((twice) => ({
      title: `an object in two places, of priority ${String((twice as { priority?: unknown }).priority)}`,
      when: { all: [twice, { all: [twice, yes] }] },
      facts: { a: 1 },
      is: 'holds',
    })),
    {
      title: 'a reference has a priority too',
      when: {
        any: [
          { ...bad, priority: 1 },
          { condition: 'yes', priority: 2 },
        ],
      },
      options: { conditions: { yes } },
      is: 'holds',
    },
    {
      title: 'and like a list a name',
      when: {
        name: 'root',
        all: [
          { condition: 'yes', name: 'it' },
          { any: [yes], name: { a: 1 } },
        ],
      },
      options: { conditions: { yes } },
      is: 'holds',
    },
    {
      title: 'an object in two places, whose priority is written back parsed',
      when: { all: [reused, { all: [reused, yes] }] },
      is: 'refused: /rules/0/conditions/all/1/all/0/priority',
    },
    {
      title: 'rules by priority, then in order',
      rules: [rule('a'), rule('b', 2), rule('c', '3'), rule('d', 0), rule('e', 2.9)],
      is: ['c', 'b', 'e', 'a', 'd'],
    },
    {
      title: 'a rule of lower priority fails the run',
      rules: [rule('a', 2), rule('b', 1, { all: [bad] })],
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'a rule that fails in its parameters, holding or not',
      rules: [
        { conditions: no, event: { type: 'a', params: { x: { fact: 'absent', path: '$.a' } } } },
      ],
      options: { replaceFactsInEventParams: true },
      is: 'fails: Undefined fact: absent',
    },
    {
      title: 'or beside one that does not fail',
      rules: [
        rule('b'),
        { conditions: no, event: { type: 'a', params: { x: { fact: 'absent', path: '$.a' } } } },
      ],
      options: { replaceFactsInEventParams: true },
      is: 'fails: Undefined fact: absent',
    },
  ],
  'what json-rules-engine refuses (1.1)': [
    { title: 'no rule', rules: [null], is: 'refused: /rules/0' },
    { title: 'a rule without event', rules: [{ conditions: yes }], is: 'refused: /rules/0' },
    { title: 'a rule as text', rules: [JSON.stringify(rule('a'))], is: 'refused: /rules/0' },
    {
      title: 'an event without type',
      rules: [{ conditions: yes, event: {} }],
      is: 'refused: /rules/0/event',
    },
    { title: 'no event', rules: [{ conditions: yes, event: null }], is: ['unknown'] },
    { title: 'a priority below one', rules: [rule('a', -1)], is: 'refused: /rules/0/priority' },
    {
      title: 'a priority that is read as 0',
      rules: [rule('a', 0.5)],
      is: 'refused: /rules/0/priority',
    },
    { title: 'a priority that is read as 5', rules: [rule('a', 5e-7)], is: ['a'] },
    {
      title: 'a comparison at the root',
      when: leaf('a', 'equal', 1),
      is: 'refused: /rules/0/conditions',
    },
    { title: 'all with an object', when: { all: {} }, is: 'refused: /rules/0/conditions/all' },
    { title: 'not with a list', when: { not: [] }, is: 'refused: /rules/0/conditions/not' },
    {
      title: 'nothing as a condition',
      when: { all: [null] },
      is: 'refused: /rules/0/conditions/all/0',
    },
    {
      title: 'a number as a condition',
      when: { all: [5] },
      is: 'refused: /rules/0/conditions/all/0',
    },
    {
      title: 'a comparison without value',
      when: { any: [{ fact: 'a', operator: 'equal' }] },
      is: 'refused: /rules/0/conditions/any/0',
    },
    {
      title: 'a shared comparison',
      when: yes,
      options: { conditions: { x: leaf('a', 'equal', 1) } },
      is: 'refused: /conditions/x',
    },
    {
      title: 'nothing shared',
      when: yes,
      options: { conditions: { x: null } },
      is: 'refused: /conditions/x',
    },
    {
      title: 'a shared condition without a name',
      when: yes,
      options: { conditions: { '': yes } },
      is: 'refused: /conditions/',
    },
    {
      title: 'a fact without a name',
      when: yes,
      options: { facts: { '': 1 } },
      is: 'refused: /facts/',
    },
    {
      title: 'a fact of the run without a name',
      when: yes,
      facts: { '': 1 },
      is: 'fails: factId required',
    },
  ],
  'what only we refuse': [
    { title: 'conditions that are null', when: null, is: 'refused: /rules/0/conditions' },
    {
      title: 'a handler',
      rules: [{ ...rule('a'), onSuccess: () => {} }],
      is: 'refused: /rules/0/onSuccess',
    },
    { title: 'the event "error"', rules: [rule('error')], is: 'refused: /rules/0/event/type' },
    {
      title: 'the event "__defineGetter__"',
      rules: [rule('__defineGetter__')],
      is: 'refused: /rules/0/event/type',
    },
    {
      title: 'an event whose type is an object',
      rules: [{ conditions: yes, event: { type: {} } }],
      is: 'refused: /rules/0/event/type',
    },
    {
      title: 'a priority of a rule that is no number',
      rules: [rule('a', 'high')],
      is: 'refused: /rules/0/priority',
    },
    {
      title: 'a priority that is an object',
      when: { all: [{ ...bad, priority: {} }] },
      is: 'refused: /rules/0/conditions/all/0/priority',
    },
    {
      title: 'a prototype for a condition',
      when: own('{"all": [{"fact": "a", "operator": "equal", "value": 1, "__proto__": {}}]}'),
      is: 'refused: /rules/0/conditions/all/0',
    },
    {
      title: 'a prototype for a constant',
      when: one('a', 'equal', own('[{"__proto__": {}}]')),
      is: 'refused: /rules/0/conditions/all/0/value/0',
    },
    {
      title: 'an instance as a constant',
      when: one('a', 'equal', new Date(0)),
      is: 'refused: /rules/0/conditions/all/0/value',
    },
    {
      title: 'a function as a constant',
      when: one('a', 'equal', () => 1),
      is: 'refused: /rules/0/conditions/all/0/value',
    },
    ...[
      ['a getter', Object.defineProperty({}, 'a', { get: () => 1, enumerable: true })],
      ['a hidden member', Object.defineProperty({}, 'a', { value: 1 })],
      ['a symbol for a name', { [Symbol('a')]: 1 }],
      ['a list that is no plain one', new (class extends Array {})()],
      ['a list with a member beside', Object.assign([1], { x: 2 })],
      ['a list with a getter', Object.defineProperty([], 0, { get: () => 1, enumerable: true })],
      ['an object of too many levels', levels(501)],
    ].map(([what, value]) => ({
      title: `${what as string} as a constant`,
      when: one('a', 'equal', value),
      is: expect.stringMatching(/^refused: \/rules\/0\/conditions\/all\/0\/value/) as string,
    })),
    {
      title: 'an object of just so many levels as a constant',
      when: one('a', 'equal', levels(500)),
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'an object without prototype as a constant',
      when: one('a', 'equal', Object.assign(Object.create(null), { toString: 1 })),
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'a list with a hole',
      when: one('a', 'in', Array(2)),
      is: 'refused: /rules/0/conditions/all/0/value',
    },
    {
      title: 'a shared condition that leads to itself',
      when: yes,
      options: { conditions: { x: { all: [{ condition: 'x' }, yes] } } },
      is: 'refused: /conditions/x/all/0/condition',
    },
    {
      title: 'a circle of references',
      when: { condition: 'x' },
      options: { conditions: { x: { condition: 'y' }, y: { condition: 'x' } } },
      is: 'refused: /conditions/y/condition',
    },
    {
      title: 'an engine fact that is a function',
      when: yes,
      options: { facts: { a: () => 1 } },
      is: 'refused: /facts/a',
    },
    {
      title: 'an engine fact that is a promise',
      when: yes,
      options: { facts: { a: Promise.resolve(1) } },
      is: 'refused: /facts/a',
    },
    ...(
      [
        [
          'an object for the priority of a reference',
          { condition: 'yes', priority: {} },
          '/priority',
        ],
        ['an object for the priority of a list', { all: [], priority: {} }, '/priority'],
        ['a function for the name of a reference', { condition: 'yes', name: () => 1 }, '/name'],
        ['a function for the name of a list', { all: [], name: () => 1 }, '/name'],
        ['an instance for a list', { all: new (class extends Array {})() }, '/all'],
      ] as const
    ).map(([title, when, at]) => ({
      title,
      when: { all: [when] },
      options: { conditions: { yes } },
      is: `refused: /rules/0/conditions/all/0${at}`,
    })),
    ...(
      [
        ['a rule without conditions', { event: { type: 'a' } }, ''],
        ['an instance for a rule', Object.assign(Object.create({}), rule('a')), ''],
        ['a handler of failures', { ...rule('a'), onFailure: () => {} }, '/onFailure'],
        ['a text for an event', { conditions: yes, event: 'a' }, '/event'],
        [
          'an instance for an event',
          { conditions: yes, event: Object.assign(Object.create({}), { type: 'a' }) },
          '/event',
        ],
        [
          'a function for the type of an event',
          { conditions: yes, event: { type: () => 1 } },
          '/event/type',
        ],
      ] as const
    ).map(([title, given, at]) => ({ title, rules: [given], is: `refused: /rules/0${at}` })),
    {
      title: 'the priority of a fact that is not there',
      when: yes,
      options: { factPriorities: { b: 1 } },
      is: 'refused: /factPriorities/b',
    },
    {
      title: 'an instance as a condition',
      when: { all: [Object.assign(Object.create({}), leaf('a', 'equal', 1))] },
      is: 'refused: /rules/0/conditions/all/0',
    },
    {
      title: 'an operator behind just so many decorators',
      when: one('a', `${'not:'.repeat(100)}equal`, 1),
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'a path that is a number',
      when: one('a', 'equal', 1, { path: 5 }),
      is: 'refused: /rules/0/conditions/all/0/path',
    },
    {
      title: 'a path of too many names',
      when: one('a', 'equal', 1, { path: `$${'.a'.repeat(501)}` }),
      is: 'refused: /rules/0/conditions/all/0/path',
    },
    {
      title: 'a path of just so many names',
      when: one('a', 'equal', undefined, { path: `$${'.a'.repeat(500)}` }),
      facts: { a: {} },
      is: 'holds',
    },
    {
      title: 'an operator behind too many decorators',
      when: one('a', `${'not:'.repeat(101)}equal`, 1),
      is: 'refused: /rules/0/conditions/all/0/operator',
    },
    {
      title: 'a path that is no text',
      when: one('a', 'equal', 1, { path: ['$', 'a'] }),
      is: 'refused: /rules/0/conditions/all/0/path',
    },
    {
      title: 'a path that is a method of the cache',
      when: one('a', 'equal', 1, { path: 'constructor' }),
      is: 'refused: /rules/0/conditions/all/0/path',
    },
    {
      title: 'an odd path of a value',
      when: one('a', 'equal', { fact: 'b', path: '$..c' }),
      is: 'refused: /rules/0/conditions/all/0/value/path',
    },
    {
      title: 'an odd path of a parameter',
      rules: [
        { conditions: yes, event: { type: 'a', params: [{ fact: 'b', path: '$[?(@.x)]' }] } },
      ],
      options: { replaceFactsInEventParams: true },
      is: 'refused: /rules/0/event/params/0/path',
    },
    {
      title: 'an odd path of a parameter that nobody reads',
      rules: [
        { conditions: yes, event: { type: 'a', params: [{ fact: 'b', path: '$[?(@.x)]' }] } },
      ],
      is: ['a'],
    },
  ],
  'paths (1.4, S8, S11)': [
    ...[
      ['$', { a: 1 }, { fact: 'it' }],
      ['$.a.b', { a: { b: 5 } }, 5],
      ['a.b', { a: { b: 5 } }, 5],
      ["$['a.b']", { 'a.b': 5 }, 5],
      ['$["a"][1]', { a: [4, 5] }, 5],
      ['$.a.length', { a: 'four!' }, 5],
      ['$.a[0]', { a: 'x' }, 'x'],
      ["$['a:1']", { 'a:1': 5 }, 5],
      ["$['1:x']", { '1:x': 5 }, 5],
      ['$.constructor', {}, undefined],
      ['$.absent.a', {}, undefined],
      ['$.a.*', { a: { '*': 5, b: 6 } }, 5],
      ['$.__proto__.admin', own('{"__proto__": {"admin": 5}}'), 5],
    ].map(([path, it, value]) => ({
      title: `${path as string} finds one`,
      when: one('it', 'equal', value, { path }),
      facts: { it },
      is: 'holds',
    })),
    {
      title: 'a wildcard finds an array',
      when: one('it', 'contains', 1, { path: '$.a[*]' }),
      facts: { it: { a: [1] } },
      is: 'holds',
    },
    {
      title: 'but nothing of a list beside its members',
      when: one('it', 'contains', 2, { path: '$.a[*]' }),
      facts: { it: { a: Object.assign([1], { x: 2 }) } },
      is: 'does not hold',
    },
    {
      title: 'or nothing at all',
      when: one('it', 'doesNotContain', 1, { path: '$.a[*]' }),
      facts: { it: { a: [] } },
      is: 'does not hold',
    },
    {
      title: 'a member named * hides it behind a name',
      when: one('it', 'equal', 5, { path: '$.a.*' }),
      facts: { it: { a: { '*': 5 } } },
      is: 'holds',
    },
    {
      title: 'and not behind two',
      when: one('it', 'contains', 5, { path: '$.a.b.*' }),
      facts: { it: { a: { b: { '*': 5 } } } },
      is: 'holds',
    },
    {
      title: 'but behind another wildcard',
      when: one('it', 'contains', 5, { path: '$.*.*' }),
      facts: { it: { a: { '*': 5, b: 6 } } },
      is: 'holds',
    },
    {
      title: 'and not at the start',
      when: one('it', 'contains', 5, { path: '$.*' }),
      facts: { it: { '*': 5 } },
      is: 'holds',
    },
    ...[
      '.a',
      '$..a',
      '$.a,b',
      '$[0:1]',
      '$[12:3]',
      '$[1:2:3]',
      '$[-1:]',
      '$.a^',
      '$.a~',
      '$[(@.length-1)]',
      '$[?(@.a)]',
      "$['a,b']",
      "['a']",
      '$.',
      '$.@string()',
      '$.`a',
      '$.#1',
      "$.a['$']",
      '$.a[b.c]',
      "$.a['']",
    ].map((path) => ({
      title: `${path} is refused`,
      when: one('it', 'equal', 5, { path }),
      facts: { it: { a: 5 } },
      is: 'refused: /rules/0/conditions/all/0/path',
    })),
  ],
  'facts (1.4)': [
    { title: 'inherited', when: one('a', 'equal', 1), facts: Object.create({ a: 1 }), is: 'holds' },
    {
      title: 'hidden',
      when: one('a', 'equal', 1),
      facts: Object.defineProperty({}, 'a', { value: 1 }),
      is: 'fails: Undefined fact: a',
    },
    {
      title: 'inherited and hidden by one that is hidden',
      when: one('a', 'equal', 1),
      facts: Object.create({ a: 1 }, { a: { value: 2 } }),
      is: 'fails: Undefined fact: a',
    },
    {
      title: 'members of every object',
      when: one('toString', 'equal', 1),
      is: 'fails: Undefined fact: toString',
    },
    {
      title: 'named __proto__',
      when: one('__proto__', 'equal', 1),
      facts: own('{"__proto__": 1}'),
      is: 'holds',
    },
    { title: 'null', when: yes, facts: null, is: 'holds' },
    { title: 'a text', when: one('1', 'equal', 'b'), facts: 'ab', is: 'holds' },
    {
      title: 'of no prototype',
      when: one('a', 'equal', 1),
      facts: Object.assign(Object.create(null), { a: 1 }),
      is: 'holds',
    },
    {
      title: 'a member "then" that is no function',
      when: one('a', 'equal', 1, { path: '$.then' }),
      facts: { a: { then: 1 } },
      is: 'holds',
    },
  ],
  'references (1.5)': [
    {
      title: 'a chain, with priority and name of the last',
      when: { any: [{ condition: 'x', name: 'here', priority: 3 }, yes] },
      options: { conditions: { x: { condition: 'y', name: 'x' }, y: { all: [], priority: 7 } } },
      is: 'holds',
    },
    {
      title: 'a chain that ends nowhere keeps the last name',
      when: { any: [{ condition: 'x', name: 'here' }, no] },
      options: { ...undefinedConditions, conditions: { x: { condition: 'nope', name: 'x' } } },
      is: 'does not hold',
    },
    {
      title: 'a list of its own hides what was evaluated',
      when: { all: [{ condition: 'x', any: [bad] }] },
      options: { conditions: { x: { all: [no, yes], name: 'x' } } },
      is: 'does not hold',
    },
    {
      title: 'so does a list of a reference between',
      when: { all: [{ condition: 'x' }] },
      options: { conditions: { x: { condition: 'y', all: [bad] }, y: { not: no } } },
      is: 'holds',
    },
    {
      title: 'of two lists of one kind the evaluated one is shown',
      when: { all: [{ condition: 'x', all: [bad] }] },
      options: { conditions: { x: { all: [yes, no] } } },
      is: 'does not hold',
    },
    {
      title: 'whatever list it has on the way',
      when: { any: [{ condition: 'x' }, no] },
      options: { ...undefinedConditions, conditions: { x: { condition: 'nope', all: [] } } },
      is: 'does not hold',
    },
    {
      title: 'a list before a chain without one',
      when: { all: [{ condition: 'x', any: [bad] }] },
      options: { conditions: { x: { condition: 'y' }, y: yes } },
      is: 'holds',
    },
    {
      title: 'an undefined name takes the place of a name',
      when: { all: [{ condition: 'x', name: 'here' }] },
      options: { conditions: { x: { all: [], name: undefined } } },
      is: 'holds',
    },
    {
      title: 'a root that is a reference to a reference',
      when: { condition: 'x' },
      options: { conditions: { x: { condition: 'y' }, y: { any: [no, yes] } } },
      is: 'holds',
    },
  ],
  'results and events (1.5)': [
    {
      title: 'a skipped comparison shows what it claims itself',
      when: {
        all: [
          leaf('a', 'equal', 2, { priority: 2 }),
          leaf('a', 'equal', 1, { factResult: 'forged', valueResult: [1], result: true }),
        ],
      },
      facts: { a: 1 },
      is: 'does not hold',
    },
    {
      title: 'members that every comparison may have',
      when: one('a', 'equal', 1, { name: { toString: 1, x: 1 }, params: { a: [1] }, path: '$.b' }),
      facts: { a: { b: 1 } },
      is: 'holds',
    },
    {
      title: 'parameters lose members named like those of every object',
      rules: [
        { conditions: yes, event: { type: 'a', params: { constructor: 1, b: { valueOf: 2 } } } },
      ],
      is: ['a'],
    },
    {
      title: 'facts in parameters, one level deep',
      rules: [
        {
          conditions: yes,
          event: { type: 'a', params: { a: { fact: 'a', path: '$.b' }, c: [{ fact: 'a' }] } },
        },
      ],
      options: { replaceFactsInEventParams: true },
      facts: { a: { b: [1] } },
      is: ['a'],
    },
    {
      title: 'parameters that are themselves a fact are none',
      rules: [{ conditions: yes, event: { type: 'a', params: { fact: 'absent' } } }],
      options: { replaceFactsInEventParams: true },
      is: ['a'],
    },
    {
      title: 'conditions with empty names',
      when: { all: [leaf('a', 'equal', 1, { name: '' }), { ...yes, name: 0 }] },
      facts: { a: 1 },
      is: 'holds',
    },
    {
      title: 'parameters that are a text',
      rules: [{ conditions: yes, event: { type: 'a', params: 'x' } }],
      options: { replaceFactsInEventParams: true },
      is: ['a'],
    },
    {
      title: 'names that are no texts',
      rules: [0, '', false, { a: 1, toString: 2 }].map((name) => ({ ...rule('a'), name })),
      is: ['a', 'a', 'a', 'a'],
    },
  ],
}

for (const [title, rows] of Object.entries(traps))
  describe(title, () => {
    test.each(rows)('$title', holdsOf)
  })

/** A condition inside so many others. */
function nested(levels: number, inside: unknown): unknown {
  return levels === 0 ? inside : nested(levels - 1, { all: [inside] })
}

describe('depth', () => {
  const trap = (depth: number, is: string) => ({
    title: `${depth} levels`,
    when: nested(depth - 1, bad),
    is,
  })
  test.each([
    trap(500, 'fails: Undefined fact: absent'),
    trap(501, `refused: /rules/0/conditions${'/all/0'.repeat(500)}`),
  ])('$title', holdsOf)

  test('references count', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, index) => [
          `c${index}`,
          index === 0 ? { all: [leaf('a', 'equal', 1)] } : { not: { condition: `c${index - 1}` } },
        ]),
      )
    const compile = (length: number) =>
      compileRules([rule('a', 1, { condition: `c${length - 1}` })], {
        allowUndefinedFacts: false,
        conditions: chain(length),
      })
    expect(compile(160).events({ a: 1 })).toHaveLength(0)
    expect(compile(161).events({ a: 1 })).toHaveLength(1)
    expect(() => compile(400)).toThrow('500 levels')
    expect(() => compile(100_000)).toThrow('500 levels')
  })
})

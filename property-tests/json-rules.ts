import fc from 'fast-check'
import { decorators, operators } from '../engine/index.ts'
import type { CompileRulesOptions } from '../engine/index.ts'

/** Generators of whole rule sets in json-rules-engine's form, right and wrong, and of facts for them. */

/** Rules and what they run with, as they are handed to either engine. */
export type JsonRules = {
  readonly rules: readonly unknown[]
  readonly options: CompileRulesOptions
}

export type JsonRulesAndFacts = JsonRules & {
  /** Facts of several runs, one after the other. */
  readonly runs: readonly unknown[]
}

/** `often` most of the time, else one of the others. */
const mostly = <T>(often: fc.Arbitrary<T>, weight: number, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof({ weight, arbitrary: often }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))

/** An object with these members, each there or not; the names may be those of every object, also `__proto__`. */
function object(
  members: fc.Arbitrary<readonly (readonly [string, unknown])[]>,
): fc.Arbitrary<object> {
  return members.map((entries) => Object.fromEntries(entries))
}

const small = fc.constantFrom<unknown>(0, 1, 2, '1', 'a', 'b', true, null)
const odd = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  -0,
  Infinity,
  -Infinity,
  1.5,
  false,
  '',
  'ab',
  '12abc',
  ' 1 ',
  '0x10',
  '2024-06-01',
  2n,
)
const scalar = mostly(small, 3, odd)
const memberName = mostly(
  fc.constantFrom('a', 'b', 'list'),
  12,
  fc.constantFrom('*', '0', 'length', 'a.b', '$', 'constructor', 'toString'),
)
function valueWith(memberName: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: scalar },
      { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
      {
        weight: 2,
        arbitrary: object(fc.array(fc.tuple(memberName, tie('value')), { maxLength: 3 })),
      },
    ),
  }))
  return value
}
const value = valueWith(mostly(memberName, 150, fc.constant('__proto__')))
const factMember = valueWith(mostly(memberName, 10, fc.constant('__proto__')))

/** Only facts may hold these: instances, objects without a prototype, holes. */
const factOnly = fc.constantFrom<() => unknown>(
  () => Object.assign(Object.create(null) as object, { a: 1, list: [1] }),
  () => new Date(0),
  () => [1, , { a: 1 }], // oxlint-disable-line no-sparse-arrays
  () => Object.assign(Object.create({ a: 1 }) as object, { b: 1 }),
  () => ({ then: 'a' }),
  () => ({ toString: 1 }),
)
const factValue = mostly(
  value,
  15,
  factOnly.map((make) => make()),
)

const factName = mostly(
  fc.constantFrom('a', 'b', 'user', 'list'),
  12,
  fc.constantFrom('constructor', 'toString', '__proto__', 'length', 'absent'),
)

const facts: fc.Arbitrary<unknown> = mostly(
  fc
    .tuple(
      fc.array(fc.tuple(factName, factValue), { minLength: 2, maxLength: 7 }),
      // Most runs have the usual facts, so that most rules are evaluated to their end.
      fc.record({
        a: factMember,
        b: factMember,
        user: factMember,
        list: fc.array(factMember, { maxLength: 3 }),
      }),
    )
    .map(([some, usual]): unknown => Object.fromEntries([...Object.entries(usual), ...some])),
  14,
  object(fc.array(fc.tuple(factName, factValue), { maxLength: 4 })),
  object(fc.array(fc.tuple(factName, factValue), { maxLength: 4 })).map(
    (inherited) => Object.assign(Object.create(inherited) as object, { a: 1 }) as unknown,
  ),
  fc.constantFrom<unknown>({}, null, undefined, 'ab', 5, { '': 1 }, Object.create(null)),
)

const plainOperator = fc.constantFrom(...Object.keys(operators))
const decorated = fc
  .tuple(
    fc.array(fc.constantFrom(...Object.keys(decorators)), { minLength: 1, maxLength: 3 }),
    plainOperator,
  )
  .map(([before, name]) => [...before, name].join(':'))
const operator: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 60, arbitrary: plainOperator },
  { weight: 25, arbitrary: decorated },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      'constructor',
      'equal:',
      'not:',
      'Equal',
      null,
      5,
      ['equal'],
      ['not', ':'],
      {},
      undefined,
    ),
  },
)

const pathStep = fc.constantFrom(
  '.a',
  '.b',
  '.list',
  '.*',
  '[*]',
  "['*']",
  '[0]',
  '[1]',
  "['a']",
  '["b"]',
  "['a.b']",
  '.length',
  '[-1]',
  '.constructor',
  '.__proto__',
  '.0',
)
const oddPathStep = fc.constantFrom(
  '..a',
  '.',
  '[0:1]',
  '[-1:]',
  '[0,1]',
  '.a,b',
  '[?(@.a)]',
  '[(@.length-1)]',
  '^',
  '~',
  '.$',
  "['$']",
  "['']",
  '[]',
  '[a]',
  '[a.b]',
  '.a b',
  ' ',
  '.`a',
  '.@string()',
  '@number()',
  ".a'b",
  '["a\']',
  '.a:b',
  '.1:2',
  '.%a',
  "['%.%']",
  "['~']",
  "['a;b']",
  '.#1',
  '.a-b',
  '.é',
  '.a]',
  '.(a)',
  '\n',
  '.?',
)
const pathStart = mostly(
  fc.constant('$'),
  4,
  fc.constantFrom('a', 'b', 'list', '*', '', ' $', '$a', '0', 'user', '.a', 'constructor', '@'),
)
const assembled = (step: fc.Arbitrary<string>) =>
  fc
    .tuple(pathStart, fc.array(step, { maxLength: 4 }))
    .map(([start, steps]) => start + steps.join(''))

/** Paths of the forms that are read. */
export const usualPath = fc
  .tuple(
    fc.constantFrom('$', '$', '$', 'a', 'list', '*'),
    fc.array(fc.oneof(fc.constantFrom('.a', '.b', '.*', '[*]'), pathStep), { maxLength: 4 }),
  )
  .map(([start, steps]) => start + steps.join(''))
/** Paths of any form. */
export const anyPath = fc.oneof(
  assembled(pathStep),
  assembled(mostly(pathStep, 1, oddPathStep)),
  fc.stringMatching(/^[$.a*[\]'"0,:^~@?()`;#% \\]{0,8}$/),
)
/** What paths are followed in, often deep enough, and with members named `*`. */
export const pathTarget = fc.oneof(
  factMember,
  fc.object({ key: fc.constantFrom('a', 'b', '*'), values: [small], maxDepth: 4, maxKeys: 6 }),
)

const path: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 60, arbitrary: usualPath },
  { weight: 1, arbitrary: anyPath },
  { weight: 3, arbitrary: fc.constantFrom<unknown>('', null, false, undefined) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(5, ['$', 'a'], 'toString', true) },
)

const factReference = fc
  .tuple(factName, fc.option(path, { nil: 'none', freq: 1 }))
  .map(([fact, path]) => (path === 'none' ? { fact } : { fact, path }))
const constant: fc.Arbitrary<unknown> = mostly(value, 15, fc.constant({ fact: 5 }))

const leafPriority: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom<unknown>(1, 2, 10) },
  { weight: 8, arbitrary: fc.constantFrom<unknown>(0, -1, -5, 3.5, '2', null, undefined, '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      'abc',
      '1.0',
      Number.NaN,
      Infinity,
      true,
      {},
      [2],
      'constructor',
      '__proto__',
      ' 1',
      1e21,
    ),
  },
)

/** Members that mean nothing there, mostly. */
const extra = fc.oneof(
  fc.constant<readonly [string, unknown]>(['name', 'named']),
  fc.constantFrom<readonly [string, unknown]>(
    ['name', 0],
    ['name', { a: [1], toString: 1 }],
    ['name', ''],
    ['name', undefined],
    ['params', { a: 1 }],
    ['params', null],
    ['description', 'x'],
    ['id', 5],
    ['factResult', 'forged'],
    ['valueResult', 'forged'],
    ['result', true],
    ['result', false],
    ['evaluate', 1],
    ['toJSON', 'x'],
    ['toString', 'x'],
    ['constructor', null],
    ['isConditionReference', true],
  ),
)
const rarely = <T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<readonly T[]> =>
  mostly<readonly T[]>(
    fc.constant([]),
    freq,
    arbitrary.map((each) => [each]),
  )
const ordered = mostly(
  fc.constant<readonly (readonly [string, unknown])[]>([]),
  2,
  leafPriority.map((priority) => [['priority', priority] as const]),
)

/** An operator with a constant that it takes, mostly: json-rules-engine fails on `in` with a number. */
const operatorAndValue = fc
  .tuple(
    operator,
    constant,
    fc.array(value, { maxLength: 3 }),
    mostly(fc.constant(true), 12, fc.constant(false)),
  )
  .map(([operator, constant, list, fits]) => {
    const wantsList = /(?:^|:)(?:in|notIn)$|someValue|everyValue/.test(operator as string)
    return {
      operator,
      value: fits && wantsList && !Array.isArray(constant) ? [constant, ...list] : constant,
    }
  })
const comparison = fc.oneof(
  { weight: 4, arbitrary: operatorAndValue },
  { weight: 1, arbitrary: fc.record({ operator, value: factReference }) },
)

const leaf = fc
  .tuple(
    fc.tuple(factName, comparison),
    rarely(path, 2),
    ordered,
    rarely(extra, 3),
    rarely(fc.constantFrom('fact', 'operator', 'value'), 300),
    rarely(fc.constantFrom<unknown>(5, null, undefined, ['a'], {}), 60),
  )
  .map(([[fact, comparison], path, priority, more, left, oddFact]) => {
    const condition: Record<string, unknown> = {
      ...(oddFact.length > 0 ? { fact: oddFact[0] } : { fact }),
      ...comparison,
      ...(path.length > 0 ? { path: path[0] } : {}),
      ...Object.fromEntries([...priority, ...more]),
    }
    for (const member of left) delete condition[member]
    return condition
  })

const sharedNames = ['x', 'y', 'z', 'constructor'] as const
const strangers = fc.constantFrom<unknown>('nope', 'toString', '', 5, undefined, ['x'], {})

/** Conditions that refer to these shared ones; `root` is no comparison. */
function conditionOver(names: readonly string[]) {
  const name =
    names.length > 0 ? mostly<unknown>(fc.constantFrom(...names), 8, strangers) : strangers
  const reference = fc
    .tuple(name, ordered, rarely(extra, 4), rarely(factName, 20))
    .map(([condition, priority, more, fact]) => ({
      condition,
      ...Object.fromEntries([...priority, ...more]),
      ...(fact.length > 0 ? { fact: fact[0] } : {}),
    }))
  const { node, branch } = fc.letrec<{ node: unknown; branch: unknown }>((tie) => {
    const list = fc.array(
      mostly(tie('node'), 400, fc.constantFrom<unknown>(null, 5, 'x', [], {})),
      {
        minLength: 0,
        maxLength: 4,
      },
    )
    const kind = fc.oneof(
      { weight: 4, arbitrary: list.map((all): object => ({ all })) },
      { weight: 4, arbitrary: list.map((any): object => ({ any })) },
      { weight: 2, arbitrary: tie('node').map((not): object => ({ not })) },
    )
    // The wrong form of a list, or several kinds in one object.
    const wrong = fc.constantFrom<object>({ all: {} }, { any: 'x' }, { not: [] }, { not: null })
    const several = fc
      .tuple(kind, kind, fc.oneof(kind, reference))
      .map(([one, other, third]): object => ({ ...one, ...other, ...third }))
    return {
      branch: fc
        .tuple(
          fc.oneof(
            { weight: 200, arbitrary: kind },
            { weight: 12, arbitrary: several },
            { weight: 1, arbitrary: wrong },
          ),
          ordered,
          rarely(extra, 4),
        )
        .map(([branch, priority, more]) => ({
          ...branch,
          ...Object.fromEntries([...priority, ...more]),
        })),
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 6, arbitrary: leaf },
        { weight: 2, arbitrary: reference },
        { weight: 3, arbitrary: tie('branch') },
      ),
    }
  })
  const root = fc.oneof({ weight: 20, arbitrary: branch }, { weight: 4, arbitrary: reference })
  return { root, node }
}

/** Shared conditions that mostly refer only to those before them. */
const conditions: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    ...sharedNames.map((_, index) =>
      mostly<unknown>(
        conditionOver(sharedNames.slice(0, index)).root,
        80,
        conditionOver(sharedNames).root, // may lead back to itself
        fc.constantFrom<unknown>(null, {}, 'x', { fact: 'a' }),
      ),
    ),
  )
  .map((roots) => Object.fromEntries(sharedNames.map((name, index) => [name, roots[index]])))

const eventParams = fc.oneof(
  object(
    fc.array(fc.tuple(memberName, mostly<unknown>(value, 1, factReference)), { maxLength: 3 }),
  ),
  fc.array(mostly<unknown>(value, 2, factReference), { maxLength: 3 }),
  fc.constantFrom<unknown>('text', 0, null, { fact: 'a' }, 7),
)
const event: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('t0', 't1').map((type) => ({ type })) },
  {
    weight: 20,
    arbitrary: fc.tuple(fc.constantFrom('t0', 't1'), eventParams).map(([type, params]) => ({
      type,
      params,
      extra: 1,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      null,
      '',
      { type: undefined },
      { type: 5 },
      { type: 'success', params: { a: 1 } },
      { type: 'failure' },
      { type: 'newListener' },
      { type: '' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      {},
      'x',
      [],
      { type: 'error' },
      { type: 'constructor' },
      { type: { a: 1 } },
    ),
  },
)
const rulePriority: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom<unknown>(1, 2, 10) },
  { weight: 8, arbitrary: fc.constantFrom<unknown>(0, null, 1.9, '3', '1e3', undefined, 5e-7) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(-1, 0.5, 'abc', Infinity, [5], {}) },
)

const rule: fc.Arbitrary<unknown> = mostly(
  fc
    .tuple(conditionOver(sharedNames).root, event, rarely(rulePriority, 1), rarely(extra, 3))
    .map(([conditions, event, priority, more]): unknown => ({
      conditions,
      event,
      ...(priority.length > 0 ? { priority: priority[0] } : {}),
      ...Object.fromEntries(more.filter(([member]) => member === 'name')),
    })),
  120,
  fc.constantFrom<unknown>(
    null,
    'x',
    {},
    { conditions: { all: [] } },
    { conditions: null, event: { type: 't' } },
    { conditions: 'x', event: { type: 't' } },
    { conditions: { all: [] }, event: { type: 't' }, onSuccess: 'x' },
    { event: { type: 't' } },
  ),
)

const options: fc.Arbitrary<CompileRulesOptions> = fc
  .record({
    allowUndefinedFacts: mostly(fc.constant(true), 4, fc.constant(false)),
    allowUndefinedConditions: mostly(fc.constant(true), 4, fc.constant(false)),
    replaceFactsInEventParams: fc.boolean(),
    facts: object(fc.array(fc.tuple(factName, factValue), { maxLength: 2 })),
    factPriorities: fc.array(
      fc.constantFrom<unknown>(1, 2, 10, 0, -3, '4', 'abc', 2.7, null, Number.NaN),
      { maxLength: 2 },
    ),
    conditions,
  })
  .map(({ factPriorities, facts, ...rest }) => ({
    ...rest,
    facts: facts as Record<string, unknown>,
    factPriorities: Object.fromEntries(
      Object.keys(facts).flatMap((fact, index) =>
        index < factPriorities.length ? [[fact, factPriorities[index] as number]] : [],
      ),
    ),
  }))

/** Now and then one object stands in two places. */
const rules = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 4 }), rarely(fc.nat(), 10))
  .map(([rules, again]) => [...rules, ...again.map((place) => rules[place % rules.length])])

export const jsonRules: fc.Arbitrary<JsonRulesAndFacts> = fc.record({
  rules,
  options,
  runs: fc.array(facts, { minLength: 6, maxLength: 6 }),
})

import { describe, expect, test } from 'vitest'
import { compile, plan, strategies, type Condition, type Deciding, type SignIn } from '../index.ts'

/** As many rules as are looked up in an index. */
const many = 130
const setOf = (conditionOf: (index: number) => Condition, count = many): Deciding => ({
  conditions: {},
  rules: Array.from({ length: count }, (_, index) => ({
    name: `rule-${String(index).padStart(3, '0')}`,
    title: 'A rule',
    control: 'someControl',
    source: 'some-document#here',
    conditions: { all: [conditionOf(index)] },
    event: { type: 'block', params: { code: 'blocked' } },
  })),
})

const is = (fact: string, operator: string, value: unknown): Condition =>
  ({ fact, operator, value }) as Condition
const times = <T>(count: number, valueOf: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => valueOf(index))

const texts = times(9, (index) => `C${index}`)
const numbers = times(60, (index) => index / 4 - 1)
const letters = times(40, (index) => `L${index}`)
const five = (from: number) => times(5, (index) => letters[(from + index ** 2) % 40]!)
const alike = times(40, (index) => `${'x'.repeat(index)}y${'x'.repeat(39 - index)}`)
const noNumbers = [null, undefined, true, false, Number.NaN]
const roles = times(6, (index) => `R${index}`)
const arrays = [
  [],
  ['X'],
  ...roles.flatMap((a) => [
    [a],
    ['X', a],
    ['X', a, a],
    ...roles.flatMap((b) => [[a, b], ...roles.map((c) => [a, b, 'X', c])]),
  ]),
  roles,
  roles.toReversed(),
]
const on = (fact: string, values: readonly unknown[]) => values.map((value) => ({ [fact]: value }))

/** Rules, sign-ins that fall into classes of values, and such as no column can judge. */
const cases: Readonly<
  Record<string, readonly [(index: number) => Condition, SignIns: readonly object[], object[]?]>
> = {
  'one value each': [
    (index) => is('it', 'equal', `C${index % 20}`),
    on('it', [...texts, ...noNumbers, 3, ['C3'], '']),
  ],
  'one of two values, twice': [
    (index) => ({
      all: [
        is('it', 'in', [`C${index % 9}`, 'X']),
        is('it', 'in', ['X', `C${(index + (index % 2)) % 9}`]),
      ],
    }),
    on('it', [...texts, 'X', '']),
  ],
  'more lists than a number has bits': [
    (index) => ({ all: [is('it', 'in', five(index)), is('it', 'notIn', five(index + 3))] }),
    on('it', [...letters, 'X', null]),
  ],
  'more lists of members than a number has bits': [
    (index) => ({
      all: [is('it', 'someFact:in', five(index)), is('it', 'not:someFact:in', five(index + 3))],
    }),
    on('it', [[], ...letters.map((each, at) => [each, 'X', letters[(at + 7) % 40]])]),
    on('it', ['L1', null]),
  ],
  'texts that no three characters tell apart': [
    (index) => is('it', 'in', index % 2 === 0 ? alike : alike.slice(index % 9)),
    on('it', [...alike, 'x'.repeat(40), '', null]),
  ],
  'a list with NaN in it': [
    (index) => is('it', index % 2 === 0 ? 'in' : 'notIn', [`C${index % 9}`, Number.NaN]),
    on('it', [...texts, Number.NaN]),
  ],
  'numbers, and bounds between them': [
    (index) =>
      index % 3 === 0
        ? is('it', 'equal', (index % 20) / 2)
        : is('it', index % 3 === 1 ? 'lessThan' : 'greaterThanInclusive', index % 10),
    on('it', [...numbers, ...noNumbers]),
    on('it', ['7', 'C3', [3], {}]),
  ],
  'bounds, and values that are no numbers': [
    (index) =>
      index % 2 === 0
        ? is('it', 'lessThan', index % 9)
        : is('it', 'equal', [`C${index % 9}`, null, true][index % 3]),
    on('it', [...numbers, ...noNumbers, 'C3']),
    on('it', ['C1', '3']),
  ],
  'a member': [
    (index) => is('it', 'contains', `R${index % 8}`),
    on('it', arrays),
    on('it', ['R1', null]),
  ],
  'a member of fifty': [
    (index) => is('it', 'contains', `R${index % 50}`),
    on('it', [
      ['R1', 'R23', 'R45'],
      ['R1', 'R2', 'R3', 'R45'],
    ]),
  ],
  'two members': [
    (index) => ({
      all: [is('it', 'contains', `R${index % 6}`), is('it', 'contains', `R${index % 5}`)],
    }),
    on('it', arrays),
  ],
  'facts of few values, looked up together': [
    (index) => ({
      all: [
        index % 3 === 0
          ? is('a', 'equal', [null, 'C1'][index % 2])
          : is('a', 'lessThan', index % 4),
        is('b', 'equal', `C${index % 5}`),
        is('c', 'equal', index % 2 === 0),
      ],
    }),
    [null, undefined, 'C1', ...numbers.slice(0, 20)].flatMap((a) =>
      [...texts.slice(0, 6), ''].flatMap((b) => [true, false, null].map((c) => ({ a, b, c }))),
    ),
  ],
}

describe.each(Object.entries(cases))('rules on %s', (_, [conditionOf, judged, others = []]) => {
  const set = setOf(conditionOf)

  test('are decided as if looked at one by one, whatever was looked up before', () => {
    const [code, index] = [compile(set, 'code'), compile(set)]
    const named = (decide: typeof code, facts: object) =>
      decide(facts as SignIn).reasons.map(({ rule }) => rule)
    for (const facts of [...judged, ...others, ...judged.toReversed()])
      expect(named(index, facts), JSON.stringify(facts)).toEqual(named(code, facts))
  })

  test('read each fact once, when its value was met before', () => {
    const index = compile(set)
    for (const facts of judged) index(facts as SignIn)
    for (const facts of judged) {
      let read = 0
      const get = (target: object, fact: string | symbol) => {
        read++
        return Reflect.get(target, fact) as unknown
      }
      index(new Proxy(facts, { get }) as SignIn)
      expect(read, JSON.stringify(facts)).toBe(Object.keys(facts).length)
    }
  })
})

test('terms on several facts are looked up if many rules need them, and else looked at on demand', () => {
  const either = (...facts: string[]): Condition => ({
    any: facts.map((fact) => is(fact, 'equal', 1)),
  })
  const set = setOf((index) => ({
    all: [
      is('app', 'equal', index),
      index < 20
        ? either('a', 'b')
        : index < 23
          ? either(...times(13, (each) => `f${each}`))
          : is('c', 'equal', index % 2),
    ],
  }))
  expect(plan(set)).toMatchObject({
    clauses: many,
    onDemand: 1,
    lookups: [{ facts: ['a and b', 'c', 'app'], classes: 2 * 3 * 131 }],
  })
})

describe.each(strategies)('compiled to %s', (strategy) => {
  test('no rule at all allows', () => {
    expect(
      compile(
        setOf(() => ({ any: [] }), 0),
        strategy,
      )({} as SignIn).outcome,
    ).toBe('allow')
  })

  test('an unknown operator is an error at once', () => {
    expect(() =>
      compile(
        setOf(() => is('it', 'like', 1)),
        strategy,
      ),
    ).toThrow(new TypeError('unknown operator: like'))
  })

  test('an unknown condition is an error at once', () => {
    expect(() =>
      compile(
        setOf(() => ({ condition: 'typo' })),
        strategy,
      ),
    ).toThrow(new TypeError('undefined condition: typo'))
  })
})

const list = ['z']
const other = ['z']
const alone = times(20, (index) => is(`f${String(index).padStart(2, '0')}`, 'equal', 1))

test.each<[string, Condition, Condition, object]>([
  [
    'other facts to compare with',
    is('it', 'lessThan', { fact: 'a' }),
    is('it', 'lessThan', { fact: 'b' }),
    { it: 1, a: 2, b: 0 },
  ],
  ['a text and a number', is('it', 'equal', '1'), is('it', 'equal', 1), { it: '1' }],
  ['null and a text', is('it', 'equal', null), is('it', 'equal', 'null'), { it: null }],
  ['true and a text', is('it', 'equal', true), is('it', 'equal', 'true'), { it: true }],
  ['null and NaN', is('it', 'equal', null), is('it', 'equal', Number.NaN), { it: null }],
  ['minus zero and a text', is('it', 'equal', -0), is('it', 'equal', '-0'), { it: 0 }],
  ['texts with a comma', is('it', 'in', ['a', 'b']), is('it', 'in', ['a,b']), { it: 'a' }],
  ['numbers of the same digits', is('it', 'in', [1, 12]), is('it', 'in', [11, 2]), { it: 1 }],
  [
    'members of two facts',
    is('a', 'someFact:in', ['x']),
    is('b', 'someFact:in', ['x']),
    { a: ['x'], b: [] },
  ],
  ['values of two facts', is('a', 'in', five(0)), is('b', 'in', five(0)), { a: 'L0', b: 'X' }],
  [
    'members that are numbers and texts',
    is('it', 'someFact:in', [1, 2]),
    is('it', 'someFact:in', ['1', '2']),
    { it: [1] },
  ],
  [
    'a list and its beginning',
    is('it', 'not:someFact:in', ['x']),
    is('it', 'not:someFact:in', ['x', 'y']),
    { it: ['y'] },
  ],
  [
    'lists that begin alike',
    is('it', 'not:someFact:in', ['x', 'y']),
    is('it', 'not:someFact:in', ['x', 'z']),
    { it: ['z'] },
  ],
  ['lists of a text and of a number', is('it', 'in', ['1']), is('it', 'in', [1]), { it: '1' }],
  ['equal lists', is('it', 'equal', list), is('it', 'equal', other), { it: list }],
  ['lists of equal lists', is('it', 'in', ['a', list]), is('it', 'in', ['a', other]), { it: list }],
  [
    'all of others',
    { all: [alone[1]!, alone[12]!] },
    { all: [alone[11]!, alone[2]!] },
    { f01: 1, f12: 1 },
  ],
  [
    'one of others',
    { not: { any: [alone[11]!, alone[2]!] } },
    { not: { any: [alone[1]!, alone[12]!] } },
    { f01: 1 },
  ],
])('%s are not taken for the same', (_, one, another, facts) => {
  const set = setOf((index) => ({ not: { not: [...alone, one, another][index]! } }), 22)
  const holding = compile(set)(facts as SignIn).reasons.map(({ rule }) => rule)
  expect(holding.filter((name) => name >= 'rule-020')).toEqual(['rule-020'])
})

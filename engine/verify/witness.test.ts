import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { comparisonOver, conditionOver, rooted } from '../../property-tests/arbitraries.ts'
import { compile } from '../compile/compile.ts'
import { comparisonsOf, type Condition } from '../condition.ts'
import { isReference } from '../constant.ts'
import { facts, type FactTable, type SignIn } from '../facts.ts'
import type { FactValue, Kind } from '../kinds.ts'
import { modelOf, orUnsupported } from './model.ts'
import { ordinarySignIn as ordinarySignInOf } from './ordinary.ts'
import { subsets } from './subsets.ts'
import { Unsupported } from './test.ts'
import { witnesses } from './witness.ts'

const letters = (pattern: RegExp) => ({
  expected: 'a letter',
  pattern,
  fold: 'upper' as const,
  examples: ['A'],
})

/** A fact of each kind, few enough values of each that all sign-ins can be gone through. */
const kinds: Readonly<Record<string, Kind>> = {
  flag: { kind: 'flag' },
  level: { kind: 'oneOf', values: ['low', 'middle', 'high'] },
  methods: { kind: 'someOf', values: ['phone', 'key'] },
  count: { kind: 'integer', min: -1, max: 3 },
  since: { kind: 'timestampOrNever' },
  id: { kind: 'id', form: letters(/^[A-D]$/) },
  ids: { kind: 'ids', form: letters(/^[A-C]$/) },
  other: { kind: 'id', form: letters(/^[A-D]$/) },
}
const table: FactTable = Object.fromEntries(
  Object.entries(kinds).map(([fact, kind]) => [
    fact,
    { kind, description: '', source: '', origin: { by: 'caller', absence: 'refused' } },
  ]),
)
/** Of times those that are compared with, with their neighbours. */
const values: Readonly<Record<string, readonly FactValue[]>> = {
  flag: [false, true],
  level: ['low', 'middle', 'high'],
  methods: subsets(['phone', 'key']),
  count: [-1, 0, 1, 2, 3],
  since: [null, -1, 0, 1, 9, 10, 11, 12],
  id: ['A', 'B', 'C', 'D'],
  ids: subsets(['A', 'B', 'C']),
  other: ['A', 'B', 'C', 'D'],
}
const constants: Readonly<Record<string, readonly (string | number | boolean | null)[]>> = {
  flag: [false, true],
  level: ['low', 'middle', 'high'],
  methods: ['phone', 'key'],
  count: [-1, 0, 1, 2, 3],
  since: [null, 0, 10, 11],
  id: ['A', 'B', 'C', 'D'],
  ids: ['A', 'B', 'C'],
  other: ['A', 'B', 'C', 'D'],
}

const question = rooted(
  conditionOver(
    [],
    comparisonOver(table, (fact) => fc.constantFrom(...constants[fact]!)),
  ),
)
type Values = Readonly<Record<string, FactValue>>
const text = (value: FactValue) =>
  JSON.stringify(Array.isArray(value) ? value.toSorted((a, b) => (a < b ? -1 : 1)) : value)
const ordinarySignIn = fc.record(
  Object.fromEntries(Object.entries(values).map(([fact, all]) => [fact, fc.constantFrom(...all)])),
) as fc.Arbitrary<Values>

/** Every sign-in that differs in facts of these alone. */
const variants = (signIn: Values, facts: readonly string[]): readonly Values[] =>
  facts.reduce<readonly Values[]>(
    (all, fact) => all.flatMap((each) => values[fact]!.map((to) => ({ ...each, [fact]: to }))),
    [signIn],
  )

let asked = 0
let found = 0

function check(condition: Condition, ordinary: Values): void {
  const rule = { conditions: condition, event: { type: 'block', params: { code: 'shown' } } }
  const rules = { rules: [rule], conditions: {} } as never
  const named = [...comparisonsOf(condition)].flatMap(({ fact, value }) =>
    isReference(value) ? [fact, value.fact] : [fact],
  )
  const read = Object.keys(table).filter((fact) => named.includes(fact))
  const decide = compile(rules)
  const shows = (signIn: Values) => decide(signIn as SignIn).outcome === 'block'
  const away = (signIn: Values) =>
    read.filter((fact) => text(signIn[fact]!) !== text(ordinary[fact]!))
  const model = orUnsupported(() =>
    modelOf(table, ordinary as SignIn, [], [{ rules: [], conditions: {}, asked: [condition] }]),
  )
  const shown =
    model instanceof Unsupported ? model : orUnsupported(() => model.parts[0]!.holds(condition))
  if (model instanceof Unsupported || shown instanceof Unsupported) return
  asked++
  const all = variants(ordinary, read).filter(shows)
  const witness = witnesses(model, ordinary as SignIn, Infinity)([shown])
  expect(witness === undefined).toBe(all.length === 0)
  if (witness === undefined) expect(model.certify([shown])).toBeUndefined()
  if (witness === undefined || witness === 'unknown') return
  found++
  expect(shows(witness.signIn as Values)).toBe(true)
  expect(witness.deviations).toEqual(away(witness.signIn as Values))
  expect(witness.deviations.length).toBe(Math.min(...all.map((each) => away(each).length)))
  const forces = (facts: readonly string[]) =>
    variants(
      witness.signIn as Values,
      read.filter((fact) => !facts.includes(fact)),
    ).every(shows)
  expect(forces(witness.forcing)).toBe(true)
  for (const fact of witness.forcing)
    expect(forces(witness.forcing.filter((each) => each !== fact))).toBe(false)
}

describe('a witness', () => {
  test('is there where there is one, as near and with as few facts that force it as any, of all sign-ins', () => {
    fc.assert(fc.property(question, ordinarySignIn, check), { numRuns: 600 })
    expect(asked).toBeGreaterThan(400)
    expect(found).toBeGreaterThan(300)
  })

  // What the prover had wrong, or would have, with a little less care.
  test.each<[name: string, condition: Condition]>([
    [
      'values of which an array may have all are told apart',
      { not: { fact: 'ids', operator: 'someValue:doesNotContain', value: ['C', 'A'] } },
    ],
    [
      'an id that only one of two compared facts can have is there',
      {
        all: [
          { fact: 'id', operator: 'notIn', value: ['A', 'B', 'C'] },
          { fact: 'ids', operator: 'doesNotContain', value: { fact: 'id' } },
        ],
      },
    ],
    [
      'two that nobody mentions may differ',
      {
        all: [
          { fact: 'id', operator: 'notEqual', value: { fact: 'other' } },
          { fact: 'id', operator: 'notIn', value: ['A', 'B'] },
          { fact: 'other', operator: 'notIn', value: ['A', 'B'] },
        ],
      },
    ],
    [
      'one fact is nearer than two, whichever comes first',
      {
        any: [
          { fact: 'flag', operator: 'equal', value: true },
          {
            all: [
              { fact: 'level', operator: 'equal', value: 'high' },
              { fact: 'count', operator: 'equal', value: 3 },
            ],
          },
        ],
      },
    ],
    [
      'what is mentioned of the one may be so of the other',
      {
        all: [
          { fact: 'id', operator: 'equal', value: { fact: 'other' } },
          { fact: 'other', operator: 'equal', value: 'D' },
        ],
      },
    ],
  ])('%s', (_, condition) => {
    const before = found
    for (const signIn of fc.sample(ordinarySignIn, 10)) check(condition, signIn)
    expect(found).toBe(before + 10)
  })

  test('is of no class but that of its member', () => {
    const names = facts['client.clientAppUsed'].kind.values
    const used = (value: string): Condition => ({
      all: [{ fact: 'client.clientAppUsed', operator: 'equal', value }],
    })
    const isBrowser: Condition = {
      all: [{ fact: 'client.app', operator: 'equal', value: 'browser' }],
    }
    const asked = [...names.map(used), isBrowser]
    const model = modelOf(
      facts,
      ordinarySignInOf(facts, {}, []),
      [],
      [{ rules: [], conditions: {}, asked }],
    )
    const [browser, ...members] = asked.toReversed().map(model.parts[0]!.holds)
    const admitted = members.toReversed().map((member) => model.formula.solve([browser!, member]))
    expect(admitted).toEqual(
      names.map((name) =>
        facts['client.app'].origin.classOf(name) === 'browser' ? 'satisfiable' : 'unsatisfiable',
      ),
    )
  })
})

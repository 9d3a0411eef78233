import fc from 'fast-check'
import { Engine } from 'json-rules-engine'
import { describe, expect, test } from 'vitest'
import { compile, decorators, operators, resolveOperator, type SignIn } from '../engine/index.ts'
import { anyValue } from './arbitraries.ts'

const plain = Object.keys(operators)
const decorated = Object.keys(decorators).flatMap((decorator) =>
  plain.map((name) => `${decorator}:${name}`),
)
const twice = [
  'not:someFact:in',
  'someFact:not:in',
  'swap:someFact:equal',
  'someFact:someValue:equal',
  'not:not:lessThan',
]

/** What json-rules-engine says of one comparison, or that it fails. */
async function oracle(operator: string, fact: unknown, value: unknown): Promise<boolean | 'fails'> {
  const engine = new Engine([
    { conditions: { all: [{ fact: 'it', operator, value }] }, event: { type: 'holds' } },
  ])
  try {
    const { results } = await engine.run({ it: fact })
    return results.length === 1
  } catch {
    return 'fails'
  }
}

/** By the operator table, and by the code that is made of a rule. */
function ours(operator: string, fact: unknown, value: unknown): readonly (boolean | 'fails')[] {
  const conditions = { all: [{ fact: 'it', operator, value: value as string }] }
  const event = { type: 'block', params: { code: 'holds' } } as const
  const rule = { name: 'rule', title: '', control: '', source: '', conditions, event }
  const decide = compile({ rules: [rule], conditions: {} })
  return [
    orFails(() => resolveOperator(operator)!.holds(fact, value)),
    orFails(() => decide({ it: fact } as unknown as SignIn).outcome === 'block'),
  ]
}

function orFails(decide: () => boolean): boolean | 'fails' {
  try {
    return decide()
  } catch {
    return 'fails'
  }
}

describe('every operator means what it means in json-rules-engine, whatever it is given', () => {
  // A value that is an object with the member "fact" refers to a fact there, and is no constant.
  const isConstant = (value: unknown) =>
    typeof value !== 'object' || value === null || !('fact' in value)
  const list = fc.array(anyValue, { minLength: 1, maxLength: 3 })
  const pair = fc
    .oneof(
      fc.tuple(anyValue, anyValue),
      anyValue.map((value) => [value, value] as const),
      anyValue.map((value) => [value, String(value)] as const),
      anyValue.map((value) => [value, Number(value)] as const),
      list.map((members) => [members, members[0]] as const),
      list.map((members) => [members.at(-1), members] as const),
      list.map((members) => [members, [members[0]]] as const),
    )
    .filter(([, value]) => isConstant(value))
  test.each([...plain, ...decorated, ...twice])('%s', (operator) =>
    fc.assert(
      fc.asyncProperty(pair, async ([fact, value]) => {
        // A rule's constant is never the very object that a sign-in brings.
        const written = structuredClone(value)
        const expected = await oracle(operator, fact, written)
        expect(ours(operator, fact, written)).toEqual([expected, expected])
      }),
      { numRuns: 150 },
    ),
  )
})

test.each([
  '',
  ':',
  'equal:',
  ':equal',
  'Equal',
  'not:',
  'not:equal:',
  'constructor',
  '__proto__',
  'toString:equal',
  'nots',
  'not:constructor',
])('%j is no operator here, nor there', async (name) => {
  expect(resolveOperator(name)).toBeUndefined()
  expect(await oracle(name, 1, 1)).toBe('fails')
})

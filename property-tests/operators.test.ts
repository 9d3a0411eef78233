import fc from 'fast-check'
import { Engine } from 'json-rules-engine'
import { describe, expect, test } from 'vitest'
import { decorators, operators, resolveOperator } from '../engine/index.ts'
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

function ours(operator: string, fact: unknown, value: unknown): boolean | 'fails' {
  try {
    return resolveOperator(operator)!.holds(fact, value)
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
        expect(ours(operator, fact, written)).toBe(await oracle(operator, fact, written))
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
  'not:constructor',
])('%j is no operator here, nor there', async (name) => {
  expect(resolveOperator(name)).toBeUndefined()
  expect(await oracle(name, 1, 1)).toBe('fails')
})

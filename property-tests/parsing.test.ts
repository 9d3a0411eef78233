import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { facts, parsePack, printSignIn, signInParser } from '../engine/index.ts'
import { junk, nest, signInJson, wholeSignInJson } from './arbitraries.ts'
import { packOf, shippedPacks } from './packs.ts'

const parse = signInParser()

describe('parsing a sign-in', () => {
  test('what callers send in full comes back as it was', () => {
    fc.assert(
      fc.property(wholeSignInJson, (json) => {
        const parsed = parse(json)
        expect(parsed.faults).toBeUndefined()
        if (parsed.faults) return
        const printed = printSignIn(parsed.signIn)
        const again = parse(printed)
        expect(again.faults).toBeUndefined()
        if (!again.faults) expect(again.signIn).toEqual(parsed.signIn)
      }),
    )
  })

  test('a parsed sign-in holds every fact, and what was assumed is listed', () => {
    fc.assert(
      fc.property(signInJson, (json) => {
        const parsed = parse(json)
        if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
        expect(Object.keys(parsed.signIn)).toEqual(Object.keys(facts))
        expect(Object.values(parsed.signIn)).not.toContain(undefined)
        const assumed = new Set(parsed.assumed.map(({ fact }) => fact))
        for (const [fact, { origin }] of Object.entries(facts)) {
          const [area = '', member = ''] = fact.split('.')
          const sent =
            fact === 'at' || Object.hasOwn((json[area] as object | undefined) ?? {}, member)
          if (origin.by === 'caller')
            expect(assumed.has(fact)).toBe(!sent && origin.absence === 'assumed')
        }
      }),
    )
  })

  test('junk is refused or understood, and never crashes the parser', () => {
    fc.assert(
      fc.property(junk, (value) => {
        const parsed = parse(value)
        if (parsed.faults) expect(parsed.faults.length).toBeGreaterThan(0)
        else expect(parse(printSignIn(parsed.signIn)).faults).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
  })

  test('every fault points at something that was sent, or at a fact that was not', () => {
    fc.assert(
      fc.property(junk, (value) => {
        for (const { pointer, expected, got } of parse(value).faults ?? []) {
          expect(expected).not.toBe('')
          expect(got).not.toBe('')
          const isFact = Object.keys(facts).some(
            (fact) => `/${fact.replaceAll('.', '/')}` === pointer,
          )
          expect(isFact || resolves(value, pointer)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('names of the prototype are members like any other: unknown', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      for (const text of [
        `{"${name}":{}}`,
        `{"user":{"${name}":1}}`,
        `{"envelope":{"${name}":"x"}}`,
      ]) {
        const faults = parse(JSON.parse(text)).faults ?? []
        expect(faults.map(({ got }) => got)).toContain(JSON.stringify(name))
      }
    expect(parse(nest([['user.type', 'constructor']])).faults).toBeDefined()
  })
})

function resolves(value: unknown, pointer: string): boolean {
  let at = value
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false
    at = (at as Record<string, unknown>)[name]
  }
  return true
}

describe('parsing a pack', () => {
  const [shipped] = shippedPacks
  const someFile = fc.constantFrom(
    'pack.json',
    'conditions.json',
    'lists.json',
    'facts.json',
    'cases.json',
    'invariants.json',
    'rules/some-rule.json',
  )
  const someText = fc.oneof(
    fc.string(),
    fc.json({ maxDepth: 4 }),
    fc.constantFrom('{"a":1,"a":2}', '['.repeat(200), '{"all":[]}', '\uFEFF{}'),
  )

  test('junk files give faults with places, and never crash it', () => {
    fc.assert(
      fc.property(fc.dictionary(someFile, someText, { noNullPrototype: true }), (files) => {
        const { faults } = parsePack({ name: 'junk', folder: 'junk', files })
        expect(faults?.length).toBeGreaterThan(0)
        for (const { at } of faults ?? [])
          expect(at).toMatchObject({
            file: expect.stringMatching(/^junk\//) as unknown,
            line: expect.any(Number) as unknown,
          })
      }),
      { numRuns: 1_000 },
    )
  })

  test('a rule with one value replaced by junk is refused, or taken for exactly what it says', () => {
    const rule = {
      name: 'some-rule',
      title: 'Some rule',
      control: 'someControl',
      source: 'some-document#here',
      conditions: {
        all: [
          { fact: 'user.type', operator: 'in', value: ['guest'] },
          { not: { any: [{ fact: 'session.mfa', operator: 'equal', value: 'none' }] } },
        ],
      },
      event: { type: 'challenge', params: { requirement: 'mfa', code: 'someCode' } },
    }
    const parsed = parsePack(packOf({ 'rules/some-rule.json': rule }))
    if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
    const places = JSON.stringify(rule).match(/(?<=[:[,])"[^"]*"(?=[,\]}])/g) ?? []
    fc.assert(
      fc.property(
        fc.constantFrom(...new Set(places)),
        fc.json({ maxDepth: 2 }),
        (place, junkText) => {
          const text = JSON.stringify(rule).replace(place, junkText)
          const pack = parsePack(packOf({ 'rules/some-rule.json': text }))
          if (pack.faults) expect(pack.faults.length).toBeGreaterThan(0)
          else expect(pack.ruleSet.rules).toEqual([JSON.parse(text)])
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('the shipped packs differ from each other in revision', () => {
    expect(new Set(shippedPacks.map(({ pack }) => pack.ruleSet.revision)).size).toBe(
      shippedPacks.length,
    )
    expect(shipped?.pack.ruleSet.revision).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
})

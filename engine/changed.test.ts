import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factValue, junk, signInJson } from '../property-tests/arbitraries.ts'
import { packOf, shippedPacks } from '../property-tests/packs.ts'
import { changedReader, put, type Change } from './changed.ts'
import { factTable } from './custom-facts.ts'
import { printValue } from './kinds.ts'
import { parsePack } from './pack.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { signInParser } from './sign-in.ts'

const ruleSets: readonly (readonly [what: string, ruleSet: RuleSet])[] = [
  ...shippedPacks.map(({ name, pack }) => [name, pack.ruleSet] as const),
  ['facts of its own', withFacts()],
]

test.each(ruleSets)(
  'by %s a sign-in with a change reads as the one that has it written in it',
  (_, ruleSet) => {
    const table = factTable(ruleSet.customFacts)
    const parse = signInParser(table, ruleSet.assumptions, factsRead(ruleSet))
    const read = changedReader(ruleSet)
    const change: fc.Arbitrary<Change> = fc
      .constantFrom(...Object.keys(table), 'custom.unknown', 'nothing')
      .chain((fact) => {
        const kind = table[fact]?.kind
        const right = kind ? factValue(kind).map((value) => printValue(kind, value)) : junk
        const value = fc.oneof(
          { weight: 6, arbitrary: right },
          { weight: 2, arbitrary: fc.constant(undefined) },
          junk,
        )
        return fc.record({ fact: fc.constant(fact), value })
      })
    const custom = Object.keys(ruleSet.customFacts).length > 0 && { custom: { site: 'x' } }
    const sent = signInJson.map((json) => ({ ...json, ...custom }))
    const signIn = fc.oneof(
      { weight: 8, arbitrary: sent },
      fc.tuple(sent, change).map(([json, { fact, value }]) => put(json, { fact, value })),
    )
    fc.assert(
      fc.property(signIn, fc.array(change, { minLength: 1 }), (json, changes) => {
        const reading = read(json)
        for (const each of [undefined, ...changes]) {
          const whole = parse(each === undefined ? json : put(json, each))
          expect(reading(each)).toEqual(whole.faults ? undefined : whole.signIn)
        }
      }),
    )
  },
)

function withFacts(): RuleSet {
  const rule = {
    title: 'Asks for MFA off the network',
    control: 'someControl',
    source: 'some-document#own',
    name: 'own-facts',
    conditions: { all: [{ fact: 'custom.site', operator: 'equal', value: 'x' }] },
    event: { type: 'challenge', params: { requirement: 'mfa', code: 'off' } },
  }
  const pack = parsePack(
    packOf({
      'facts.json': {
        'custom.onVpn': { kind: 'flag', description: 'On the VPN', absence: false },
        'custom.site': { kind: 'oneOf', description: 'Where', values: ['x', 'y'] },
      },
      'rules/own-facts.json': rule,
    }),
  )
  if (pack.faults) throw new Error(JSON.stringify(pack.faults))
  return pack.ruleSet
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atLeastAsStrict,
  factTable,
  loosening,
  looseningTried,
  printSignIn,
  type Assumption,
  type Case,
  type Deciding,
  type RuleSet,
  type SignIn,
} from '../engine/index.ts'
import { deciding, signIn } from './arbitraries.ts'
import { shippedPacks } from './packs.ts'

/** What a rule set may take for facts that are left out; times that are after any sign-in, and long before, among them. */
const values: Readonly<Record<string, readonly (string | number | boolean | null)[]>> = {
  'user.risk': ['none', 'hidden', 'high'],
  'session.mfa': ['none', 'earlier', 'thisSignIn'],
  'device.compliant': [true, false],
  'tenant.gracePeriodDays': [0, 14],
  'session.issuedAt': [null, 0, Date.UTC(2200, 0)],
  'session.validFrom': [null, 0, Date.UTC(2200, 0)],
}
const assumptions = fc
  .subarray(Object.keys(values))
  .chain((facts) =>
    fc.tuple(
      ...facts.map((fact) =>
        fc
          .constantFrom(...values[fact]!)
          .map((value): Assumption => ({ fact, value, reason: 'r' })),
      ),
    ),
  )

const ruleSetOf = (rules: Deciding, assumed: readonly Assumption[]) =>
  ({ ...rules, customFacts: {}, assumptions: assumed, reportRules: [] }) as unknown as RuleSet

const casesOf = (signIns: readonly SignIn[]) =>
  signIns.map((each, index) => ({
    name: `case ${index}`,
    signIn: printSignIn(each, factTable({})),
  })) as unknown as readonly Case[]

const seen = { never: 0, sometimes: 0, unsupported: 0, unknown: 0 }

function check(base: RuleSet, overlay: RuleSet, signIns: readonly SignIn[]): void {
  const found = loosening({ ruleSet: base, baseline: {} }, overlay)
  seen[found.verdict]++
  if (found.verdict === 'sometimes') {
    const { decisions } = found.shown
    expect(atLeastAsStrict(decisions.overlay, decisions.base)).toBe(false)
  }
  const cases = casesOf(signIns)
  if (found.verdict === 'never')
    expect(looseningTried({ ruleSet: base, cases }, overlay, [])).toBeUndefined()
}

describe('whether an overlay loosens its base', () => {
  test('is no secret of a variation of a sign-in that is proved to be none', () => {
    fc.assert(
      fc.property(
        deciding,
        deciding,
        fc.boolean(),
        assumptions,
        assumptions,
        fc.array(signIn, { minLength: 1, maxLength: 4 }),
        (base, other, adds, below, above, signIns) => {
          // More rules than the base has, so that it is often so that none is looser; else any others.
          const names = new Set(base.rules.map(({ name }) => name))
          const more = other.rules.filter(({ name }) => !names.has(name))
          const overlay = adds
            ? {
                rules: [...base.rules, ...more],
                conditions: { ...other.conditions, ...base.conditions },
              }
            : other
          check(ruleSetOf(base, below), ruleSetOf(overlay, above), signIns)
        },
      ),
      { interruptAfterTimeLimit: 15_000 },
    )
    expect(seen.never).toBeGreaterThan(5)
    expect(seen.sometimes).toBeGreaterThan(5)
    expect(seen.unknown).toBe(0)
  })

  test('is proved of the packs that are shipped', () => {
    for (const { pack } of shippedPacks)
      if (pack.base && pack.strictPart)
        expect(loosening(pack.base, pack.strictPart)).toEqual({ verdict: 'never' })
  })

  test('is told of what is left out, though it is taken for a time after the sign-in', () => {
    const rule = (name: string, fact: string, operator: string, value: number) => ({
      name,
      conditions: { all: [{ fact, operator, value }] },
      event: { type: 'block', params: { code: 'some' } },
    })
    const rules = {
      rules: [
        rule('old-sessions', 'session.issuedAt', 'lessThan', Date.UTC(2100, 0)),
        rule('later', 'at', 'greaterThan', Date.UTC(2150, 0)),
      ],
      conditions: {},
    } as unknown as Deciding
    const ahead = { fact: 'session.issuedAt', value: Date.UTC(2200, 0), reason: 'r' }
    expect(
      loosening({ ruleSet: ruleSetOf(rules, []), baseline: {} }, ruleSetOf(rules, [ahead])),
    ).toMatchObject({
      verdict: 'sometimes',
      shown: {
        deviations: [],
        leavesOut: ['session.issuedAt'],
        decisions: { base: { outcome: 'block' }, overlay: { outcome: 'allow' } },
      },
    })
  })

  test('is not known once the time is over', () => {
    const { pack } = shippedPacks.find((each) => each.pack.base)!
    expect(loosening(pack.base!, pack.strictPart!, () => true)).toEqual({
      verdict: 'unknown',
      because: 'budget',
    })
  })
})

import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { answer, load } from './answer.ts'
import { revisionOf, type RuleSet } from './rule-set.ts'

const { ruleSet } = shippedPacks[0]!.pack
const edited = (change: Partial<RuleSet>): RuleSet => {
  const next = { ...ruleSet, ...change }
  return { ...next, revision: revisionOf(next) }
}
const body = JSON.stringify({
  at: '2026-01-05T09:00:00Z',
  user: { type: 'member', roles: [] },
  client: { app: 'browser', authenticationFlow: 'none' },
  resource: { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' },
})
const assumedBy = (loaded: ReturnType<typeof load>) => {
  const got = answer(loaded, body, 0)
  if ('faults' in got) throw new Error(JSON.stringify(got.faults))
  return (JSON.parse(got.json) as { readonly assumed: readonly unknown[] }).assumed
}

describe('how sign-ins are read', () => {
  test('is kept over a change of rules that leaves facts and assumptions alone', () => {
    const before = load(ruleSet)
    const [first, ...others] = ruleSet.rules
    const after = load(edited({ rules: [{ ...first!, control: 'other' }, ...others] }))
    expect(after.readPlain).toBe(before.readPlain)
    expect(after.parse).toBe(before.parse)
  })

  test('is that of its own assumptions and of the facts that its rules look at, whatever was loaded between', () => {
    const days = { fact: 'tenant.gracePeriodDays', value: 3, reason: 'three' }
    const [all, three, one] = [
      load(ruleSet),
      load(edited({ assumptions: [days] })),
      load(edited({ rules: ruleSet.rules.slice(0, 1) })),
    ]
    const named = { fact: 'tenant.gracePeriodDays', value: 3, because: 'three' }
    expect(assumedBy(three)).toContainEqual(named)
    expect(assumedBy(all)).not.toContainEqual(named)
    expect(assumedBy(one).length).toBeLessThan(assumedBy(all).length)
    expect(assumedBy(load(ruleSet))).toEqual(assumedBy(all))
  })
})

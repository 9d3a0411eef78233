import { describe, expect, test } from 'vitest'
import { factTable } from '../custom-facts.ts'
import { changed } from '../explain/changes.ts'
import { parsePack } from '../pack.ts'
import type { SignIn } from '../facts.ts'
import { ordinarySignIn } from './ordinary.ts'
import { replaying } from './replay.ts'

const baseline = {
  at: '2026-01-15T09:00:00Z',
  tenant: { securityDefaults: 'enabled' },
  user: { type: 'member', roles: [], firstInteractiveSignInAt: '2025-01-01T00:00:00Z' },
  client: { app: 'browser' },
  resource: { appId: '00000003-0000-0ff1-ce00-000000000000' },
  session: { issuedAt: null, validFrom: null },
}
const isLegacy = { all: [{ fact: 'client.app', operator: 'equal', value: 'other' }] }
const isRevoked = { all: [{ fact: 'session.revoked', operator: 'equal', value: true }] }
const rule = (name: string, conditions: object) =>
  JSON.stringify({
    name,
    title: name,
    control: 'one',
    source: 'one#here',
    conditions,
    event: { type: 'block', params: { code: 'blocked' } },
  })
const pack = parsePack({
  name: 'one',
  folder: 'one',
  files: {
    'pack.json': JSON.stringify({
      id: 'one',
      title: 'one',
      description: 'one',
      controls: { one: 'one' },
      sources: { one: { title: 'one', date: '2026' } },
    }),
    'rules/block-legacy.json': rule('block-legacy', isLegacy),
    'rules/block-revoked.json': rule('block-revoked', isRevoked),
    'cases.json': JSON.stringify({ baseline, cases: [] }),
    'invariants.json': JSON.stringify({
      legacy: { title: 'blocked', when: isLegacy, never: 'allow' },
      'way-in': { title: 'open', when: isRevoked, possible: 'allow' },
    }),
  },
})
if (pack.faults) throw new Error(JSON.stringify(pack.faults))
const table = factTable(pack.ruleSet.customFacts)
const ordinary = ordinarySignIn(table, pack.baseline, pack.ruleSet.assumptions)
const { replay, mustBreak, mustShow } = replaying(pack)

const invariantOf = (name: string) => pack.invariants.find((each) => each.name === name)!
const legacy = invariantOf('legacy')
const wayIn = invariantOf('way-in')

describe('what the prover found is no verdict where what decides says otherwise', () => {
  test('the ordinary sign-in is admitted, and decided alike', async () => {
    const { sent, decision } = await replay(ordinary)
    expect(decision.outcome).toBe('allow')
    expect(sent).toMatchObject({ client: { app: 'browser' } })
  })

  test('what is assumed to be after the sign-in, and can not be sent, is left out', async () => {
    const at = Date.UTC(1960, 0, 1)
    const early = {
      at,
      'user.firstInteractiveSignInAt': at,
      'tenant.createdAt': 0,
      'tenant.enabledAt': 0,
    }
    const changes = Object.entries(early).map(([fact, to]) => ({ fact, to }))
    const { sent } = await replay(changed(ordinary, changes, table))
    expect(sent['tenant']).not.toHaveProperty('createdAt')
    expect(sent['tenant']).toHaveProperty('gracePeriodDays')
  })

  test.each<[string, Partial<Record<keyof SignIn, unknown>>, RegExp]>([
    [
      'a sign-in that is refused',
      { 'user.firstInteractiveSignInAt': Date.UTC(2030) },
      /is refused/,
    ],
    ['a value in another spelling', { 'location.country': 'de' }, /is read otherwise/],
    ['a computed fact that is wrong', { 'session.revoked': true }, /is read otherwise/],
  ])('%s', async (_, changes, said) => {
    await expect(replay({ ...ordinary, ...changes } as SignIn)).rejects.toThrow(said)
  })

  test('a sign-in that keeps the invariant, or of which it does not speak', async () => {
    const printer = { ...ordinary, 'client.app': 'other', 'client.clientAppUsed': 'POP3' } as SignIn
    const { decision } = await replay(printer)
    expect(decision.outcome).toBe('block')
    expect(() => mustBreak(legacy, printer, decision)).toThrow(/keeps the invariant/)
    const { decision: allowed } = await replay(ordinary)
    expect(() => mustBreak(legacy, ordinary, allowed)).toThrow(/keeps the invariant/)
    expect(() => mustBreak(legacy, printer, allowed)).not.toThrow()
    expect(() => mustShow(wayIn, ordinary, allowed)).toThrow(/does not show the invariant/)
  })
})

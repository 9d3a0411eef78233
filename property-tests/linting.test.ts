import { describe, expect, test } from 'vitest'
import { packFolder, readPack } from '../rules/index.ts'
import { lint, parsePack } from '../engine/index.ts'

const source = readPack(packFolder('security-defaults')!)
const texts = (path: string) => source.files[path]!

/** The pack of 2024 with these files in place of its own. */
function packWith(files: Readonly<Record<string, string>>) {
  const pack = parsePack({ ...source, files: { ...source.files, ...files } })
  if (pack.faults) throw new TypeError(JSON.stringify(pack.faults))
  return pack
}

const now = '2026-01-01T00:00:00Z'
const block = { type: 'block', params: { code: 'c' } }

/** A rule that is added, with these conditions. */
function ruleWith(conditions: object, event: object = block, name = 'added') {
  const rule = {
    name,
    title: 'Added',
    control: 'blockLegacyAuthentication',
    source: 'security-defaults#x',
    conditions,
    event,
  }
  return { [`rules/${name}.json`]: JSON.stringify(rule) }
}

const is = (fact: string, value: unknown, operator = 'equal') => ({ fact, operator, value })
const challenge = (requirement: string) => ({
  type: 'challenge',
  params: { requirement, code: 'c' },
})

function check(files: Readonly<Record<string, string>>, wanted: readonly object[]): void {
  const { needless, skipped } = lint(packWith(files))
  expect(skipped).toEqual([])
  expect(needless).toEqual(wanted.map((each) => expect.objectContaining(each) as object))
}

describe('what can be left out is found', () => {
  test('nothing of the pack as it is', () => check({}, []))

  test.each<[string, Readonly<Record<string, string>>, readonly object[]]>([
    [
      'a rule that contradicts itself never applies',
      ruleWith({ all: [is('client.app', 'other'), is('client.clientAppUsed', 'Browser')] }),
      [{ kind: 'neverApplies', rule: 'added' }],
    ],
    [
      'by numbers too, and by what is computed from times',
      ruleWith({
        all: [
          is('registration.graceDaysLeft', 5, 'greaterThan'),
          is('tenant.gracePeriodDays', 5, 'lessThanInclusive'),
        ],
      }),
      [{ kind: 'neverApplies', rule: 'added' }],
    ],
    [
      'a rule that applies to every sign-in',
      ruleWith(
        { any: [is('user.risk', 'high'), is('user.risk', 'high', 'notEqual')] },
        { type: 'advise', params: { advice: 'beCareful', code: 'c' } },
      ),
      [{ kind: 'alwaysApplies', rule: 'added' }],
    ],
    [
      'a rule that others cover together, and only together',
      {
        ...ruleWith({ all: [is('location.country', 'DE'), is('user.risk', 'high')] }),
        ...ruleWith(
          { all: [is('location.country', 'DE'), is('at', now, 'lessThan')] },
          block,
          'before',
        ),
        ...ruleWith(
          { all: [is('user.risk', 'high'), is('at', now, 'greaterThanInclusive')] },
          block,
          'since',
        ),
      },
      [{ kind: 'covered', rule: 'added', by: ['before', 'since'] }],
    ],
    [
      'a challenge that a block covers, and no challenge of another kind',
      ruleWith(
        { all: [{ condition: 'securityDefaultsApply' }, is('client.app', 'other')] },
        challenge('reauthentication'),
      ),
      [{ kind: 'covered', rule: 'added', by: ['block-legacy-authentication'] }],
    ],
    [
      'a comparison that another makes needless, and one of two that say the same',
      ruleWith({
        all: [
          { condition: 'securityDefaultsApply' },
          is('user.risk', ['low', 'medium'], 'in'),
          is('user.risk', 'high', 'notEqual'),
          is('location.country', 'DE'),
          { not: is('location.country', 'DE', 'notEqual') },
        ],
      }),
      [
        { kind: 'redundant', in: 'added', part: is('user.risk', 'high', 'notEqual') },
        { kind: 'redundant', in: 'added', part: is('location.country', 'DE') },
      ],
    ],
    [
      'of a shared condition too, at its line and column',
      {
        'conditions.json': texts('conditions.json').replace(
          '{ "condition": "isAdministrator" },',
          '{ "condition": "isAdministrator" },\n      { "not": { "fact": "session.mfa", "operator": "equal", "value": "thisSignIn" } },',
        ),
      },
      [
        {
          kind: 'redundant',
          in: 'needsMfaAsAdministrator',
          at: expect.objectContaining({ line: 95, column: 7 }) as object,
        },
      ],
    ],
  ])('%s', (_, files, wanted) => check(files, wanted))

  test('what is not modelled is said', () => {
    const { skipped } = lint(
      packWith(ruleWith({ all: [is('user.roles', { fact: 'user.roles' }, 'someFact:in')] })),
    )
    expect(skipped).toHaveLength(1)
  })
})

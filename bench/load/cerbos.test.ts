import { describe, expect, test } from 'vitest'
import { cerbos } from './cerbos.ts'
import type { Expected, Question } from './workload.ts'

const signIn = JSON.stringify({
  at: '2026-01-01T00:00:00Z',
  user: { type: 'member' },
  resource: { appId: 'portal' },
  client: { app: 'browser' },
  envelope: { userPrincipalName: 'a@example.com' },
})
const question = (expected: readonly Expected[], form: Question['form'] = 'single'): Question => ({
  name: 'q',
  form,
  signIns: [signIn],
  expected: Object.fromEntries(expected.map((each, index) => [`r${index}`, [each]])),
})
const allow: Expected = { outcome: 'allow', requirements: [], json: '{}' }
const block: Expected = { outcome: 'block', requirements: [], json: '{}' }
const both: Expected = {
  outcome: 'challenge',
  requirements: ['mfaRegistration', 'mfa'],
  json: '{}',
}
const refused: Expected = { outcome: 'refused' }

describe('a sign-in as a check of Cerbos', () => {
  test('the user is the principal, all else is of the resource', () => {
    const { path, body } = cerbos.prepare(question([allow]))
    expect(path).toBe('/api/check/resources')
    expect(JSON.parse(body)).toEqual({
      principal: { id: 'a@example.com', roles: ['user'], attr: { type: 'member' } },
      resources: [
        {
          actions: ['sign_in', 'demand_reauthentication', 'demand_mfaRegistration', 'demand_mfa'],
          resource: {
            kind: 'application',
            id: 'portal',
            attr: { at: '2026-01-01T00:00:00Z', client: { app: 'browser' }, appId: 'portal' },
          },
        },
      ],
    })
  })

  test('sign-ins of many users are not one check', () => {
    expect(() => cerbos.prepare(question([allow], 'batch'))).toThrow(/a batch of sign-ins/)
  })
})

describe('an answer of Cerbos', () => {
  const effects = (...allowed: readonly string[]) => {
    const actions = ['sign_in', 'demand_reauthentication', 'demand_mfaRegistration', 'demand_mfa']
    return Object.fromEntries(
      actions.map((each) => [each, allowed.includes(each) ? 'EFFECT_ALLOW' : 'EFFECT_DENY']),
    )
  }
  const check = (expected: Expected[], status: number, actions: unknown, judgement: unknown) => {
    const body = JSON.stringify({ results: [{ actions }] })
    const judged = cerbos.prepare(question(expected)).judge(status, Buffer.from(body))
    if (typeof judgement === 'string') expect(judged).toBe(judgement)
    else expect(judged).toMatchObject(judgement as object)
  }
  const wrong = { question: 'q', signIn }
  const registrationAndMfa = effects('demand_mfaRegistration', 'demand_mfa')

  test.each<[string, Expected[], number, unknown, unknown]>([
    ['allow', [allow], 200, effects('sign_in'), 'right'],
    ['block denies everything', [block], 200, effects(), 'right'],
    ['a challenge', [both], 200, registrationAndMfa, 'right'],
    [
      'one requirement of two',
      [both],
      200,
      effects('demand_mfa'),
      { ...wrong, expected: 'challenge (mfaRegistration, mfa)' },
    ],
    ['one requirement too many', [allow], 200, effects('sign_in', 'demand_mfa'), wrong],
    [
      'a challenge that lets in',
      [both],
      200,
      effects('sign_in', 'demand_mfaRegistration', 'demand_mfa'),
      wrong,
    ],
    ['a block for a challenge', [both], 200, effects(), wrong],
    ['an effect left out', [block], 200, { sign_in: 'EFFECT_DENY' }, wrong],
    ['no actions', [block], 200, undefined, { ...wrong, expected: 'block' }],
    ['an error', [block], 500, effects(), wrong],
    ['not now', [allow], 503, undefined, 'unavailable'],
    ['a refusal', [refused], 400, undefined, 'right'],
    ['what is no sign-in denied', [refused], 200, effects(), 'right'],
    ['what is no sign-in allowed', [refused], 200, effects('sign_in'), wrong],
    ['another revision', [allow, both], 200, registrationAndMfa, 'right'],
  ])('%s', (_, expected, status, actions, judgement) => check(expected, status, actions, judgement))
})

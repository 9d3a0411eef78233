import { expect, test } from 'vitest'
import { atLeastAsStrict, combine, type Event, type Rule, type SignIn } from './index.ts'

const signIn = { 'registration.graceDaysLeft': 3, 'location.country': 'DE' } as unknown as SignIn
const rule = (name: string, event: Event): Rule => ({
  name,
  title: name,
  control: `control of ${name}`,
  source: 'some-document#here',
  conditions: { all: [] },
  event,
})
const reason = (rule: string, code: string) => ({ rule, control: `control of ${rule}`, code })

test('a decision says of each rule all that it has to say, and no more', () => {
  const block = rule('b', { type: 'block', params: { code: 'blocked', aadsts: 53_003 } })
  const challenge = rule('c', {
    type: 'challenge',
    params: { requirement: 'mfa', code: 'mfaNeeded' },
  })
  const shows = ['registration.graceDaysLeft']
  const advise = rule('a', {
    type: 'advise',
    params: { advice: 'register', code: 'registerSoon', shows },
  })
  const advice = [
    {
      ...reason('a', 'registerSoon'),
      advice: 'register',
      facts: { 'registration.graceDaysLeft': 3 },
    },
  ]

  expect(combine([advise], signIn)).toStrictEqual({
    outcome: 'allow',
    requirements: [],
    advice,
    reasons: [],
  })
  expect(combine([challenge, advise], signIn)).toStrictEqual({
    outcome: 'challenge',
    requirements: ['mfa'],
    advice,
    reasons: [reason('c', 'mfaNeeded')],
  })
  expect(combine([challenge, block], signIn)).toStrictEqual({
    outcome: 'block',
    requirements: [],
    advice: [],
    reasons: [{ ...reason('b', 'blocked'), aadsts: 53_003 }],
  })
})

const decisions = {
  allow: { outcome: 'allow', requirements: [] },
  mfa: { outcome: 'challenge', requirements: ['mfa'] },
  registration: { outcome: 'challenge', requirements: ['mfaRegistration'] },
  both: { outcome: 'challenge', requirements: ['mfaRegistration', 'mfa'] },
  block: { outcome: 'block', requirements: [] },
} as const

test.each([
  ['allow', ['allow']],
  ['mfa', ['allow', 'mfa']],
  ['registration', ['allow', 'registration']],
  ['both', ['allow', 'mfa', 'registration', 'both']],
  ['block', ['allow', 'mfa', 'registration', 'both', 'block']],
] as const)('%s is at least as strict as %s', (name, than) => {
  const others = Object.entries(decisions).filter(([, each]) =>
    atLeastAsStrict(decisions[name], each),
  )
  expect(others.map(([other]) => other)).toEqual(than)
})

import { describe, expect, test } from 'vitest'
import { authzen } from './authzen.ts'
import type { Expected, Question } from './workload.ts'

const reason = { rule: 'a', control: 'b', code: 'c' }
const decided = (outcome: 'allow' | 'challenge' | 'block', requirements: string[]): Expected => ({
  outcome,
  requirements,
  json: JSON.stringify({ outcome, requirements, reasons: [reason], advice: [] }),
})
const allow = decided('allow', [])
const challenge = decided('challenge', ['mfa'])
const refused: Expected = { outcome: 'refused' }

const signIn = JSON.stringify({
  at: '2026-01-01T00:00:00Z',
  user: { type: 'member', roles: [] },
  resource: { appId: 'portal' },
  client: { app: 'browser' },
  envelope: { userId: 'u1', ipAddress: '192.0.2.1' },
})
const evaluation = {
  subject: { type: 'user', id: 'u1', properties: { type: 'member', roles: [] } },
  action: { name: 'sign_in' },
  resource: { type: 'application', id: 'portal', properties: { appId: 'portal' } },
  context: { at: '2026-01-01T00:00:00Z', client: { app: 'browser' } },
}

const question = (
  form: Question['form'],
  signIns: readonly string[],
  expected: Question['expected'],
): Question => ({ name: 'q', form, signIns, expected })

describe('a sign-in as an AuthZEN request', () => {
  const check = (form: Question['form'], signIns: string[], path: string, body: unknown) => {
    const exchange = authzen.prepare(question(form, signIns, { r1: signIns.map(() => allow) }))
    expect(exchange.path).toBe(path)
    expect(JSON.parse(exchange.body)).toEqual(body)
  }
  const bare = (id: string) => ({
    subject: { type: 'user', id, properties: {} },
    action: { name: 'sign_in' },
    resource: { type: 'application', id: 'unknown', properties: {} },
  })

  test.each<[string, Question['form'], string[], string, unknown]>([
    ['one', 'single', [signIn], '/access/v1/evaluation', evaluation],
    ['nothing known', 'single', ['{}'], '/access/v1/evaluation', bare('unknown-1')],
    ['no JSON', 'single', ['{'], '/access/v1/evaluation', {}],
    ['no object', 'single', ['[]'], '/access/v1/evaluation', {}],
    [
      'a batch',
      'batch',
      [signIn, '{}'],
      '/access/v1/evaluations',
      { evaluations: [evaluation, bare('unknown-2')] },
    ],
    ['a stream', 'stream', [signIn], '/access/v1/evaluations', { evaluations: [evaluation] }],
  ])('%s', (_, form, signIns, path, body) => check(form, signIns, path, body))
})

describe('an answer of AuthZEN', () => {
  const check = (asked: Question, status: number, answer: unknown, judgement: unknown) => {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer)
    const judged = authzen.prepare(asked).judge(status, Buffer.from(body))
    if (typeof judgement === 'string') expect(judged).toBe(judgement)
    else expect(judged).toMatchObject(judgement as object)
  }
  const one = (expected: Expected) => question('single', [signIn], { r1: [expected] })
  const two = question('batch', [signIn, '{}'], { r1: [allow, challenge] })
  const swapped = question('single', [signIn], { r1: [allow], r2: [challenge] })
  const wrong = { question: 'q', signIn }
  const own = (more: object) => ({
    decision: false,
    context: { ruleSet: { revision: 'r1' }, outcome: 'challenge', reasons: [reason], ...more },
  })

  test.each<[string, Question, number, unknown, unknown]>([
    ['allow is true', one(allow), 200, { decision: true }, 'right'],
    ['a challenge is false', one(challenge), 200, { decision: false }, 'right'],
    [
      'false for allow',
      one(allow),
      200,
      { decision: false },
      { ...wrong, expected: 'allow', actual: '{"decision":false}' },
    ],
    [
      'true for a challenge',
      one(challenge),
      200,
      { decision: true },
      { ...wrong, expected: 'challenge (mfa)' },
    ],
    ['no boolean', one(challenge), 200, { decision: 'false' }, wrong],
    ['no JSON', one(allow), 200, '{', { ...wrong, actual: '200 {' }],
    ['an error', one(challenge), 500, 'oops', { ...wrong, actual: '500 oops' }],
    ['not now', one(allow), 503, '', 'unavailable'],
    ['a refusal by 400', one(refused), 400, 'bad', 'right'],
    ['a refusal by false', one(refused), 200, { decision: false }, 'right'],
    ['true for what is no sign-in', one(refused), 200, { decision: true }, wrong],
    ['a refusal of a sign-in', one(challenge), 400, 'bad', { ...wrong, actual: '400 bad' }],
    ['a context of another make', one(challenge), 200, own({ ruleSet: 'mine' }), 'right'],
    ['our own context', one(challenge), 200, own({}), 'right'],
    ['our own, other reasons', one(challenge), 200, own({ reasons: [] }), wrong],
    ['our own, other requirements', one(challenge), 200, own({ requirements: [] }), wrong],
    ['our own, unknown revision', one(challenge), 200, own({ ruleSet: { revision: 'r9' } }), wrong],
    ['the second revision', swapped, 200, { decision: false }, 'right'],
    ['the first in place of the second', swapped, 200, own({}), wrong],
    ['a batch', two, 200, { evaluations: [{ decision: true }, { decision: false }] }, 'right'],
    [
      'a batch the other way round',
      two,
      200,
      { evaluations: [{ decision: false }, { decision: true }] },
      wrong,
    ],
    [
      'a batch, the second wrong',
      two,
      200,
      { evaluations: [{ decision: true }, { decision: true }] },
      { signIn: '{}', expected: 'challenge (mfa)' },
    ],
    [
      'a batch cut short',
      two,
      200,
      { evaluations: [{ decision: true }] },
      { ...wrong, expected: '2 decisions' },
    ],
  ])('%s', (_, asked, status, answer, judgement) => check(asked, status, answer, judgement))
})

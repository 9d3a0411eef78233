import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { answer } from '../../engine/index.ts'
import { portcullis } from './portcullis.ts'
import type { Expected, Question } from './workload.ts'

const { pack, loaded } = shippedPacks[0]!
const { revision } = pack.ruleSet
const refused = { outcome: 'refused' } as const
const other = 'another-revision'

const signIns = (['allow', 'block', 'challenge'] as const).map((outcome) =>
  JSON.stringify(pack.cases.find(({ expect }) => expect.outcome === outcome)!.signIn),
)
const right = signIns.map((text): Expected & { readonly json: string } => {
  const given = answer(loaded, text, 0)
  if ('faults' in given) throw new Error('a case of a pack is a sign-in')
  const { requirements } = JSON.parse(given.json) as { requirements: string[] }
  return { outcome: given.outcome, requirements, json: given.json }
})
const [first, second, third] = right as [(typeof right)[0], (typeof right)[0], (typeof right)[0]]
const elsewhere = {
  ...first,
  json: first.json.replace(revision, other).replace('"allow"', '"block"'),
}

const single: Question = {
  name: 'single',
  form: 'single',
  signIns: [signIns[0]!],
  expected: { [revision]: [first], [other]: [elsewhere] },
}
const toRefuse: Question = { ...single, signIns: ['{}'], expected: { [revision]: [refused] } }
const many = (form: 'batch' | 'stream', middle: Expected = second): Question => ({
  name: form,
  form,
  signIns,
  expected: { [revision]: [first, middle, third] },
})

const envelope = `"decisionId":"01234567-89ab-4cde-8f01-23456789abcd","evaluatedAt":"2026-01-02T03:04:05.678Z"`
const said = (json: string, index?: number) =>
  `{${index === undefined ? '' : `"index":${index},`}${envelope},${json.slice(1)}`
const problem = (status: number, index?: number) =>
  JSON.stringify({ ...(index !== undefined && { index }), type: '/p', title: 'No', status })
const batch = (...items: string[]) => `[${items.join(',')}]`
const stream = (...items: string[]) => items.map((item) => `${item}\n`).join('')
const all = right.map(({ json }, index) => said(json, index)) as [string, string, string]

type Wanted = 'right' | 'unavailable' | { readonly expected: RegExp; readonly actual: RegExp }
function check(question: Question, status: number, body: string, wanted: Wanted): void {
  const { judge } = portcullis.prepare(question)
  for (let time = 0; time < 2; time++) {
    const judgement = judge(status, Buffer.from(body)) // the second may come from memory
    if (typeof wanted === 'string') expect(judgement).toBe(wanted)
    else
      expect(judgement).toMatchObject({
        question: question.name,
        expected: expect.stringMatching(wanted.expected) as string,
        actual: expect.stringMatching(wanted.actual) as string,
      })
  }
}
const wrong = (expected: RegExp, actual: RegExp) => ({ expected, actual })

const reordered = (json: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json) as object).toReversed()))
const withReasons = (json: string, reasons: unknown) =>
  JSON.stringify({ ...(JSON.parse(json) as object), reasons })
const reasonsOf = (json: string) => (JSON.parse(json) as { reasons: unknown[] }).reasons

describe('an answer to one sign-in', () => {
  test.each<[string, number, string, Wanted]>([
    ['as expected', 200, said(first.json), 'right'],
    ['members in another order', 200, reordered(said(first.json)), 'right'],
    ['of the other revision', 200, said(elsewhere.json), 'right'],
    ['without an id', 200, first.json, wrong(/outcome/, /^200 /)],
    [
      'the outcome of another revision',
      200,
      said(elsewhere.json.replace(other, revision)),
      wrong(/"allow"/, /"block"/),
    ],
    [
      'of a revision that nobody knows',
      200,
      said(first.json.replace(revision, 'unknown')),
      wrong(/"allow"/, /unknown/),
    ],
    ['the answer to another sign-in', 200, said(second.json), wrong(/"allow"/, /"block"/)],
    [
      'reasons that are no list',
      200,
      said(withReasons(first.json, null)),
      wrong(/reasons/, /"reasons":null/),
    ],
    ['with another status', 201, said(first.json), wrong(/allow/, /^201 /)],
    ['one byte more', 200, `${said(first.json)}x`, wrong(/./, /x$/)],
    ['cut off', 200, said(first.json).slice(0, -1), wrong(/./, /^200 /)],
    ['nothing', 200, '', wrong(/./, /^200 $/)],
    ['a refusal', 400, problem(400), wrong(/"allow"/, /^400 /)],
    ['a failure', 500, problem(500), wrong(/"allow"/, /^500 /)],
    ['no decision now', 503, problem(503), 'unavailable'],
    ['no decision now, by a proxy', 502, '<html>', 'unavailable'],
    ['no decision now, with an outcome', 503, said(first.json), wrong(/allow/, /^503/)],
  ])('%s', (_, status, body, wanted) => check(single, status, body, wanted))

  test('with its reasons in another order is wrong', () => {
    const question = pack.cases
      .map(({ signIn }) => JSON.stringify(signIn))
      .find((text) => {
        const given = answer(loaded, text, 0)
        return 'json' in given && reasonsOf(given.json).length > 1
      })!
    const given = answer(loaded, question, 0) as { outcome: 'challenge'; json: string }
    const expected = { ...given, requirements: [] }
    const turned = withReasons(given.json, reasonsOf(given.json).toReversed())
    const asked = { ...single, signIns: [question], expected: { [revision]: [expected] } }
    check(asked, 200, said(turned), wrong(/reasons/, /reasons/))
  })

  test.each<[string, number, string, Wanted]>([
    ['a problem', 400, problem(400), 'right'],
    ['another problem of the caller', 422, problem(422), 'right'],
    ['a decision', 200, said(first.json), wrong(/problem with a 4xx/, /allow/)],
    [
      'a problem that decides',
      400,
      `${problem(400).slice(0, -1)},"outcome":"allow"}`,
      wrong(/4xx/, /allow/),
    ],
    ['a problem of another status', 400, problem(404), wrong(/4xx/, /404/)],
    ['a 4xx without a problem', 400, '{}', wrong(/4xx/, /\{\}/)],
    ['a failure', 500, problem(500), wrong(/4xx/, /^500/)],
    ['no decision now', 503, problem(503), 'unavailable'],
  ])('that has to be refused: %s', (_, status, body, wanted) =>
    check(toRefuse, status, body, wanted),
  )
})

describe.each([
  ['batch', batch],
  ['stream', stream],
] as const)('an answer to a %s', (form, put) => {
  test.each<[string, string, Wanted]>([
    ['as expected', put(...all), 'right'],
    ['members in another order', put(all[0], reordered(all[1]), all[2]), 'right'],
    ['in another order', put(all[1], all[0], all[2]), wrong(/index 0/, /"index":1/)],
    ['one too few', put(all[0], all[1]), wrong(/3 answers/, /2 answers/)],
    ['one too many', put(...all, all[2]), wrong(/./, /./)],
    ['one wrong', put(all[0], said(elsewhere.json, 1), all[2]), wrong(/./, /another-revision/)],
    ['one that is refused', put(all[0], problem(400, 1), all[2]), wrong(/outcome/, /400/)],
    ['one that can not be decided now', put(all[0], problem(503, 1), all[2]), 'unavailable'],
    [
      'one wrong, and one not now',
      put(said(third.json, 0), problem(503, 1), all[2]),
      wrong(/./, /./),
    ],
    ['no JSON', 'oops', wrong(/3 answers/, /oops/)],
  ])('%s', (_, body, wanted) => check(many(form), 200, body, wanted))

  test('in which one has to be refused', () => {
    check(many(form, refused), 200, put(all[0], problem(400, 1), all[2]), 'right')
    check(many(form, refused), 200, put(...all), wrong(/4xx/, /outcome/))
  })

  test('that fails as a whole', () => {
    check(many(form), 503, problem(503), 'unavailable')
    check(many(form), 413, problem(413), wrong(/3 answers/, /^413/))
  })
})

test('a refusal that was right before is wrong with another status', () => {
  const { judge } = portcullis.prepare(toRefuse)
  const body = Buffer.from(problem(400))
  expect(judge(400, body)).toBe('right')
  expect(judge(400, body)).toBe('right')
  expect(judge(200, body)).toMatchObject({ actual: expect.stringMatching(/^200 /) as string })
})

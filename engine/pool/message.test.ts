import { expect, test } from 'vitest'
import { answersOf, joined, parted, replyOf, type Replied } from './message.ts'

const sent = (text: string) => Buffer.from(text)

test.each([
  ['none', []],
  ['one', ['{}']],
  ['some, one of them empty, some beyond ASCII', ['{"a":1}', '', '"ä€😀"', 'x']],
] as const)('bodies arrive: %s', (_, texts) => {
  const message = structuredClone({ slot: 0, revision: '', nows: [], ...joined(texts.map(sent)) })
  expect(parted(message as never).map((body) => Buffer.from(body).toString())).toEqual(texts)
})

test('answers arrive, each as what it was', () => {
  const answers: readonly Replied[] = [
    { outcome: 'allow', json: '{"a":"ä"}' },
    { faults: [{ pointer: '/a', expected: 'b', got: 'c' }] },
    { outcome: 'block', json: '{}' },
    new Error('broken'),
    { outcome: 'challenge', json: '{"b":2}' },
  ]
  const came = answersOf(structuredClone({ ...replyOf(answers), us: 1 }))
  expect(came.map((each) => (each instanceof Error ? String(each) : each))).toEqual(
    answers.map((each) => (each instanceof Error ? 'Error: Error: broken' : each)),
  )
})

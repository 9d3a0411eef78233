import { expect, test } from 'vitest'
import { shippedPacks } from '../packs.ts'
import { fuzz } from './fuzz.ts'
import { startAttacked } from './service.ts'
import { findingOf } from './verdict.ts'

test('nothing hostile gets more than a refusal, and the service is as before afterwards', async () => {
  const service = await startAttacked()
  try {
    const { findings, answers } = await fuzz(service, { seed: 1, requests: 2_300 })
    expect(findings).toEqual([])
    for (const status of ['200', '400', '408', '413', '415', '431', 'none'])
      expect(answers[status], `answers with ${status}`).toBeGreaterThan(0)
  } finally {
    await service.stop()
  }
})

const { loaded, pack } = shippedPacks[0]!
const text = JSON.stringify(pack.cases[0]!.signIn)
const asked = (more = '', body = text) =>
  Buffer.from(
    `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`,
  )
const decided = (outcome: string) =>
  Buffer.from(`HTTP/1.1 200 OK\r\n\r\n{"decisionId":"1","evaluatedAt":"2","outcome":"${outcome}"}`)
const [right, wrong] = [pack.cases[0]!.expect.outcome, 'allow'].map(decided) as [Buffer, Buffer]

test.each<[string, Buffer, Buffer, boolean]>([
  ['the right decision', asked(), right, false],
  [
    'one after a body that ends in the middle of an empty line', // seed 1, 13433
    Buffer.concat([asked('', 'no JSON\r'), Buffer.from('\n\r\n'), asked()]),
    right,
    false,
  ],
  ['a refusal', asked(), Buffer.from('HTTP/1.1 503 Service Unavailable\r\n\r\n'), false],
  ['another decision', asked(), decided('block'), true],
  ['two decisions for one question', asked(), Buffer.concat([right, right]), true],
  ['a decision on a body with two lengths', asked('content-length: 2\r\n'), wrong, true],
  ['a decision on a length and chunks', asked('transfer-encoding: chunked\r\n'), wrong, true],
  ['a decision on a folded header', asked('x: a\r\n b\r\n'), wrong, true],
  ['a decision on a compressed body', asked('content-encoding: gzip\r\n'), wrong, true],
  ['a decision on half a body', asked().subarray(0, -1), wrong, true],
  ['a decision on a member twice', asked('', `{"user":{},${text.slice(1)}`), wrong, true],
  ['a failure', asked(), Buffer.from('HTTP/1.1 500 Internal Server Error\r\n\r\n'), true],
  ['no HTTP', asked(), Buffer.from('hello'), true],
])('the verdict on %s', (_, bytes, got, isFinding) => {
  expect(findingOf(loaded, bytes, { got, ended: true }) !== undefined).toBe(isFinding)
  expect(findingOf(loaded, bytes, { got, ended: false })).toBeDefined()
})

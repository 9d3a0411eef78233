import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerReader } from './response.ts'

type Read = { readonly status: number; readonly body: string; readonly keepAlive: boolean }

/** What is read of bytes that come in parts, and the fault that ended it. */
function readIn(parts: readonly Buffer[]): { readonly answers: Read[]; readonly fault?: string } {
  const answers: Read[] = []
  const read = answerReader(({ status, body, keepAlive }) =>
    answers.push({ status, body: body.toString(), keepAlive }),
  )
  for (const part of parts) {
    const fault = read(part)
    if (fault !== undefined) return { answers, fault }
  }
  return { answers }
}

const whole = (text: string) => readIn([Buffer.from(text)])
const answer = (status: number, body: string, keepAlive = true): Read => ({
  status,
  body,
  keepAlive,
})

const good: readonly [string, string, readonly Read[]][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', [answer(200, 'hi')]],
  ['no body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', [answer(200, '')]],
  ['no reason', 'HTTP/1.1 400\r\ncontent-length:1\r\n\r\nx', [answer(400, 'x')]],
  ['no content', 'HTTP/1.1 204 No Content\r\nx: y\r\n\r\n', [answer(204, '')]],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
    [answer(200, 'hi0123456789')],
  ],
  [
    'chunks with a trailer',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nä'.slice(0, -1) +
      'b\r\n0\r\nx: y\r\n\r\n',
    [answer(200, 'b')],
  ],
  [
    'no chunk but the last',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    [answer(200, '')],
  ],
  [
    'the end of the connection',
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx',
    [answer(200, 'x', false)],
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', [answer(200, 'x', false)]],
  [
    'an answer that is still to come',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
    [answer(200, 'x')],
  ],
  [
    'two answers',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\nyz',
    [answer(200, 'x'), answer(503, 'yz')],
  ],
]

describe('reading answers', () => {
  test.each(good)('%s', (_, text, answers) => expect(whole(text)).toEqual({ answers }))

  test('does not depend on how the bytes come in', () =>
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.array(fc.nat(200)), ([, text, answers], cuts) => {
        const bytes = Buffer.from(text)
        const places = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length]
        places.sort((a, b) => a - b)
        const parts = places.slice(1).map((to, at) => bytes.subarray(places[at], to))
        expect(readIn(parts)).toEqual({ answers })
      }),
    ))

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', /no HTTP/],
    ['another protocol, at once', 'SSH-', /no HTTP/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', /no HTTP/],
    ['no status', 'HTTP/1.1 OK\r\n\r\n', /no HTTP/],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n', /no HTTP/],
    ['no length', 'HTTP/1.1 200 OK\r\nx: y\r\n\r\n', /neither/],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n', /content-length/],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      /content-length 2/,
    ],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      /both/,
    ],
    [
      'another encoding',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
      /transfer-encoding/,
    ],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: y\r\ncontent-length: 0\r\n\r\n', /no header/],
    ['a header with a space', 'HTTP/1.1 200 OK\r\nx : y\r\ncontent-length: 0\r\n\r\n', /no header/],
    ['bytes behind the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxyz', /no HTTP/],
    [
      'a chunk without a size',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nz\r\n`,
      /size/,
    ],
    [
      'a chunk that is too long',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxy\r\n',
      /longer/,
    ],
    ['a line feed alone', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\nx', /end/],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, /headers of more/],
    ['another protocol from here', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /protocol/],
  ])('%s is refused', (_, text, fault) => expect(whole(text).fault).toMatch(fault))
})

import fc from 'fast-check'
import { hostileBody, ordinaryBody } from './bodies.ts'

/** A request as it should be, in parts that can be spoilt one by one. */
type Parts = {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly string[]
  readonly body: Buffer
}

const single = (body: Buffer): Parts => ({
  method: 'POST',
  target: '/v1/decisions',
  version: 'HTTP/1.1',
  headers: ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${body.length}`],
  body,
})
const withHeaders = (parts: Parts, ...headers: readonly string[]): Parts => ({
  ...parts,
  headers: [...parts.headers, ...headers],
})
const withLength = (parts: Parts, ...lines: readonly string[]): Parts => ({
  ...parts,
  headers: [...parts.headers.filter((line) => !line.startsWith('Content-Length')), ...lines],
})

export const bytesOf = ({ method, target, version, headers, body }: Parts, newline = '\r\n') => {
  const head = [`${method} ${target} ${version}`, ...headers, '', ''].join(newline)
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** The body in chunks, each with what follows its size. */
function chunked(body: Buffer, size: number, extension = '', end = '0\r\n\r\n'): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    parts.push(
      Buffer.from(`${part.length.toString(16)}${extension}\r\n`),
      part,
      Buffer.from('\r\n'),
    )
  }
  return Buffer.concat([...parts, Buffer.from(end)])
}
const inChunks = (parts: Parts, encoding: string, body: Buffer): Parts => ({
  ...withLength(parts, `Transfer-Encoding: ${encoding}`),
  body,
})

const strangeLengths = (length: number) => [
  `Content-Length: ${length + 1}`,
  `Content-Length: ${Math.max(0, length - 1)}`,
  `Content-Length: +${length}`,
  `Content-Length: -${length}`,
  `Content-Length: 0x${length.toString(16)}`,
  `Content-Length: ${length}.0`,
  `Content-Length: ${length}, ${length}`,
  `Content-Length: ${length}\r\nContent-Length: ${length}`,
  `Content-Length: ${length}\r\nContent-Length: 2`,
  'Content-Length: 99999999999999999999999',
  'Content-Length:',
  'Content-Length: 0',
  `Content-Length : ${length}`,
  `Content-Length:\t${length}`,
  `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
  `Transfer-Encoding: chunked\r\nContent-Length: ${length}`,
  '',
]
const strangeEncodings = [
  'Chunked',
  'chunked, chunked',
  'gzip, chunked',
  'chunked, gzip',
  'xchunked',
  'identity',
  '\x0bchunked',
  'chunked\r\nTransfer-Encoding: identity',
  '"chunked"',
]
const strangeEnds = [
  '0\r\n',
  '0\n\n',
  '',
  '0\r\nX: y\r\n\r\n',
  '0\r\nbad trailer\r\n\r\n',
  '-1\r\n\r\n',
  '0;a\r\n\r\n',
]
const strangeExtensions = [
  ';a=b',
  ';a="b"',
  ';',
  ' ',
  '\t;x',
  '\n',
  '\0',
  `;${'x'.repeat(20_000)}`,
  ';a\rb',
]
const strangeSizes = ['FFFFFFFFFFFFFFFF', '7fffffff', 'zz', '', '0x5', ' 5', '+5', '5 5', '1e1']
const strangeLines = [
  'X: a\r\n b',
  'X: a\r\n\tb',
  ' X: a',
  'X : a',
  'X: a\0b',
  'X: a\rb',
  'X: a\nY: b',
  'X',
  ': x',
  'X\x7f: y',
  'X: \xff\xfe',
  'Host: y',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Expect: 100-continue',
  'Expect: tea',
  'Content-Encoding: gzip',
  'Content-Encoding: identity, br',
  'Content-Type: text/plain',
  'Connection: close',
  'Connection: keep-alive, Transfer-Encoding',
  'Trailer: Content-Length',
  'X-HTTP-Method-Override: GET',
  `X: ${'a'.repeat(17_000)}`,
  'X: y\r\n'.repeat(150) + 'X: y',
  'X: y\r\n'.repeat(5_000) + 'X: y',
]
const strangeTargets = [
  'http://localhost/v1/decisions',
  'http://y:99999/v1/decisions',
  'https://x/v1/decisions?a=b',
  '/v1/decisions?x=%00',
  '/v1//decisions',
  '/v1/./decisions',
  '/v1/x/../decisions',
  '/v1/decisions/',
  '/v1/decisions/batch',
  '/v1\\decisions',
  '/v1/decisions#x',
  '/%76%31/decisions',
  '/V1/decisions',
  '/\xff',
  '*',
  '',
  'x:1',
  `/${'a'.repeat(15_000)}`,
  '/__proto__',
  '/metrics',
  '/livez',
]
const strangeMethods = [
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PATCH',
  'post',
  'POS',
  'QUERY',
  'PRI',
  'A'.repeat(9_000),
]
const strangeVersions = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/0.9',
  'HTTP/2.0',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/11',
  '',
]
const noHttp = [
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  '\r\n'.repeat(3_000),
  '\0'.repeat(100),
  'GET\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
]

type Spoil = fc.Arbitrary<(parts: Parts) => Buffer>
const spoils = <T>(values: readonly T[], spoil: (parts: Parts, value: T) => Buffer): Spoil =>
  fc.constantFrom(...values).map((value) => (parts: Parts) => spoil(parts, value))

/** One way in which a request is put on the wire, mostly a wrong one. */
const framing: Spoil = fc.oneof(
  { weight: 4, arbitrary: fc.constant((parts: Parts) => bytesOf(parts)) },
  fc.constantFrom(0, 1, 2, 3, 4).map((line) => (parts: Parts) => {
    const lines = bytesOf({ ...parts, body: Buffer.alloc(0) })
      .toString('latin1')
      .split('\r\n')
    const text = lines
      .map((each, at) => (at === lines.length - 1 ? each : `${each}${at === line ? '\n' : '\r\n'}`))
      .join('')
    return Buffer.concat([Buffer.from(text, 'latin1'), parts.body])
  }),
  fc.constant((parts: Parts) => bytesOf(parts, '\n')),
  fc.nat(16).map((at) => (parts: Parts) => {
    const lengths = strangeLengths(parts.body.length)
    const line = lengths[at % lengths.length]!
    return bytesOf(withLength(parts, ...(line === '' ? [] : [line])))
  }),
  fc
    .integer({ min: 1, max: 500 })
    .map(
      (size) => (parts: Parts) => bytesOf(inChunks(parts, 'chunked', chunked(parts.body, size))),
    ),
  spoils(strangeEncodings, (parts, encoding) =>
    bytesOf(inChunks(parts, encoding, chunked(parts.body, 90))),
  ),
  spoils(strangeExtensions, (parts, more) =>
    bytesOf(inChunks(parts, 'chunked', chunked(parts.body, 90, more))),
  ),
  spoils(strangeEnds, (parts, end) =>
    bytesOf(inChunks(parts, 'chunked', chunked(parts.body, 90, '', end))),
  ),
  spoils(strangeSizes, (parts, size) =>
    bytesOf(
      inChunks(
        parts,
        'chunked',
        Buffer.concat([Buffer.from(`${size}\r\n`), parts.body, Buffer.from('\r\n0\r\n\r\n')]),
      ),
    ),
  ),
  spoils(strangeLines, (parts, line) => bytesOf(withHeaders(parts, line))),
  spoils(strangeLines, (parts, line) => bytesOf({ ...parts, headers: [line, ...parts.headers] })),
  spoils([0, 1, 2], (parts, left) =>
    bytesOf({ ...parts, headers: parts.headers.filter((_, at) => at !== left) }),
  ),
  spoils(strangeTargets, (parts, target) => bytesOf({ ...parts, target })),
  spoils(strangeMethods, (parts, method) => bytesOf({ ...parts, method })),
  spoils(strangeVersions, (parts, version) => bytesOf({ ...parts, version })),
  fc.constant((parts: Parts) => {
    const body = Buffer.concat([Buffer.from('['), parts.body, Buffer.from(']')])
    return bytesOf({ ...single(body), target: '/v1/decisions/batch' })
  }),
  fc.constant((parts: Parts) => {
    const headers = [
      'Host: localhost',
      'Content-Type: application/x-ndjson',
      `Content-Length: ${parts.body.length}`,
    ]
    return bytesOf({ ...parts, target: '/v1/decisions/batch', headers })
  }),
  spoils(noHttp, (_, text) => Buffer.from(text, 'latin1')),
  fc
    .array(fc.tuple(fc.nat(4_000), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((flips) => (parts: Parts) => {
      const bytes = bytesOf(parts)
      for (const [at, byte] of flips) bytes[at % bytes.length] = byte
      return bytes
    }),
  fc.tuple(fc.nat(300), fc.nat(300)).map(([from, length]) => (parts: Parts) => {
    const bytes = bytesOf(parts)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)])
  }),
  fc.tuple(fc.nat(300), fc.nat(300)).map(([from, length]) => (parts: Parts) => {
    const bytes = bytesOf(parts)
    return Buffer.concat([bytes.subarray(0, from + length), bytes.subarray(from)])
  }),
)

const body = fc.oneof(
  hostileBody,
  ordinaryBody.map((text) => Buffer.from(text)),
)

/** The bytes of a connection: a request, or some one after the other, of which any may be spoilt. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.tuple(body, framing).map(([bytes, put]) => put(single(bytes))),
    { minLength: 1, maxLength: 3, size: 'small' },
  )
  .map((requests) => Buffer.concat(requests))

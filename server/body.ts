import type { Context } from 'hono'
import { problem, problems } from './problems.ts'

const json = /^application\/(?:json|[\w.-]+\+json)\s*(?:;\s*charset=utf-8\s*)?$/i
const ndjson = /^application\/(?:x-ndjson|ndjson|jsonl)\s*(?:;\s*charset=utf-8\s*)?$/i

export const isNdjson = (c: Context): boolean => ndjson.test(c.req.header('content-type') ?? '')

/** What is wrong with how the body is sent, before any of it is read. */
export function refusal(
  c: Context,
  limit: number,
  types: readonly ('json' | 'ndjson')[],
): Response | undefined {
  const type = c.req.header('content-type') ?? ''
  const accepted = types.some((each) => (each === 'json' ? json : ndjson).test(type))
  const encoding = c.req.header('content-encoding') ?? 'identity'
  if (!accepted || encoding !== 'identity') {
    const got = accepted
      ? `content-encoding ${JSON.stringify(encoding)}`
      : `content-type ${JSON.stringify(type)}`
    return problem(
      'unsupported-media-type',
      `expected ${types.map((each) => (each === 'json' ? 'application/json' : 'application/x-ndjson')).join(' or ')}, got ${got}`,
    )
  }
  const length = c.req.header('content-length')
  if (length !== undefined && Number(length) > limit) return tooLarge(limit)
  return undefined
}

export const tooLarge = (limit: number): Response =>
  problem('too-large', `expected at most ${limit} bytes`, {
    faults: [
      {
        pointer: '',
        expected: `at most ${limit} bytes`,
        got: 'more',
        hint: problems['too-large'].help,
      },
    ],
    headers: { connection: 'close' },
  })

/**
 * The body as text, or the refusal. With a length the HTTP parser holds the sender to it, so the adapter's own reader,
 * which is the fast one, is safe; without one the body is counted while it comes in.
 */
export async function readText(c: Context, limit: number): Promise<string | Response> {
  if (c.req.header('content-length') !== undefined) return c.req.text()
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of c.req.raw.body ?? []) {
    length += part.byteLength
    if (length > limit) return tooLarge(limit)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The lines of a stream of bytes, as many at a time as came in together; empty ones are left out. */
export async function* lines(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly tooLong?: true }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    const pieces = (rest + decoder.decode(part, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    const tooLong = [...pieces, rest].findIndex((piece) => piece.length > limit)
    const whole = tooLong < 0 ? pieces : pieces.slice(0, tooLong)
    yield {
      lines: whole.filter((piece) => piece.trim() !== ''),
      ...(tooLong >= 0 && { tooLong: true }),
    }
    if (tooLong >= 0) return
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield { lines: [rest] }
}

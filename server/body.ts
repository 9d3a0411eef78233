import type { Context } from 'hono'
import { nextStructural } from '../engine/index.ts'
import { problem, problems } from './problems.ts'

const json = /^application\/(?:json|[\w.-]+\+json)\s*(?:;\s*charset=utf-8\s*)?$/i
export const ndjson = /^application\/(?:x-ndjson|ndjson|jsonl)\s*(?:;\s*charset=utf-8\s*)?$/i

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

const tooLarge = (limit: number): Response =>
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
 * The body, or the refusal. With a length the HTTP parser holds the sender to it, so the adapter's own reader, which is the
 * fast one, is safe; without one the body is counted while it comes in.
 */
export async function readBody(c: Context, limit: number): Promise<Uint8Array | Response> {
  if (c.req.header('content-length') !== undefined) return new Uint8Array(await c.req.arrayBuffer())
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of c.req.raw.body ?? []) {
    length += part.byteLength
    if (length > limit) return tooLarge(limit)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** A line of a stream, and its place counted from 0, empty lines included. */
export type Line = { readonly index: number; readonly bytes: Uint8Array }

/**
 * The lines of a stream of bytes, as many at a time as came in together but at most `most`; empty ones are left out. A line
 * longer than the limit ends it; which one that is, is said.
 */
export async function* lines(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  most: number,
): AsyncGenerator<{ readonly lines: readonly Line[]; readonly tooLongAt?: number }> {
  let index = 0
  let pieces: Uint8Array[] = [] // of the line that has not ended yet
  let length = 0
  let ready: Line[] = []
  const end = () => {
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    if (!isBlank(bytes)) ready.push({ index, bytes })
    index++
    pieces = []
    length = 0
  }
  for await (const part of body) {
    let from = 0
    while (length <= limit) {
      const newline = part.indexOf(0x0a, from)
      const piece = part.subarray(from, newline < 0 ? part.length : newline)
      pieces.push(piece)
      length += piece.length
      if (newline < 0 || length > limit) break
      end()
      from = newline + 1
    }
    for (; ready.length > most; ready = ready.slice(most)) yield { lines: ready.slice(0, most) }
    if (length > limit) {
      yield { lines: ready, tooLongAt: index }
      return
    }
    if (ready.length > 0) yield { lines: ready }
    ready = []
  }
  end()
  if (ready.length > 0) yield { lines: ready }
}

/**
 * The members of a JSON array as bytes, or undefined when the body is no array. They are not parsed and printed again, which
 * would change them (`1e999` would become `null`): whether each is JSON, in UTF-8, shows when it is decided.
 */
export function membersOf(body: Uint8Array): readonly Uint8Array[] | undefined {
  // A character for a byte: in UTF-8, what has a meaning to JSON is no part of another character.
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  const blank = (from: number, to: number) => isBlank(body.subarray(from, to))
  const first = nextStructural(text, 0)
  if (text[first] !== '[' || !blank(0, first)) return undefined
  const members: Uint8Array[] = []
  let depth = 0
  let start = first + 1
  for (let at = nextStructural(text, start); at >= 0; at = nextStructural(text, at + 1)) {
    const char = text[at]
    if (char === '[' || char === '{') depth++
    else if (char === '}') depth--
    else if (char === ']' && depth > 0) depth--
    else if (char === ']' || (char === ',' && depth === 0)) {
      if (char === ',' || members.length > 0 || !blank(start, at))
        members.push(body.subarray(start, at))
      if (char === ']') return blank(at + 1, body.length) ? members : undefined
      start = at + 1
    }
    if (depth < 0) return undefined
  }
  return undefined
}

/** Nothing but what JSON takes for white space. */
function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false
  return true
}

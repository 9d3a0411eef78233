import type { Context } from 'hono'
import { nextStructural } from '../engine/index.ts'
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
 * The body as text, or the refusal. With a length the HTTP parser holds the sender to it, so the adapter's own reader,
 * which is the fast one, is safe; without one the body is counted while it comes in.
 */
export async function readText(c: Context, limit: number): Promise<string | Response> {
  const bytes =
    c.req.header('content-length') === undefined
      ? await readCounted(c, limit)
      : await c.req.arrayBuffer()
  return bytes instanceof Response ? bytes : textOf(bytes)
}

/** UTF-8 as text, or the refusal of what is none. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string | Response {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return notUtf8()
  }
}

async function readCounted(c: Context, limit: number): Promise<Uint8Array | Response> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of c.req.raw.body ?? []) {
    length += part.byteLength
    if (length > limit) return tooLarge(limit)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const notUtf8 = (): Response =>
  problem('invalid-json', 'expected UTF-8', {
    faults: [
      { pointer: '', expected: 'UTF-8', got: 'other bytes', hint: problems['invalid-json'].help },
    ],
  })

/** A line of a stream, and its place counted from 0, empty lines included. */
export type Line = { readonly index: number; readonly text: string }

/**
 * The lines of a stream of bytes, as many at a time as came in together but at most `most`; empty ones are left out. What
 * can't be read on ends it: a line longer than the limit, or bytes that are no UTF-8.
 */
export async function* lines(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  most: number,
): AsyncGenerator<{ readonly lines: readonly Line[]; readonly end?: LinesEnd }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let index = 0
  let pieces: string[] = [] // of the line that has not ended yet
  let length = 0
  let ready: Line[] = []
  const end = (text: string) => {
    if (text.trim() !== '') ready.push({ index, text })
    index++
  }
  try {
    for await (const part of body) {
      const [first = '', ...others] = decoder.decode(part, { stream: true }).split('\n')
      pieces.push(first)
      length += first.length
      for (const other of others) {
        if (length > limit) break
        end(pieces.join(''))
        pieces = [other]
        length = other.length
      }
      while (ready.length > most) {
        yield { lines: ready.slice(0, most) }
        ready = ready.slice(most)
      }
      if (length > limit) {
        yield { lines: ready, end: { index, why: 'too-large' } }
        return
      }
      if (ready.length > 0) yield { lines: ready }
      ready = []
    }
    pieces.push(decoder.decode())
    end(pieces.join(''))
    if (ready.length > 0) yield { lines: ready }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    yield { lines: ready, end: { index, why: 'invalid-json' } }
  }
}

/** Where lines could not be read on, and why. */
export type LinesEnd = { readonly index: number; readonly why: 'too-large' | 'invalid-json' }

/**
 * The members of a JSON array as texts, or undefined when the text is no array. They are not parsed and printed again,
 * which would change them (`1e999` would become `null`): whether each is JSON shows when it is decided.
 */
export function membersOf(text: string): readonly string[] | undefined {
  const first = nextStructural(text, 0)
  if (text[first] !== '[' || !isBlank(text.slice(0, first))) return undefined
  const members: string[] = []
  let depth = 0
  let start = first + 1
  for (let at = nextStructural(text, start); at >= 0; at = nextStructural(text, at + 1)) {
    const char = text[at]
    if (char === '[' || char === '{') depth++
    else if (char === '}') depth--
    else if (char === ']' && depth > 0) depth--
    else if (char === ']' || (char === ',' && depth === 0)) {
      const member = text.slice(start, at)
      if (char === ',' || members.length > 0 || !isBlank(member)) members.push(member)
      if (char === ']') return isBlank(text.slice(at + 1)) ? members : undefined
      start = at + 1
    }
    if (depth < 0) return undefined
  }
  return undefined
}

/** Nothing but what JSON takes for white space. */
const isBlank = (text: string): boolean => !/[^ \t\r\n]/.test(text)

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
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

/** A request; without `incoming` and `outgoing` where the app is asked without an adapter. */
export type Asked = Context<{ Bindings: Partial<HttpBindings> }>

/** The bytes of the body as they come in, read no faster than they are asked for; off the adapter's own request, where there is one. */
export function bodyParts(c: Asked): AsyncIterable<Uint8Array> {
  const incoming = c.env?.incoming
  // Destroying the request would take the answer with it.
  if (incoming)
    return { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) }
  return c.req.raw.body ?? new ReadableStream({ start: (controller) => controller.close() })
}

/** How many bytes the body may turn out to have: what was said, or else the limit. */
function mostBytesOf(c: Asked, limit: number): number {
  const said = c.req.header('content-length') ?? ''
  return /^\d+$/.test(said) ? Math.min(Number(said), limit) : limit
}

/** Bytes that a body gets with its first ones; twice as many each time that they do not do. */
const firstBytes = 65_536

/**
 * The body, or the refusal. Its memory grows as it comes in, so that one that is slow or claims much holds little; `hold` is told of
 * each step ahead, and may throw.
 */
export async function readBody(
  c: Asked,
  limit: number,
  hold: (bytes: number) => void = () => undefined,
): Promise<Uint8Array | Response> {
  const most = mostBytesOf(c, limit)
  let body = Buffer.alloc(0)
  let length = 0
  for await (const part of bodyParts(c)) {
    const needed = length + part.length
    if (needed > most) return tooLarge(limit)
    if (needed > body.length) {
      const size = Math.min(most, Math.max(needed, 2 * body.length, firstBytes))
      hold(size - body.length)
      const larger = Buffer.allocUnsafeSlow(size)
      larger.set(body.subarray(0, length))
      body = larger
    }
    body.set(part, length)
    length = needed
  }
  return body.subarray(0, length)
}

import { Hono } from 'hono'
import { Unavailable } from '../../engine/index.ts'
import { decideArray, pourArray } from '../batch/array.ts'
import { room } from '../batch/room.ts'
import { answerWith } from '../batch/sink.ts'
import { pourLines } from '../batch/stream.ts'
import { bodyParts, isNdjson, readBody, refusal, type Asked } from '../body.ts'
import type { Services } from '../services.ts'

/** Of the sign-ins that may wait, how many streams may have waiting. They slow down instead of being turned away, as others are. */
const shareOfStreams = 1 / 4

const traceOf = (c: Asked) => c.req.header('traceparent')

/** `POST /v1/decisions/batch`: a JSON array of sign-ins, or NDJSON in and out. */
export function batchRoutes(services: Services): Hono {
  const { settings, log } = services
  // The limits are those of the service; each listener has its part of them.
  const mostHeld = Math.max(
    settings.batchBodyLimit,
    Math.floor(settings.batchBytesLimit / settings.listeners),
  )
  const held = room(mostHeld)
  const undecided = room(Math.ceil((settings.queueLimit * shareOfStreams) / settings.listeners))
  const failed = (error: unknown) =>
    log(
      `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )

  /** An array is held whole; what has come of it is what it takes room for. */
  async function batch(c: Asked): Promise<Response> {
    let bytes = 0
    const hold = (more: number) => {
      if (!held.take(more)) {
        if (c.env?.outgoing) c.env.outgoing.shouldKeepAlive = false // the rest of it is not read
        throw new Unavailable(
          `expected at most ${mostHeld} bytes of batches at once, and ${more} more came`,
        )
      }
      bytes += more
    }
    try {
      const body = await readBody(c, settings.batchBodyLimit, hold)
      const decided =
        body instanceof Response ? body : await decideArray(body, traceOf(c), services)
      if (decided instanceof Response) return decided
      return await answerWith(
        c,
        'application/json',
        (sink) => pourArray(decided, sink, services),
        failed,
      )
    } finally {
      held.give(bytes)
    }
  }

  const stream = (c: Asked): Promise<Response> =>
    answerWith(
      c,
      'application/x-ndjson',
      (sink) => pourLines(bodyParts(c), sink, traceOf(c), services, undecided),
      failed,
    )

  return new Hono().post('/v1/decisions/batch', (c: Asked) => {
    const ndjson = isNdjson(c)
    const limit = ndjson ? Infinity : settings.batchBodyLimit
    return refusal(c, limit, ['json', 'ndjson']) ?? (ndjson ? stream(c) : batch(c))
  })
}

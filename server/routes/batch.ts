import { Hono } from 'hono'
import { Unavailable } from '../../engine/index.ts'
import { decideArray, pourArray } from '../batch/array.ts'
import { room } from '../batch/room.ts'
import { answerWith } from '../batch/sink.ts'
import { pourLines } from '../batch/stream.ts'
import { bodyParts, isNdjson, mostBytesOf, readBody, refusal, type Asked } from '../body.ts'
import type { Services } from '../services.ts'

/** Of the sign-ins that may wait, how many streams may have waiting. They slow down instead of being turned away, as others are. */
const shareOfStreams = 1 / 4

/** `POST /v1/decisions/batch`: a JSON array of sign-ins, or NDJSON in and out. */
export function batchRoutes(services: Services): Hono {
  const { settings, log } = services
  const held = room(settings.batchBytesLimit)
  const undecided = room(Math.ceil(settings.queueLimit * shareOfStreams))
  const failed = (error: unknown) =>
    log(
      `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )

  /** An array is held whole, so whether there is room for it is asked before any of it is read. */
  async function batch(c: Asked): Promise<Response> {
    const bytes = mostBytesOf(c, settings.batchBodyLimit)
    if (!held.take(bytes))
      throw new Unavailable(
        `expected at most ${settings.batchBytesLimit} bytes of batches at once, and ${bytes} more came`,
      )
    try {
      const body = await readBody(c, settings.batchBodyLimit)
      const decided = body instanceof Response ? body : await decideArray(body, services)
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
      (sink) => pourLines(bodyParts(c), sink, services, undecided),
      failed,
    )

  return new Hono().post('/v1/decisions/batch', (c: Asked) => {
    const ndjson = isNdjson(c)
    const limit = ndjson ? Infinity : settings.batchBodyLimit
    return refusal(c, limit, ['json', 'ndjson']) ?? (ndjson ? stream(c) : batch(c))
  })
}

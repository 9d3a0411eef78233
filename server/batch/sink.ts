import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { ServerResponse } from 'node:http'
import type { Asked } from '../body.ts'

/** Where an answer is written to, at the pace of whoever reads it. */
export type Sink = {
  /** Tells the caller that an answer begins, before there is anything of it. */
  readonly begin: () => void
  /** Resolves when more may be written, or when nobody reads any more. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** True once nobody reads any more. */
  readonly gone: () => boolean
}

/** Writes an answer, and returns the end of it, so that one that is short goes out at once and with its length. */
export type Pour = (sink: Sink) => Promise<Uint8Array>

/**
 * Answers 200 with what is poured. With an adapter that goes to its own response, which is several times as fast as a web
 * stream. When pouring fails the answer breaks off, so that nobody takes it for whole; `failed` is told, unless the caller is gone.
 */
export async function answerWith(
  c: Asked,
  contentType: string,
  pour: Pour,
  failed: (error: unknown) => void,
): Promise<Response> {
  const outgoing = c.env?.outgoing
  if (!outgoing) {
    const { readable, writable } = new TransformStream<Uint8Array>()
    void pourInto(writable, pour, failed)
    return new Response(readable, { headers: { 'content-type': contentType } })
  }
  outgoing.statusCode = 200
  outgoing.setHeader('content-type', contentType)
  try {
    outgoing.end(await pour(responseSink(outgoing)))
  } catch (error) {
    if (!outgoing.destroyed) failed(error)
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}

function responseSink(outgoing: ServerResponse): Sink {
  let goOn: () => void = () => undefined
  outgoing.on('drain', () => goOn())
  outgoing.on('close', () => goOn())
  return {
    begin: () => outgoing.flushHeaders(),
    async write(bytes) {
      if (outgoing.destroyed || outgoing.write(bytes)) return
      await new Promise<void>((resolve) => (goOn = resolve))
    },
    gone: () => outgoing.destroyed,
  }
}

async function pourInto(
  writable: WritableStream<Uint8Array>,
  pour: Pour,
  failed: (error: unknown) => void,
): Promise<void> {
  const writer = writable.getWriter()
  let gone = false
  writer.closed.catch(() => (gone = true))
  const write = (bytes: Uint8Array) => writer.write(bytes).catch(() => undefined)
  try {
    await write(await pour({ begin: () => undefined, write, gone: () => gone }))
    await writer.close()
  } catch (error) {
    if (gone) return
    failed(error)
    await writer.abort(error)
  }
}

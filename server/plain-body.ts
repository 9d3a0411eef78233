import type { IncomingMessage } from 'node:http'

/** What a request must say of its body for it to be read here: plain JSON of a length that is said, and allowed. */
export function isPlainlySent({ headers }: IncomingMessage, limit: number): boolean {
  const length = headers['content-length']
  return (
    headers['content-type'] === 'application/json' &&
    length !== undefined &&
    Number(length) <= limit &&
    headers['content-encoding'] === undefined
  )
}

/**
 * Reads such a body off the adapter's own request, which spares the objects of a web request. Node's parser holds the sender to the
 * length that was said. Rejects when the sender goes away.
 */
export function readPlainBody(incoming: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let body: Buffer | undefined
    incoming.on('data', (part: Buffer) => {
      body = body === undefined ? part : Buffer.concat([body, part])
    })
    incoming.on('end', () => resolve(body ?? nothing))
    incoming.on('error', reject)
  })
}

const nothing = Buffer.alloc(0)

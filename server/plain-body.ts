import type { IncomingMessage } from 'node:http'

/** What a request must say of its body for it to be read here: plain JSON of a length that is said, and allowed. */
export function isPlainlySent({ headers }: IncomingMessage, limit: number): boolean {
  const length = Number(headers['content-length'])
  return (
    length > 0 &&
    length <= limit &&
    headers['content-type'] === 'application/json' &&
    headers['content-encoding'] === undefined
  )
}

/** Each takes many times the byte that it may hold. */
const mostParts = 64

/**
 * Reads such a body off the adapter's own request, which spares the objects of a web request, and calls back as soon as it is whole,
 * which is before the request has ended. Node's parser holds the sender to the length that was said. A sender that goes away is
 * forgotten: there is nobody to answer.
 */
export function readPlainBody(incoming: IncomingMessage, whole: (body: Uint8Array) => void): void {
  let missing = Number(incoming.headers['content-length'])
  let parts: Buffer[] | undefined
  incoming.on('data', (part: Buffer) => {
    missing -= part.length
    if (missing > 0) {
      ;(parts ??= []).push(part)
      if (parts.length === mostParts) parts = [Buffer.concat(parts)]
    } else whole(parts === undefined ? part : Buffer.concat([...parts, part]))
  })
}

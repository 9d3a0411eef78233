import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The least that a JSON service on Node.js does: reads a body, parses it, prints it, and sends it back. */
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = JSON.stringify(JSON.parse(Buffer.concat(parts).toString()))
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

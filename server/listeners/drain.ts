import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const sweptEveryMs = 50
/** How long a connection that has asked nothing yet may still do so: its request may be on its way. */
const graceMs = 1_000

/**
 * Makes a server that can be stopped without losing what it was asked. Node closes connections that are idle when the server is
 * closed, but goes on answering on all others for as long as they ask; so every answer is the last of its connection from the
 * moment on at which the service is `stopping`. The returned function stops accepting, and resolves to how many requests were
 * without a whole answer when the time was up.
 */
export function draining(server: Server, stopping: () => boolean) {
  /** Open connections, and the last that each was answered with. */
  const open = new Map<Socket, ServerResponse | undefined>()
  server.on('connection', (socket) => {
    open.set(socket, undefined)
    socket.once('close', () => open.delete(socket))
  })
  const begin = ({ socket }: IncomingMessage, response: ServerResponse) => {
    open.set(socket, response)
    if (stopping()) response.shouldKeepAlive = false
  }
  server.prependListener('request', begin)
  // Node turns such a request into an ordinary one, unless somebody listens.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', begin)
  const isUnderWay = (response: ServerResponse | undefined): boolean =>
    response !== undefined && !response.writableFinished

  return async function drain(withinMs: number): Promise<number> {
    let cutOff = 0
    const since = performance.now()
    for (const response of open.values())
      if (response && !response.headersSent) response.shouldKeepAlive = false
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const sweeping = setInterval(() => {
      server.closeIdleConnections()
      if (performance.now() - since < graceMs) return
      for (const [socket, response] of open) if (!isUnderWay(response)) socket.destroy()
    }, sweptEveryMs)
    const deadline = setTimeout(() => {
      for (const [socket, response] of open) {
        if (isUnderWay(response)) cutOff++
        socket.destroy()
      }
    }, withinMs)
    await closed
    clearInterval(sweeping)
    clearTimeout(deadline)
    return cutOff
  }
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connectionEvent } from '../connections.ts'
import { Server as NetServer, type Socket } from 'node:net'

const sweptEveryMs = 50
/** How long a connection that has asked nothing yet may still do so: its request may be on its way. */
const graceMs = 1_000

const answer = Symbol('the last answer of a connection')
type Held = Socket & { [answer]?: ServerResponse }

/**
 * Makes a server that can be stopped without losing what it was asked. Node closes connections that are idle when the server is
 * closed, but goes on answering on all others for as long as they ask; so from `retire` on every answer is the last of its
 * connection. `drain` accepts no more, and resolves to how many requests were without a whole answer when the time was up.
 */
export function draining(server: Server) {
  const open = new Set<Held>()
  /** With TLS also those that are still shaking hands. */
  const accepted = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    accepted.add(socket)
    socket.once('close', () => accepted.delete(socket))
  })
  server.on(connectionEvent(server), (socket: Held) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  /** Calls with each request from now on, before all others. */
  const onRequest = (call: (incoming: IncomingMessage, outgoing: ServerResponse) => void) => {
    server.prependListener('request', call)
    // Node turns such a request into an ordinary one, unless somebody listens.
    if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', call)
  }
  // All that a request costs: a stop has to find what is under way.
  onRequest(({ socket }, outgoing) => void ((socket as Held)[answer] = outgoing))
  let retired = false
  function retire(): void {
    if (retired) return
    retired = true
    for (const { [answer]: last } of open)
      if (last && !last.headersSent) last.shouldKeepAlive = false
    onRequest((_, outgoing) => void (outgoing.shouldKeepAlive = false))
  }
  const isUnderWay = ({ [answer]: last }: Held): boolean =>
    last !== undefined && !last.writableFinished

  async function drain(withinMs: number): Promise<number> {
    retire()
    let cutOff = 0
    const since = performance.now()
    // Not by `server.close()`: what Node takes for idle there may be an answer that is ended, but not sent yet.
    const closed = new Promise<void>((resolve) =>
      NetServer.prototype.close.call(server, () => resolve()),
    )
    const sweep = () => {
      // While something is under way, nothing is won by closing what is idle.
      if (!open.values().some(isUnderWay)) server.closeIdleConnections()
      if (performance.now() - since < graceMs) return
      for (const socket of open) if (!isUnderWay(socket)) socket.destroy()
    }
    sweep()
    const sweeping = setInterval(sweep, sweptEveryMs)
    const deadline = setTimeout(() => {
      for (const socket of open) {
        if (isUnderWay(socket)) cutOff++
        socket.destroy()
      }
      for (const socket of accepted) socket.destroy()
    }, withinMs)
    await closed
    clearInterval(sweeping)
    clearTimeout(deadline)
    server.close() // lets Node look after its connections no more
    return cutOff
  }
  return { retire, drain }
}

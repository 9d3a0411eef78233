import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { ndjson } from './body.ts'
import { headProblem, largeHead, mostHeaderBytes } from './head.ts'
import { endWithProblem, readyProblem, sendProblem, type ReadyProblem } from './ready-problem.ts'
import type { Settings } from './settings.ts'

/** What is known of a connection: the last request that came on it, and since when. Times in milliseconds, as coarse as the sweep. */
type Held = {
  incoming?: IncomingMessage
  outgoing?: ServerResponse
  sinceMs: number
  /** When the answer was first seen to be said, but not taken. */
  saidMs: number | undefined
  /** Answers that are not sent yet, in their order; those that are leave when the next request comes. */
  readonly open: ServerResponse[]
  /** It will end with a problem, and it has: we wait for the other side. */
  isFailing: boolean
  isEnded: boolean
}

/** Requests that may come on a connection while none before them is answered; about as many as one read of a socket brings. */
const mostAhead = 100
/** How often connections are looked at, at most. */
const sweepMs = 1_000

const notHttp = readyProblem('bad-request', 'expected HTTP/1.1, got bytes that are none')
const late = readyProblem('timeout', 'expected the whole request sooner')
const tooManyAhead = readyProblem(
  'unavailable',
  `expected at most ${mostAhead} requests on a connection before the first is answered`,
  { connection: 'close', 'retry-after': '1' },
)
const noTunnel = readyProblem('method-not-allowed', 'expected POST or GET, got CONNECT', {
  allow: 'GET, HEAD, POST',
})
const strangeExpectation = readyProblem('expectation-failed', 'expected Expect: 100-continue', {
  connection: 'close',
})

const problemOfCode: Readonly<Record<string, ReadyProblem>> = {
  HPE_HEADER_OVERFLOW: largeHead,
  ERR_HTTP_REQUEST_TIMEOUT: late,
}

/** The part of the bounds that Node's server has a setting for. Its own limit on whole requests would also end long streams. */
export const connectionOptions = (settings: Settings) => ({
  headersTimeout: settings.headersTimeout,
  requestTimeout: 0,
  keepAliveTimeout: settings.keepAliveTimeout,
  maxHeaderSize: mostHeaderBytes,
  connectionsCheckingInterval: intervalMs(settings),
  requireHostHeader: false, // we refuse it, with a problem
})

/** Short enough that a deadline is never missed by more than half of it. */
const intervalMs = ({ headersTimeout, requestTimeout }: Settings): number =>
  Math.min(sweepMs, headersTimeout / 2, requestTimeout / 2)

/**
 * Puts a bound on what each connection may take, beyond Node's own, and answers what is no request with a problem. Once every
 * interval all connections are looked at, so that a deadline costs a request no timer. What is given back is to be
 * called with each request first, and says whether it may go on; else it has been answered.
 */
export function boundConnections(
  server: Server,
  settings: Settings,
): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  const all = new Map<Socket, Held>()
  let nowMs = performance.now()

  server.maxConnections = settings.maxConnections
  server.maxHeadersCount = 0 // Node would leave out what is beyond; we refuse it
  server.timeout = settings.idleTimeout
  Object.assign(server, { httpAllowHalfOpen: true }) // who has said all may still be told the answer

  server.on(connectionEvent(server), (socket: Socket) => {
    all.set(socket, {
      sinceMs: nowMs,
      saidMs: undefined,
      open: [],
      isFailing: false,
      isEnded: false,
    })
    socket.on('close', () => all.delete(socket))
  })
  server.on('clientError', (error: Error & { readonly code?: string }, socket) =>
    fail(socket as Socket, problemOfCode[error.code ?? ''] ?? notHttp),
  )
  server.on('connect', ({ socket }) => {
    socket.on('error', () => socket.destroy()) // Node looks after it no more
    if (isOpen(all.get(socket)?.outgoing)) socket.destroy()
    else fail(socket, noTunnel)
  })
  server.on('checkExpectation', (_, outgoing) => sendProblem(outgoing, strangeExpectation))

  const sweeper = setInterval(sweep, intervalMs(settings)).unref()
  server.on('close', () => clearInterval(sweeper))

  return (incoming, outgoing) => {
    const held = all.get(incoming.socket)
    if (held === undefined) return false // closed meanwhile
    while (held.open.length > 0 && !isOpen(held.open[0])) held.open.shift()
    const ahead = held.open.length
    held.open.push(outgoing)
    held.incoming = incoming
    held.outgoing = outgoing
    held.sinceMs = nowMs
    held.saidMs = undefined
    const problem = ahead > mostAhead ? tooManyAhead : headProblem(incoming)
    if (problem) sendProblem(outgoing, problem)
    return problem === undefined
  }

  function sweep(): void {
    nowMs = performance.now()
    for (const [socket, held] of all) {
      const { incoming, outgoing } = held
      if (held.isEnded) socket.destroy()
      else if (incoming === undefined) continue
      else if (!incoming.complete) {
        if (!isStream(incoming) && nowMs - held.sinceMs > settings.requestTimeout)
          fail(socket, late)
      } else if (outgoing?.writableEnded && isOpen(outgoing)) {
        held.saidMs ??= nowMs
        if (nowMs - held.saidMs > settings.requestTimeout) socket.destroy()
      }
    }
  }

  /** Ends a connection, with a problem where that can't be taken for the answer to something else. */
  function fail(socket: Socket, problem: ReadyProblem): void {
    const held = all.get(socket)
    const isAnswering = isOpen(held?.outgoing)
    if (held === undefined || !socket.writable) socket.destroy()
    else if (held.isFailing) return
    else if (isAnswering && held.incoming?.complete) {
      // It is not this request that is wrong, but what came after it.
      held.isFailing = true
      held.outgoing?.once('finish', () => {
        held.isFailing = false
        fail(socket, problem)
      })
    } else if (isAnswering && (isOpen(held.open.at(-2)) || held.outgoing?.headersSent))
      socket.destroy()
    else {
      // What still comes is thrown away until the next sweep; closing at once would take the answer back.
      held.isFailing = true
      held.isEnded = true
      endWithProblem(socket, problem)
    }
  }
}

/** Tells of the sockets that requests come on: with TLS those within the ones that the system has accepted. */
export const connectionEvent = (server: Server): 'connection' | 'secureConnection' =>
  server instanceof TlsServer ? 'secureConnection' : 'connection'

const isOpen = (outgoing: ServerResponse | undefined): boolean =>
  outgoing !== undefined && !outgoing.writableFinished && !outgoing.destroyed

const isStream = ({ headers }: IncomingMessage): boolean =>
  ndjson.test(headers['content-type'] ?? '')

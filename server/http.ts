import { getRequestListener, RequestError } from '@hono/node-server'
import { createServer as createTlsServer } from 'node:https'
import {
  createServer,
  type ServerResponse,
  type IncomingMessage,
  type Server,
  type ServerOptions,
} from 'node:http'
import type { Hono } from 'hono'
import type { Refusal } from './access/refusals.ts'
import { SecuredResponse } from './access/secured-response.ts'
import { wantedBy } from './access/scopes.ts'
import type { SharedText } from './access/shared-text.ts'
import { tlsOptions } from './access/tls.ts'
import { admission } from './admission.ts'
import { noEndpoint } from './app.ts'
import { boundConnections, connectionOptions } from './connections.ts'
import { askingOf, type Asking } from './asking.ts'
import { problem } from './problems.ts'
import { readyProblem, sendProblem } from './ready-problem.ts'
import type { Services } from './services.ts'

const tooMuchToDo = readyProblem('unavailable', 'there is too much to do', { 'retry-after': '1' })

/**
 * The app behind Node's HTTP server, with a bound on all that a connection may take. Who may not ask, and what is turned away because there is too
 * much to do, costs neither the app nor the reading of its body. It does not listen yet.
 */
export function httpServer(
  app: Hono,
  { settings, metrics, decider, access, log }: Services,
  tls?: SharedText,
): Server {
  const own: ServerOptions = {
    ...connectionOptions(settings),
    ServerResponse: SecuredResponse as unknown as typeof ServerResponse, // the types want a generic one
  }
  const server = tls ? tlsServer(tls, own, settings.headersTimeout) : createServer(own)
  const begin = boundConnections(server, settings)
  const failed = (error: unknown): Response => {
    if (error instanceof RequestError)
      return problem('bad-request', error.message, { headers: { connection: 'close' } })
    log(`internal error: ${error instanceof Error ? error.stack : String(error)}`)
    return problem('internal', 'see the log of the service')
  }
  // HTTP/1.0 needs no Host header, the app does.
  const options = { hostname: 'localhost', errorHandler: failed }
  const answer = getRequestListener(app.fetch, options)
  const answerNoEndpoint = getRequestListener(noEndpoint(app).fetch, options)
  const { ask, connected } = admission<ServerResponse>({
    limitMs: settings.waitLimit,
    work(outgoing) {
      if (outgoing.destroyed) return // the caller has gone meanwhile
      if (isContinueWanted(outgoing.req)) outgoing.writeContinue()
      void answer(outgoing.req, outgoing)
    },
    turnAway,
  })

  function turnAway(outgoing: ServerResponse, kind: Asking): void {
    metrics.shed(kind)
    sendProblem(outgoing, tooMuchToDo)
  }

  function take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (!begin(incoming, outgoing)) return
    const wanted = wantedBy(incoming.method!, incoming.url!)
    if (wanted === undefined) return void answerNoEndpoint(incoming, outgoing)
    const refusal = access(incoming, wanted)
    if (refusal instanceof Promise)
      refusal.then(
        (later) => admit(later, incoming, outgoing),
        (error: unknown) => {
          log(`internal error: ${error instanceof Error ? error.stack : String(error)}`)
          sendProblem(outgoing, ourFault)
        },
      )
    else admit(refusal, incoming, outgoing)
  }

  function admit(
    refusal: Refusal | undefined,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): void {
    if (outgoing.destroyed) return // the caller has gone meanwhile
    if (refusal) {
      metrics.noAccess(refusal.reason)
      return sendProblem(outgoing, refusal.problem)
    }
    const url = incoming.url!
    const kind = askingOf(url)
    if (alwaysTold.test(url)) void answer(incoming, outgoing)
    else if (kind === 'single' && decider.isBehind()) turnAway(outgoing, kind)
    else ask(outgoing, kind)
  }
  server.on('request', take)
  server.on('checkContinue', take)
  server.on('connection', connected)
  return server
}

/** Takes up other certificates as soon as their files have changed. */
function tlsServer(tls: SharedText, own: ServerOptions, handshakeTimeout: number): Server {
  const { options, stop } = tlsOptions(tls, (changed) => server.setSecureContext(changed))
  const server = createTlsServer({ ...own, ...options, handshakeTimeout })
  server.on('close', stop)
  return server
}

const ourFault = readyProblem('internal', 'see the log of the service')

/** How the service is, and what operators ask of it, however much there is to do: a rule may be what makes it too much. */
const alwaysTold =
  /^\/(?:livez|readyz|metrics|v1\/status|v1\/rule-set\/(?:reload|activate|rollback|revisions))(?:\?|$)/

/** Node has refused all other expectations. */
const isContinueWanted = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.expect !== undefined && httpVersion === '1.1'

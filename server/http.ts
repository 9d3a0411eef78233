import { getRequestListener, RequestError } from '@hono/node-server'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Hono } from 'hono'
import { admission } from './admission.ts'
import { boundConnections, connectionOptions } from './connections.ts'
import { problem } from './problems.ts'
import { readyProblem, sendProblem } from './ready-problem.ts'
import type { Services } from './services.ts'

const tooMuchToDo = readyProblem('unavailable', 'there is too much to do', { 'retry-after': '1' })

/**
 * The app behind Node's HTTP server, with a bound on all that a connection may take. What is turned away because there is too
 * much to do costs neither the app nor the reading of its body. It does not listen yet.
 */
export function httpServer(app: Hono, { settings, metrics }: Services): Server {
  const server = createServer(connectionOptions(settings))
  const begin = boundConnections(server, settings)
  const admit = admission(settings.waitLimit)
  const listener = getRequestListener(app.fetch, {
    errorHandler: (error) =>
      error instanceof RequestError
        ? problem('bad-request', error.message)
        : problem('internal', 'see the log of the service'),
  })

  function isTurnedAway(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    if (!begin(incoming, outgoing)) return true
    if (incoming.method !== 'POST') return false // only decisions are posted; health, metrics and rules are always told
    const kind = incoming.url!.includes('/batch') ? 'batch' : 'single'
    if (admit(kind)) return false
    metrics.shed(kind)
    sendProblem(outgoing, tooMuchToDo)
    return true
  }

  server.on('request', (incoming, outgoing) => {
    if (!isTurnedAway(incoming, outgoing)) void listener(incoming, outgoing)
  })
  server.on('checkContinue', (incoming, outgoing) => {
    if (isTurnedAway(incoming, outgoing)) return
    outgoing.writeContinue()
    void listener(incoming, outgoing)
  })
  return server
}

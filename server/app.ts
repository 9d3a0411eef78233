import { Hono } from 'hono'
import { Unavailable } from '../engine/index.ts'
import { askingOf } from './asking.ts'
import { problem } from './problems.ts'
import { batchRoutes } from './routes/batch.ts'
import { contractRoutes } from './routes/contract.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { docsRoutes } from './routes/docs.ts'
import { explainRoutes } from './routes/explain.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { problemRoutes } from './routes/problems.ts'
import { ruleSetRoutes } from './routes/rule-set.ts'
import { ruleSetsRoutes } from './routes/rule-sets.ts'
import { shadowRoutes } from './routes/shadow.ts'
import type { Services } from './services.ts'

const retryAfterSeconds = '1'

/** The service as a value: mounts the route groups and turns errors into problems. It never listens. */
export function createApp(services: Services): Hono {
  const app = new Hono()
  for (const routes of [
    decisionRoutes(services),
    batchRoutes(services),
    explainRoutes(services),
    ruleSetRoutes(services),
    ruleSetsRoutes(services),
    shadowRoutes(services),
    healthRoutes(services),
    metricsRoutes(services),
    problemRoutes(),
    contractRoutes(),
    docsRoutes(),
  ])
    app.route('/', routes)

  // Apart from the app: a route with a second handler is walked through as a chain of middleware, which costs more than deciding.
  const others = noEndpoint(app)
  app.notFound((c) => others.fetch(c.req.raw))

  app.onError((error, c) => {
    if (error instanceof Unavailable) {
      services.metrics.shed(askingOf(c.req.path))
      return problem('unavailable', error.message, {
        headers: { 'retry-after': retryAfterSeconds },
      })
    }
    if (isAborted(error)) return problem('invalid-json', 'the body ended early')
    services.log(`internal error: ${error.stack ?? error.message}`)
    return problem('internal', 'see the log of the service')
  })
  return app
}

/** Answers what is no endpoint of an app, and reaches none. */
export function noEndpoint({ routes }: Hono): Hono {
  const others = new Hono()
  for (const path of new Set(routes.map((route) => route.path)))
    others.all(path, (c) => {
      const methods = routes.filter((route) => route.path === path).map(({ method }) => method)
      const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      if (allowed.includes(c.req.method))
        return problem('not-found', `expected ${path}, written in no other way`)
      const allow = allowed.join(', ')
      return problem('method-not-allowed', `expected ${allow}, got ${c.req.method}`, {
        headers: { allow },
      })
    })
  others.notFound((c) => problem('not-found', `no endpoint at ${c.req.path.slice(0, 200)}`))
  return others
}

/** The caller hung up; nobody reads the answer, and nothing is wrong here. */
const isAborted = (error: Error): boolean =>
  error.name === 'AbortError' ||
  error.message === 'aborted' ||
  ('code' in error && error.code === 'ECONNRESET')

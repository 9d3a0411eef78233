import { Hono } from 'hono'
import type { Services } from '../services.ts'

/** `GET /livez`: the process answers. `GET /readyz`: it may be sent sign-ins, which is not so while it starts or stops. */
export function healthRoutes({ settings, live, lastReload, decider, isReady }: Services): Hono {
  return new Hono()
    .get('/livez', (c) => c.json({ status: 'live' }))
    .get('/readyz', (c) => {
      if (!isReady()) return c.json({ status: 'not ready' }, 503)
      if (settings.pool === 'pooled' && decider.state().threads === 0)
        return c.json({ status: 'no worker thread' }, 503) // nobody else decides
      const { id, revision } = live().ruleSet
      const last = lastReload()
      return c.json({
        status: 'ready',
        ruleSet: { id, revision },
        ...(last && { lastReload: last }), // one that failed is no reason to be sent nothing
      })
    })
}

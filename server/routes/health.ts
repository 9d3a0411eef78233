import { Hono } from 'hono'
import type { Services } from '../services.ts'

/** `GET /livez`: the process answers. `GET /readyz`: it may be sent sign-ins. */
export function healthRoutes({ pack, isReady }: Services): Hono {
  const { id, revision } = pack.ruleSet
  return new Hono()
    .get('/livez', (c) => c.json({ status: 'live' }))
    .get('/readyz', (c) =>
      isReady()
        ? c.json({ status: 'ready', ruleSet: { id, revision } })
        : c.json({ status: 'stopping' }, 503),
    )
}

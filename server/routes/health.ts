import { Hono } from 'hono'
import { isReadyBy, type Checks } from '../readiness.ts'
import type { Services } from '../services.ts'

/**
 * `GET /livez`: the process answers. `GET /readyz`: it may be sent sign-ins, which is not so while it starts or stops; and which checks
 * hold, of which not all are needed for that.
 */
export function healthRoutes(services: Services): Hono {
  const { settings, live, lastReload, bundle, decider, isReady, listenersUp, logState } = services
  return new Hono()
    .get('/livez', (c) => c.json({ status: 'live' }))
    .get('/readyz', (c) => {
      const last = lastReload()
      const pulling = bundle()
      const log = logState()
      const checks: Checks = {
        accepting: isReady(),
        threads: decider.state().threads > 0,
        listeners: listenersUp() === settings.listeners,
        lastReload: last?.ok ?? true,
        decisionLog: log?.isWritten ?? true,
      }
      const ready = isReadyBy(checks, settings, log)
      const { id, revision } = live().ruleSet
      return c.json(
        {
          status: ready ? 'ready' : 'not ready',
          checks,
          ruleSet: { id, revision },
          ...(last && { lastReload: last }),
          ...(pulling && {
            bundle: {
              ...pulling,
              lastSuccess:
                pulling.lastSuccess === 0 ? null : new Date(pulling.lastSuccess).toISOString(),
            },
          }),
        },
        ready ? 200 : 503,
      )
    })
}

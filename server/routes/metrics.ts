import { Hono } from 'hono'
import type { Services } from '../services.ts'

/** `GET /metrics`: what the service tells of itself, in the text format of Prometheus. */
export function metricsRoutes({ metrics }: Services): Hono {
  return new Hono().get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  )
}

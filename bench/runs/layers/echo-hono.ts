import { serve } from '@hono/node-server'
import { Hono } from 'hono'

/** The same through the framework that the service is made with, and nothing else. */
const app = new Hono()
app.post('/v1/decisions', async (c) => c.json(await c.req.json()))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

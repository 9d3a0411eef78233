import { Hono } from 'hono'
import type { Asked } from '../body.ts'
import { commandBody } from '../command-body.ts'
import { controlledResponse } from '../controlled-response.ts'
import type { Services } from '../services.ts'

const revision = { expected: 'a revision that is kept, or its first digits, as a text' }

/** What operators ask about the rules of a running service, and of it: each is done by the main thread. */
export function ruleSetsRoutes({ control }: Services): Hono {
  const routes = new Hono()
  for (const [name, members] of [
    ['reload', {}],
    ['activate', { revision }],
    ['rollback', {}],
  ] as const)
    routes.post(`/v1/rule-set/${name}`, async (c: Asked) => {
      const body = await commandBody(c, members)
      return body instanceof Response ? body : controlledResponse(await control(name, body))
    })
  return routes
    .get('/v1/rule-set/revisions', async () => controlledResponse(await control('revisions')))
    .get('/v1/status', async () => controlledResponse(await control('status')))
}

import { Hono } from 'hono'
import type { Asked } from '../body.ts'
import { commandBody } from '../command-body.ts'
import { controlledResponse } from '../controlled-response.ts'
import type { Services } from '../services.ts'

const revision = { expected: 'the revision of the candidate, as a text', optional: true } as const

/** `GET /v1/shadow`: what would have been decided otherwise; `POST /v1/shadow/promote`: lets the candidate decide. */
export const shadowRoutes = ({ control }: Services): Hono =>
  new Hono()
    .get('/v1/shadow', async () => controlledResponse(await control('shadow')))
    .post('/v1/shadow/promote', async (c: Asked) => {
      const body = await commandBody(c, { revision })
      return body instanceof Response ? body : controlledResponse(await control('promote', body))
    })

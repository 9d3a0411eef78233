import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { openApi } from '../contract/open-api.ts'

/** `GET /openapi.json`: the description of the service. */
export function contractRoutes(): Hono {
  let made: { readonly text: string; readonly etag: string } | undefined
  return new Hono().get('/openapi.json', (c) => {
    made ??= withTag(JSON.stringify(openApi()))
    const { text, etag } = made
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag })
    return c.body(text, 200, { 'content-type': 'application/json', etag })
  })
}

const withTag = (text: string) => ({
  text,
  etag: `"${createHash('sha256').update(text).digest('base64url')}"`,
})

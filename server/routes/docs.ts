import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { docsPage } from '../pages/docs.ts'
import { pageHeaders } from '../pages/page.ts'

type Script = { readonly plain: Uint8Array; readonly packed: Uint8Array; readonly tag: string }

/** `GET /docs`: the endpoints for people, to be read and tried. It loads nothing from elsewhere. */
export function docsRoutes(): Hono {
  let script: Promise<Script> | undefined
  return new Hono()
    .get('/docs', (c) => c.body(docsPage.html, 200, pageHeaders(docsPage)))
    .get('/docs/rapidoc.js', async (c) => {
      // Read for the first who looks; a service that nobody reads about does without.
      const { plain, packed, tag } = await (script ??= readScript())
      const isPacked = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      const etag = `"${tag}${isPacked ? '-gzip' : ''}"`
      const headers = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' }
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
      return c.body(Uint8Array.from(isPacked ? packed : plain), 200, {
        ...headers,
        'content-type': 'text/javascript; charset=utf-8',
        'x-content-type-options': 'nosniff',
        ...(isPacked && { 'content-encoding': 'gzip' }),
      })
    })
}

async function readScript(): Promise<Script> {
  const read = (name: string) => readFile(new URL(import.meta.resolve(`rapidoc/dist/${name}`)))
  const [plain, packed] = await Promise.all([read('rapidoc-min.js'), read('rapidoc-min.js.gz')])
  return { plain, packed, tag: createHash('sha256').update(plain).digest('base64url') }
}

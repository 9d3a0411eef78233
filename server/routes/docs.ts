import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Hono } from 'hono'
import { docsPage } from '../pages/docs.ts'
import { pageHeaders } from '../pages/page.ts'

type Script = { readonly packed: Uint8Array<ArrayBuffer>; readonly tag: string }
const unpacked = promisify(gunzip)

/** `GET /docs`: the endpoints for people, to be read and tried. It loads nothing from elsewhere. */
export function docsRoutes(): Hono {
  let script: Promise<Script> | undefined
  return new Hono()
    .get('/docs', (c) => c.body(docsPage.html, 200, pageHeaders(docsPage)))
    .get('/docs/rapidoc.js', async (c) => {
      // Read for the first who looks; a service that nobody reads about does without.
      const { packed, tag } = await (script ??= readScript())
      const isPacked = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      const etag = `"${tag}${isPacked ? '-gzip' : ''}"`
      const headers = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' }
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
      return c.body(isPacked ? packed : Uint8Array.from(await unpacked(packed)), 200, {
        ...headers,
        'content-type': 'text/javascript; charset=utf-8',
        'x-content-type-options': 'nosniff',
        ...(isPacked && { 'content-encoding': 'gzip' }),
      })
    })
}

/** Built, it lies beside the pages (`packaging/build.ts`), so that nothing of RapiDoc is installed but this. */
const script = () =>
  import.meta.url.endsWith('.ts')
    ? import.meta.resolve('rapidoc/dist/rapidoc-min.js.gz')
    : new URL('../pages/rapidoc/rapidoc-min.js.gz', import.meta.url)

async function readScript(): Promise<Script> {
  const packed = Uint8Array.from(await readFile(new URL(script())))
  return { packed, tag: createHash('sha256').update(packed).digest('base64url') }
}

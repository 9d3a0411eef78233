import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { SecuredResponse } from './secured-response.ts'

/** Every way in which a head can be written. */
const ways: Readonly<Record<string, (outgoing: SecuredResponse) => unknown>> = {
  '/implicit': (outgoing) => outgoing.setHeader('x', '1'),
  '/status': (outgoing) => outgoing.writeHead(200),
  '/object': (outgoing) => outgoing.writeHead(200, { X: '1', 'Set-Cookie': ['a', 'b'] }),
  '/names': (outgoing) => outgoing.writeHead(200, ['x', '1']),
  '/message': (outgoing) => outgoing.writeHead(200, 'Fine', { x: '1' }),
  '/kept': (outgoing) => outgoing.writeHead(200, { 'Cache-Control': 'max-age=60' }),
  '/etag': (outgoing) => outgoing.writeHead(200, ['ETag', '"1"']),
  '/page': (outgoing) => outgoing.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }),
  '/own-policy': (outgoing) =>
    outgoing.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': "default-src 'none'",
    }),
}
const server = createServer({ ServerResponse: SecuredResponse }, (incoming, outgoing) => {
  ways[incoming.url!]!(outgoing)
  outgoing.end('x')
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())

test.each(Object.keys(ways))('an answer by %s is secured', async (path) => {
  const { port } = server.address() as AddressInfo
  const { headers, status } = await fetch(`http://127.0.0.1:${port}${path}`)
  expect(status).toBe(200)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  const caching = path === '/kept' ? 'max-age=60' : path === '/etag' ? null : 'no-store'
  expect(headers.get('cache-control')).toBe(caching)
  const policy = headers.get('content-security-policy')
  if (path === '/page') expect(policy).toMatch(/frame-ancestors 'none'/)
  else expect(policy).toBe(path === '/own-policy' ? "default-src 'none'" : null)
  if (path === '/object') expect(headers.getSetCookie()).toEqual(['a', 'b'])
  if (path === '/implicit') expect(headers.get('x')).toBe('1')
})

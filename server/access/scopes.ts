/** What a credential may be good for. None implies another. */
export const scopes = ['decide', 'explain', 'metrics', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** What is asked of a caller: nothing, or a scope. */
export type Wanted = Scope | 'none'

/** Every endpoint of the service, and what it wants. What is not in here is not reached, whatever the app mounts. */
export const endpoints: Readonly<Record<string, Readonly<Record<string, Wanted>>>> = {
  '/v1/decisions': { POST: 'decide' },
  '/v1/decisions/batch': { POST: 'decide' },
  '/v1/decisions/explain': { POST: 'explain' },
  '/v1/rule-set': { GET: 'explain' },
  '/v1/rule-set/revisions': { GET: 'admin' },
  '/v1/rule-set/reload': { POST: 'admin' },
  '/v1/rule-set/activate': { POST: 'admin' },
  '/v1/rule-set/rollback': { POST: 'admin' },
  '/v1/shadow': { GET: 'admin' },
  '/v1/shadow/promote': { POST: 'admin' },
  '/v1/status': { GET: 'metrics' },
  '/metrics': { GET: 'metrics' },
  '/livez': { GET: 'none' },
  '/readyz': { GET: 'none' },
  '/problems': { GET: 'none' },
  '/problems/:name': { GET: 'none' },
  '/openapi.json': { GET: 'none' },
  '/docs': { GET: 'none' },
  '/docs/rapidoc.js': { GET: 'none' },
}

const wanted = new Map(
  Object.entries(endpoints).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, scope]): [string, Wanted][] => [
      [`${method} ${path}`, scope],
      ...(method === 'GET' ? [[`HEAD ${path}`, scope] as [string, Wanted]] : []),
    ]),
  ),
)
const named = /^\/problems\/[\w-]{1,64}$/

/**
 * What a request wants; undefined for what is no endpoint. Paths are compared as they came: one that is only another spelling of
 * an endpoint (`/v1/rule%2Dset`, `//livez`) is none, so that nobody can read it otherwise than it was checked.
 */
export function wantedBy(method: string, url: string): Wanted | undefined {
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  return wanted.get(`${method} ${named.test(path) ? '/problems/:name' : path}`)
}

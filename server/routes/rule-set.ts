import { Hono } from 'hono'
import type { Services } from '../services.ts'

/** `GET /v1/rule-set`: what decides, under which revision, with where each rule comes from. */
export function ruleSetRoutes({ pack }: Services): Hono {
  const { ruleSet, controls, sources, overrides, cases, invariants } = pack
  const etag = `"${ruleSet.revision}"`
  const body = JSON.stringify({
    id: ruleSet.id,
    title: ruleSet.title,
    revision: ruleSet.revision,
    description: pack.description,
    controls,
    sources,
    customFacts: ruleSet.customFacts,
    assumptions: ruleSet.assumptions,
    overrides,
    conditions: ruleSet.conditions,
    rules: ruleSet.rules,
    cases: cases.length,
    invariants: invariants.map(({ name, title }) => ({ name, title })),
  })
  return new Hono().get('/v1/rule-set', (c) => {
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag })
    return c.body(body, 200, { 'content-type': 'application/json', etag })
  })
}

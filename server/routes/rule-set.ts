import { Hono } from 'hono'
import type { Pack } from '../../engine/index.ts'
import type { Services } from '../services.ts'

/** `GET /v1/rule-set`: what decides, under which revision, with where each rule comes from. */
export function ruleSetRoutes({ live }: Services): Hono {
  const shown = new WeakMap<Pack, string>()
  return new Hono().get('/v1/rule-set', (c) => {
    const pack = live()
    const etag = `"${pack.ruleSet.revision}"`
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag })
    const body = shown.get(pack) ?? JSON.stringify(ruleSetBody(pack))
    shown.set(pack, body)
    return c.body(body, 200, { 'content-type': 'application/json', etag })
  })
}

function ruleSetBody({
  ruleSet,
  description,
  controls,
  sources,
  overrides,
  cases,
  invariants,
}: Pack) {
  return {
    id: ruleSet.id,
    title: ruleSet.title,
    revision: ruleSet.revision,
    description,
    controls,
    sources,
    customFacts: ruleSet.customFacts,
    assumptions: ruleSet.assumptions,
    overrides,
    conditions: ruleSet.conditions,
    rules: ruleSet.rules,
    reportRules: ruleSet.reportRules,
    cases: cases.length,
    invariants: invariants.map(({ name, title }) => ({ name, title })),
  }
}

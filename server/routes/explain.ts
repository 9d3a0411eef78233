import { Hono } from 'hono'
import { explainer, type Explain, type Pack } from '../../engine/index.ts'
import { readBody, refusal, type Asked } from '../body.ts'
import { problem, questionProblem } from '../problems.ts'
import type { Services } from '../services.ts'

/**
 * `POST /v1/decisions/explain`: why one sign-in would be decided as it is. Nobody signs in: its decision has no id, stands one level
 * deeper than that of a sign-in, is counted apart, and no observer takes note of it.
 */
export function explainRoutes({ settings, live, decider, clock, metrics }: Services): Hono {
  const explainers = new WeakMap<Pack, Explain>()
  return new Hono().post('/v1/decisions/explain', async (c: Asked) => {
    const body = refusal(c, settings.bodyLimit, ['json']) ?? (await readBody(c, settings.bodyLimit))
    if (body instanceof Response) return body
    const pack = live()
    const explain = explainers.get(pack) ?? explainer(pack)
    explainers.set(pack, explain)
    const now = clock()
    const explained = await explain(decider.decide, body, now)
    if ('faults' in explained) {
      const { name, detail } = questionProblem(explained.faults)
      return problem(name, detail, { faults: explained.faults })
    }
    metrics.explained()
    const { json, explanation } = explained
    const evaluatedAt = JSON.stringify(new Date(now))
    const text = `{"decision":{"evaluatedAt":${evaluatedAt},${json.slice(1)},${JSON.stringify(explanation).slice(1)}`
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  })
}

import { Hono, type Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { readBody, refusal } from '../body.ts'
import { isPlainlySent, readPlainBody } from '../plain-body.ts'
import { problem, questionProblem } from '../problems.ts'
import { withId } from '../with-id.ts'
import type { Services } from '../services.ts'

/** Missing where the app is asked without an adapter. */
type Asked = { Bindings: Partial<HttpBindings> }

/** `POST /v1/decisions`: one sign-in. */
export function decisionRoutes({ settings, decider, clock, metrics }: Services): Hono {
  const routes = new Hono()

  // Not an async function: each promise less on this path shows in what a decision costs.
  routes.post('/v1/decisions', (c: Context<Asked>) => {
    const { incoming, outgoing } = c.env ?? {}
    if (!incoming || !outgoing || !isPlainlySent(incoming, settings.bodyLimit)) return readLong(c)
    return new Promise<Response>((resolve, reject) => {
      readPlainBody(incoming, (body) => {
        try {
          resolve(decideAtOnce(body, outgoing) ? RESPONSE_ALREADY_SENT : decide(body))
        } catch (error) {
          reject(error)
        }
      })
    })
  })

  function decideAtOnce(body: Uint8Array, outgoing: HttpBindings['outgoing']): boolean {
    const now = clock()
    const answer = decider.atOnce(body, now)
    if (answer === undefined) return false
    metrics.decided(answer.outcome)
    const text = withId(answer.json, now)
    outgoing.writeHead(200, [
      'content-type',
      'application/json',
      'content-length',
      String(Buffer.byteLength(text)),
    ])
    outgoing.end(text)
    return true
  }

  async function readLong(c: Context): Promise<Response> {
    const body = refusal(c, settings.bodyLimit, ['json']) ?? (await readBody(c, settings.bodyLimit))
    return body instanceof Response ? body : decide(body)
  }

  async function decide(body: Uint8Array): Promise<Response> {
    const now = clock()
    const [answer] = await decider.decide([body], now)
    if (answer === undefined) throw new TypeError('the decider gave no answer')
    if ('faults' in answer) {
      const { name, detail } = questionProblem(answer.faults)
      return problem(name, detail, { faults: answer.faults })
    }
    metrics.decided(answer.outcome)
    return new Response(withId(answer.json, now), {
      headers: { 'content-type': 'application/json' },
    })
  }

  return routes
}

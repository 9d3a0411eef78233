import { Hono, type Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { readBody, refusal } from '../body.ts'
import { isPlainlySent, readPlainBody } from '../plain-body.ts'
import { problem, questionProblem } from '../problems.ts'
import type { Services } from '../services.ts'

/** Missing where the app is asked without an adapter. */
type Asked = { Bindings: Partial<HttpBindings> }

/** `POST /v1/decisions`: one sign-in. */
export function decisionRoutes({ settings, decider, clock, telling }: Services): Hono {
  const routes = new Hono()

  // Not an async function: each promise less on this path shows in what a decision costs.
  routes.post('/v1/decisions', (c: Context<Asked>) => {
    const { incoming, outgoing } = c.env ?? {}
    if (!incoming || !outgoing || !isPlainlySent(incoming, settings.bodyLimit)) return readLong(c)
    return new Promise<Response>((resolve, reject) => {
      readPlainBody(incoming, (body) => {
        try {
          resolve(decideAtOnce(body, incoming, outgoing) ?? decide(body, traceOf(incoming)))
        } catch (error) {
          reject(error)
        }
      })
    })
  })

  function decideAtOnce(
    body: Uint8Array,
    incoming: HttpBindings['incoming'],
    outgoing: HttpBindings['outgoing'],
  ): Response | Promise<Response> | undefined {
    const now = clock()
    const start = performance.now()
    const answer = decider.atOnce(body, now)
    if (answer === undefined) return undefined
    const durationMs = performance.now() - start
    const text = telling.tell(answer, { body, now, durationMs, trace: traceOf(incoming) })
    const noted = telling.noted()
    if (noted !== undefined) return noted.then(() => send(text, outgoing))
    return send(text, outgoing)
  }

  function send(text: string, outgoing: HttpBindings['outgoing']): Response {
    outgoing.writeHead(200, [
      'content-type',
      'application/json',
      'content-length',
      String(Buffer.byteLength(text)),
    ])
    outgoing.end(text)
    return RESPONSE_ALREADY_SENT
  }

  async function readLong(c: Context): Promise<Response> {
    const body = refusal(c, settings.bodyLimit, ['json']) ?? (await readBody(c, settings.bodyLimit))
    return body instanceof Response ? body : decide(body, c.req.header('traceparent'))
  }

  async function decide(body: Uint8Array, trace: string | undefined): Promise<Response> {
    const now = clock()
    const start = performance.now()
    const [answer] = await decider.decide([body], now)
    if (answer === undefined) throw new TypeError('the decider gave no answer')
    if ('faults' in answer) {
      const { name, detail } = questionProblem(answer.faults)
      return problem(name, detail, { faults: answer.faults })
    }
    const durationMs = performance.now() - start
    const text = telling.tell(answer, { body, now, durationMs, trace })
    await telling.noted()
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }

  return routes
}

const traceOf = ({ headers }: HttpBindings['incoming']): string | undefined => {
  const trace = headers['traceparent']
  return typeof trace === 'string' ? trace : undefined
}

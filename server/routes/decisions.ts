import { randomUUID } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { faultText, Unavailable, type Answer, type Fault } from '../../engine/index.ts'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { isNdjson, lines, membersOf, readText, refusal, textOf, type Line } from '../body.ts'
import { isPlainlySent, readPlainBody } from '../plain-body.ts'
import { isNotJson, problem, problemBody, questionProblem, type ProblemName } from '../problems.ts'
import type { Services } from '../services.ts'

/** Missing where the app is asked without an adapter. */
type Asked = { Bindings: Partial<HttpBindings> }

/** `POST /v1/decisions` (one sign-in) and `POST /v1/decisions/batch` (a JSON array, or NDJSON in and out). */
export function decisionRoutes(services: Services): Hono {
  const { settings, decider, clock, metrics } = services
  const routes = new Hono()

  routes.post('/v1/decisions', async (c: Context<Asked>) => {
    const { incoming, outgoing } = c.env ?? {}
    if (incoming && outgoing && isPlainlySent(incoming, settings.bodyLimit)) {
      const body = await readPlainBody(incoming)
      const now = clock()
      const answer = decider.atOnce(body, now)
      if (answer === undefined) return decideText(textOf(body))
      metrics.decisions[answer.outcome]++
      const text = withId(answer.json, now)
      outgoing.writeHead(200, [
        'content-type',
        'application/json',
        'content-length',
        String(Buffer.byteLength(text)),
      ])
      outgoing.end(text)
      return RESPONSE_ALREADY_SENT
    }
    const refused = refusal(c, settings.bodyLimit, ['json'])
    return refused ?? decideText(await readText(c, settings.bodyLimit))
  })

  async function decideText(text: string | Response): Promise<Response> {
    if (typeof text !== 'string') return text
    const now = clock()
    const [answer] = await decider.decide([text], now)
    if (answer === undefined) throw new TypeError('the decider gave no answer')
    if ('faults' in answer) {
      const { name, detail } = questionProblem(answer.faults)
      return problem(name, detail, { faults: answer.faults })
    }
    metrics.decisions[answer.outcome]++
    return new Response(withId(answer.json, now), {
      headers: { 'content-type': 'application/json' },
    })
  }

  routes.post('/v1/decisions/batch', async (c) => {
    const ndjson = isNdjson(c)
    const refused = refusal(c, ndjson ? Infinity : settings.batchBodyLimit, ['json', 'ndjson'])
    if (refused) return refused
    return ndjson ? stream(c) : batch(c)
  })

  /** All or nothing as to being JSON and to availability; one by one as to what is wrong with a sign-in. */
  async function batch(c: Context): Promise<Response> {
    const text = await readText(c, settings.batchBodyLimit)
    if (typeof text !== 'string') return text
    const signIns = membersOf(text)
    if (signIns === undefined) {
      const name = text.trimStart().startsWith('[') ? 'invalid-json' : 'invalid-sign-in'
      const [expected, got] = ['a JSON array of sign-ins', 'something else']
      return problem(name, `expected ${expected}`, { faults: [{ pointer: '', expected, got }] })
    }
    if (signIns.length > settings.batchLimit)
      return problem(
        'too-large',
        `expected at most ${settings.batchLimit} sign-ins, got ${signIns.length}; send them in parts, or as NDJSON`,
      )
    const large = signIns.findIndex((signIn) => signIn.length > settings.bodyLimit)
    if (large >= 0)
      return problem(
        'too-large',
        `member ${large}: expected at most ${settings.bodyLimit} characters`,
      )
    const now = clock()
    const answers = await decider.decide(signIns, now)
    const broken = answers.findIndex((answer) => 'faults' in answer && isNotJson(answer.faults))
    if (broken >= 0) {
      const { faults } = answers[broken] as { faults: readonly [Fault] }
      return problem('invalid-json', `member ${broken}: ${faultText(faults[0])}`)
    }
    return c.body(`[${answers.map((answer, index) => item(answer, now, index)).join(',')}]`, 200, {
      'content-type': 'application/json',
    })
  }

  /** A line out for every line in that is not empty, as they come; the caller's reading sets the pace. */
  function stream(c: Context): Response {
    const body = ReadableStream.from(
      decideLines(c.req.raw.body ?? new ReadableStream()),
    ).pipeThrough(new TextEncoderStream())
    return c.body(body, 200, { 'content-type': 'application/x-ndjson' })
  }

  async function* decideLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    for await (const { lines: known, end } of lines(
      body,
      settings.bodyLimit,
      settings.batchLimit,
    )) {
      const now = clock()
      const answered = await decideChunk(known, now)
      if (end) {
        const expected =
          end.why === 'too-large' ? `lines of at most ${settings.bodyLimit} characters` : 'UTF-8'
        answered.push(
          itemProblem(end.why, `expected ${expected}; nothing after this was read`, end.index),
        )
      }
      yield answered.map((line) => `${line}\n`).join('')
    }
  }

  async function decideChunk(known: readonly Line[], now: number): Promise<string[]> {
    try {
      const answers = await decider.decide(
        known.map(({ text }) => text),
        now,
      )
      return answers.map((answer, at) => item(answer, now, known[at]!.index))
    } catch (error) {
      if (!(error instanceof Unavailable)) services.log(`internal error: ${String(error)}`)
      const [name, detail] =
        error instanceof Unavailable
          ? (['unavailable', error.message] as const)
          : (['internal', 'see the log of the service'] as const)
      return known.map(({ index }) => itemProblem(name, detail, index))
    }
  }

  /** One member of a batch's answer, with its place: a decision, or a problem with pointers into its own sign-in. */
  function item(answer: Answer, now: number, index: number): string {
    if ('json' in answer) {
      metrics.decisions[answer.outcome]++
      return withId(answer.json, now, `"index":${index},`)
    }
    const { name, detail } = questionProblem(answer.faults)
    return itemProblem(name, detail, index, answer.faults)
  }

  return routes
}

/** Puts what only the edge knows, who and when, in front of a decision's JSON. */
const withId = (json: string, now: number, index = ''): string =>
  `{${index}"decisionId":"${randomUUID()}","evaluatedAt":"${new Date(now).toISOString()}",${json.slice(1)}`

const itemProblem = (
  name: ProblemName,
  detail: string,
  index: number,
  faults?: readonly Fault[],
): string => JSON.stringify({ index, ...problemBody(name, detail, faults) })

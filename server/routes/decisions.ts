import { randomUUID } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { Unavailable, type Answer, type Fault } from '../../engine/index.ts'
import { isNdjson, lines, readText, refusal } from '../body.ts'
import { problem, problemBody, questionProblem, type ProblemName } from '../problems.ts'
import type { Services } from '../services.ts'

/** `POST /v1/decisions` (one sign-in) and `POST /v1/decisions/batch` (a JSON array, or NDJSON in and out). */
export function decisionRoutes(services: Services): Hono {
  const { settings, decider, clock } = services
  const routes = new Hono()

  routes.post('/v1/decisions', async (c) => {
    const refused = refusal(c, settings.bodyLimit, ['json'])
    if (refused) return refused
    const text = await readText(c, settings.bodyLimit)
    if (typeof text !== 'string') return text
    const now = clock()
    const [answer] = await decider.decide([text], now)
    if (answer === undefined) throw new TypeError('the decider gave no answer')
    if ('faults' in answer) {
      const { name, detail } = questionProblem(answer.faults)
      return problem(name, detail, { faults: answer.faults })
    }
    return c.body(withId(answer.json, now), 200, { 'content-type': 'application/json' })
  })

  routes.post('/v1/decisions/batch', async (c) => {
    const ndjson = isNdjson(c)
    const refused = refusal(c, ndjson ? Infinity : settings.batchBodyLimit, ['json', 'ndjson'])
    if (refused) return refused
    return ndjson ? stream(c) : batch(c)
  })

  /** All or nothing as to availability; one by one as to what is wrong with a sign-in. */
  async function batch(c: Context): Promise<Response> {
    const text = await readText(c, settings.batchBodyLimit)
    if (typeof text !== 'string') return text
    let signIns: unknown
    try {
      signIns = JSON.parse(text)
    } catch {
      return problem('invalid-json', 'expected JSON, got something else')
    }
    if (!Array.isArray(signIns))
      return problem('invalid-sign-in', 'expected an array of sign-ins', {
        faults: [{ pointer: '', expected: 'an array of sign-ins', got: 'something else' }],
      })
    if (signIns.length > settings.batchLimit)
      return problem(
        'too-large',
        `expected at most ${settings.batchLimit} sign-ins, got ${signIns.length}; send them in parts, or as NDJSON`,
      )
    const now = clock()
    const answers = await decider.decide(signIns.map(textOf), now)
    return c.body(`[${answers.map((answer, index) => item(answer, now, index)).join(',')}]`, 200, {
      'content-type': 'application/json',
    })
  }

  /** A line out for every line in, as they come; the caller's reading sets the pace. */
  function stream(c: Context): Response {
    const body = ReadableStream.from(
      decideLines(c.req.raw.body ?? new ReadableStream()),
    ).pipeThrough(new TextEncoderStream())
    return c.body(body, 200, { 'content-type': 'application/x-ndjson' })
  }

  async function* decideLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    let index = 0
    for await (const { lines: texts, tooLong } of lines(body, settings.bodyLimit)) {
      const now = clock()
      let answered: readonly string[]
      try {
        const answers = await decider.decide(texts, now)
        answered = answers.map((answer, offset) => item(answer, now, index + offset))
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        answered = texts.map((_, offset) =>
          itemProblem('unavailable', error.message, index + offset),
        )
      }
      index += texts.length
      if (tooLong)
        answered = [
          ...answered,
          itemProblem(
            'too-large',
            `expected lines of at most ${settings.bodyLimit} characters; nothing after this was read`,
            index,
          ),
        ]
      yield answered.map((line) => `${line}\n`).join('')
    }
  }

  return routes
}

/** A member of a batch as text again; JSON can be read deeper than it can be written, and a sign-in is never deep. */
function textOf(signIn: unknown): string {
  try {
    return JSON.stringify(signIn)
  } catch {
    return '"a value that is nested too deep"'
  }
}

/** Puts what only the edge knows, who and when, in front of a decision's JSON. */
const withId = (json: string, now: number): string =>
  `{"decisionId":"${randomUUID()}","evaluatedAt":"${new Date(now).toISOString()}",${json.slice(1)}`

/** One member of a batch's answer: a decision, or a problem with the pointer into the member's own sign-in. */
function item(answer: Answer, now: number, index: number): string {
  if ('json' in answer) return withId(answer.json, now)
  const { name, detail } = questionProblem(answer.faults)
  return itemProblem(name, detail, index, answer.faults)
}

const itemProblem = (
  name: ProblemName,
  detail: string,
  index: number,
  faults?: readonly Fault[],
): string => JSON.stringify({ ...problemBody(name, detail, faults), index })

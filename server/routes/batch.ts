import { Hono, type Context } from 'hono'
import { faultText, isNotJson, Unavailable, type Answer, type Fault } from '../../engine/index.ts'
import { isNdjson, lines, membersOf, readBody, refusal, type Line } from '../body.ts'
import { problem, problemBody, questionProblem, type ProblemName } from '../problems.ts'
import { withId } from '../with-id.ts'
import type { Services } from '../services.ts'

/** `POST /v1/decisions/batch`: a JSON array of sign-ins, or NDJSON in and out. */
export function batchRoutes({ settings, decider, clock, metrics, log }: Services): Hono {
  /** All or nothing as to being JSON and to availability; one by one as to what is wrong with a sign-in. */
  async function batch(c: Context): Promise<Response> {
    const body = await readBody(c, settings.batchBodyLimit)
    if (body instanceof Response) return body
    const signIns = membersOf(body)
    if (signIns === undefined) {
      const name = startsArray(body) ? 'invalid-json' : 'invalid-sign-in'
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
      return problem('too-large', `member ${large}: expected at most ${settings.bodyLimit} bytes`)
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
    for await (const { lines: known, tooLongAt } of lines(
      body,
      settings.bodyLimit,
      settings.batchLimit,
    )) {
      const answered = await decideChunk(known, clock())
      if (tooLongAt !== undefined) {
        const expected = `expected lines of at most ${settings.bodyLimit} bytes`
        answered.push(
          itemProblem('too-large', `${expected}; nothing after this was read`, tooLongAt),
        )
      }
      yield answered.map((line) => `${line}\n`).join('')
    }
  }

  async function decideChunk(known: readonly Line[], now: number): Promise<string[]> {
    try {
      const answers = await decider.decide(
        known.map(({ bytes }) => bytes),
        now,
      )
      return answers.map((answer, at) => item(answer, now, known[at]!.index))
    } catch (error) {
      if (!(error instanceof Unavailable)) log(`internal error: ${String(error)}`)
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
      metrics.decided(answer.outcome)
      return withId(answer.json, now, `"index":${index},`)
    }
    const { name, detail } = questionProblem(answer.faults)
    return itemProblem(name, detail, index, answer.faults)
  }

  return new Hono().post('/v1/decisions/batch', async (c) => {
    const ndjson = isNdjson(c)
    const limit = ndjson ? Infinity : settings.batchBodyLimit
    return refusal(c, limit, ['json', 'ndjson']) ?? (ndjson ? stream(c) : batch(c))
  })
}

const itemProblem = (
  name: ProblemName,
  detail: string,
  index: number,
  faults?: readonly Fault[],
): string => JSON.stringify({ index, ...problemBody(name, detail, faults) })

const startsArray = (body: Uint8Array): boolean =>
  Buffer.from(body.buffer, body.byteOffset, body.length)
    .toString('latin1', 0, 100)
    .trimStart()
    .startsWith('[')

import { faultText, isNotJson, type Fault } from '../engine/index.ts'

/** Every way in which a request can fail. None of them grants; a block is no failure but a decision, sent with 200. */
export const problems = {
  'invalid-json': {
    status: 400,
    title: 'The body is not JSON',
    help: 'Send one JSON value, in UTF-8.',
  },
  'invalid-sign-in': {
    status: 400,
    title: 'The body is not a sign-in',
    help: '`errors` names what is wrong (the first 20 faults), each with its JSON pointer, what was expected and what came. Facts that may be left out are never among them.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    help: 'The README lists the endpoints.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Not with this method',
    help: 'The Allow header names the right one.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    help: 'The limits are settings of the service; send batches in parts, or as NDJSON.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has the wrong media type',
    help: 'Send application/json, or application/x-ndjson to the batch endpoint, without a Content-Encoding.',
  },
  internal: {
    status: 500,
    title: 'Portcullis failed',
    help: 'A bug of ours. Treat the sign-in as not allowed.',
  },
  unavailable: {
    status: 503,
    title: 'No decision can be made now',
    help: 'The service is overloaded, stopping, or a worker thread was lost. Treat the sign-in as not allowed; ask again after Retry-After seconds.',
  },
} as const

export type ProblemName = keyof typeof problems

/** Problem details (RFC 9457); `errors` members have a JSON pointer each. */
export function problemBody(name: ProblemName, detail: string, faults?: readonly Fault[]) {
  const { status, title } = problems[name]
  return {
    type: `/problems/${name}`,
    title,
    status,
    detail,
    ...(faults && {
      errors: faults.map(({ pointer, expected, got, hint }) => ({
        pointer,
        expected,
        got,
        ...(hint !== undefined && { hint }),
      })),
    }),
  }
}

const names = new WeakMap<Response, ProblemName>()

/** Which problem a response tells of; undefined when it is none. */
export const problemOf = (response: Response): ProblemName | undefined =>
  response.status < 400 ? undefined : names.get(response)

export function problem(
  name: ProblemName,
  detail: string,
  more: { faults?: readonly Fault[]; headers?: Record<string, string> } = {},
): Response {
  const response = new Response(JSON.stringify(problemBody(name, detail, more.faults)), {
    status: problems[name].status,
    headers: { 'content-type': 'application/problem+json', ...more.headers },
  })
  names.set(response, name)
  return response
}

/** Which problem the faults of a question are, and a detail that says the first of them. */
export function questionProblem(faults: readonly [Fault, ...Fault[]]): {
  readonly name: ProblemName
  readonly detail: string
} {
  const [first, ...more] = faults
  const name = isNotJson(faults) ? 'invalid-json' : 'invalid-sign-in'
  return {
    name,
    detail: more.length === 0 ? faultText(first) : `${faultText(first)}; and ${more.length} more`,
  }
}

import { faultText, isNotJson, type Fault } from '../engine/index.ts'

/** Every way in which a request can fail. None of them grants; a block is no failure but a decision, sent with 200. */
export const problems = {
  'bad-request': {
    status: 400,
    title: 'The request is not HTTP',
    help: 'Send HTTP/1.1: one Host, a Content-Length or chunks but not both, lines that end in CR LF. The connection may be closed.',
  },
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
  'invalid-request': {
    status: 400,
    title: 'The body does not say what is wanted',
    help: '`errors` names what is wrong, by JSON pointer, with what was expected and what came. Nothing was done.',
  },
  unauthorized: {
    status: 401,
    title: 'Nobody who may ask',
    help: 'Send Authorization: Bearer TOKEN, with a token that this service knows and that has not expired. docs/access.md tells how to make one.',
  },
  forbidden: {
    status: 403,
    title: 'Not with this credential',
    help: 'The credential is known, but lacks the scope that `detail` names. No scope implies another.',
  },
  'cross-site': {
    status: 403,
    title: 'Not from another site',
    help: 'A browser sent this for a page of another site. Ask from a program, or from a page of this service.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    help: 'The README lists the endpoints.',
  },
  'unknown-revision': {
    status: 404,
    title: 'No such revision is kept',
    help: 'GET /v1/rule-set/revisions lists those that are. Name one of them, or as many of its first digits as tell it from the others.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Not with this method',
    help: 'The Allow header names the right one.',
  },
  'nothing-before': {
    status: 409,
    title: 'No other rule set has decided before',
    help: 'A rollback goes back to the rule set that decided before this one, as long as it is kept (--keep-revisions).',
  },
  'not-the-candidate': {
    status: 409,
    title: 'That rule set is not in the shadow',
    help: 'GET /v1/shadow names the candidate, if there is one (--shadow). Name its whole revision, or none.',
  },
  timeout: {
    status: 408,
    title: 'The request came too slowly',
    help: 'The settings of the service say how long headers and bodies may take. The connection is closed.',
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
  'expectation-failed': {
    status: 417,
    title: 'The expectation can not be met',
    help: 'Expect 100-continue, or nothing.',
  },
  'rule-set-refused': {
    status: 422,
    title: 'The rule set does not go live',
    help: '`errors` names what is wrong, with file, line and column where it is in a file: what can not be read, faults of rules, cases and invariants that fail. What decided before still decides.',
  },
  misdirected: {
    status: 421,
    title: 'Not for this host',
    help: 'Where nobody has to show a credential, the service answers to names of this machine alone: localhost, 127.0.0.1, [::1], and those of the setting --hosts.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests of one credential',
    help: 'Its limit is so many requests a second. Treat the sign-in as not allowed; ask again after Retry-After seconds.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    help: 'Send fewer or shorter ones. The connection is closed.',
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
  'version-not-supported': {
    status: 505,
    title: 'The version of HTTP is not supported',
    help: 'Send HTTP/1.1, or HTTP/1.0.',
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
      errors: faults.map(({ pointer, expected, got, hint, at }) => ({
        pointer,
        expected,
        got,
        ...(hint !== undefined && { hint }),
        ...(at && { at }),
      })),
    }),
  }
}

const watchers = new Set<(name: ProblemName) => void>()

/** Calls back for each problem that the calling thread answers with, by whatever means, until what is returned is called. */
export function watchProblems(watcher: (name: ProblemName) => void): () => void {
  watchers.add(watcher)
  return () => void watchers.delete(watcher)
}

/** To be told of each problem that is answered with. */
export function noteProblem(name: ProblemName): void {
  for (const watcher of watchers) watcher(name)
}

export function problem(
  name: ProblemName,
  detail: string,
  more: { faults?: readonly Fault[]; headers?: Record<string, string> } = {},
): Response {
  noteProblem(name)
  return new Response(JSON.stringify(problemBody(name, detail, more.faults)), {
    status: problems[name].status,
    headers: { 'content-type': 'application/problem+json', ...more.headers },
  })
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

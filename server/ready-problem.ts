import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { always } from './access/secured-response.ts'
import { noteProblem, problemBody, problems, type ProblemName } from './problems.ts'

/** A problem that the server tells instead of the app; made once, since it is told when there is much to do. */
export type ReadyProblem = {
  readonly name: ProblemName
  readonly status: number
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: string[]
  readonly body: string
}

export function readyProblem(
  name: ProblemName,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): ReadyProblem {
  const body = JSON.stringify(problemBody(name, detail))
  const all = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  return { name, status: problems[name].status, headers: Object.entries(all).flat(), body }
}

/** Answers a request whose body nobody has read. A text goes out in one piece with the head. */
export function sendProblem(
  outgoing: ServerResponse,
  { name, status, headers, body }: ReadyProblem,
): void {
  noteProblem(name)
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}

/** Answers on a socket whose bytes are no request, and ends what is sent on it. */
export function endWithProblem(
  socket: Socket,
  { name, status, headers, body }: ReadyProblem,
): void {
  noteProblem(name)
  const lines = [...headers, ...always]
    .map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`))
    .join('')
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}connection: close\r\n\r\n${body}`,
  )
}

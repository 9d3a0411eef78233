import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { ClientError } from './error.ts'
import { mustBeToken, type Options } from './options.ts'

/** What is asked: one request and one answer, with nothing followed and nothing believed. */
export type Question = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Got = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Asks over HTTP or HTTPS, a port or a socket. */
export type Asking = {
  /** Rejects with a `ClientError` when no whole answer came within so many milliseconds. */
  readonly ask: (question: Question, withinMs: number) => Promise<Got>
  readonly close: () => void
}

export function asking({ url, given, mostBytes, connections }: Options): Asking {
  const isSecure = url.protocol === 'https:'
  const kept = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections }
  const agent = isSecure ? new SecureAgent({ ...kept, ...given.tls }) : new Agent(kept)
  const start = isSecure ? secureRequest : request

  async function authorization(): Promise<Readonly<Record<string, string>>> {
    if (given.token === undefined) return {}
    const token = typeof given.token === 'string' ? given.token : await given.token()
    mustBeToken(token)
    return { authorization: `Bearer ${token}` }
  }

  async function ask(question: Question, withinMs: number): Promise<Got> {
    const { method, path, body, headers } = question
    const secret = await authorization().catch((error: unknown) => {
      throw new ClientError('unreachable', 'there is no token to ask with', { cause: error })
    })
    return new Promise<Got>((resolve, reject) => {
      const fail = (error: ClientError): void => {
        clearTimeout(deadline)
        asked.destroy()
        reject(error)
      }
      const asked = start(
        {
          agent,
          method,
          path,
          ...(given.socketPath === undefined
            ? { hostname: url.hostname.replaceAll(/^\[|\]$/g, ''), port: url.port || undefined }
            : { socketPath: given.socketPath }),
          headers: {
            accept: 'application/json, application/problem+json',
            host: url.host,
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...headers,
            ...secret,
          },
        },
        (answer) => {
          const parts: Buffer[] = []
          let bytes = 0
          answer.on('data', (part: Buffer) => {
            bytes += part.length
            parts.push(part)
            if (bytes > mostBytes)
              fail(new ClientError('unexpected', `the answer has more than ${mostBytes} bytes`))
          })
          answer.on('end', () => {
            clearTimeout(deadline)
            if (!answer.complete) return fail(broken('the answer was cut off'))
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: Buffer.concat(parts).toString('utf8'),
            })
          })
          answer.on('error', (error) => fail(broken('the answer was cut off', error)))
        },
      )
      const deadline = setTimeout(
        () => fail(new ClientError('late', `no answer within ${Math.round(withinMs)} ms`)),
        withinMs,
      )
      asked.on('error', (error) => fail(broken(`no connection: ${reasonOf(error)}`, error)))
      asked.end(body)
    })
  }

  return { ask, close: () => agent.destroy() }
}

const broken = (message: string, cause?: Error): ClientError =>
  new ClientError('unreachable', message, cause && { cause })

const reasonOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message

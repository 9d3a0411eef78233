import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import packageJson from '../../package.json' with { type: 'json' }
import { isIP } from 'node:net'
import { isInward, LeadsInward, outward } from './inward.ts'
import { SourceError, tooLarge, type Source } from './source.ts'

export type HttpOptions = {
  readonly mostBytes: number
  /** Milliseconds that a pull may take, redirects and all. */
  readonly timeoutMs: number
  /** Headers of each pull, made anew, for the URL alone that was said; redirects go without. */
  readonly headersFor?: (url: URL, conditional: Headers) => Promise<Headers>
  /** How many redirects are followed. */
  readonly mostRedirects?: number
  /** What an answer that is an error may say of itself, out of the first of its bytes. */
  readonly explain?: (response: IncomingMessage, start: string) => string | undefined
  /** Addresses that a redirect from elsewhere must not lead to; those of this machine, unless a test has others. */
  readonly isInward?: (address: string) => boolean
}
type Headers = Readonly<Record<string, string>>

const mostExplained = 2_048
const isTag = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/

/** A URL. What may be secret in it (a signed query) is not shown. */
export function httpSource(url: URL, options: HttpOptions): Source {
  const { mostBytes, timeoutMs, mostRedirects = 3, headersFor, explain } = options
  const mayNot = options.isInward ?? isInward
  return {
    name: nameOf(url),
    async pull(tag, aborted) {
      const late = AbortSignal.timeout(timeoutMs)
      const signal = AbortSignal.any([aborted, late])
      const conditional: Headers = tag === undefined ? {} : { 'if-none-match': tag }
      let at = url
      let fromElsewhere = false
      try {
        let headers = headersFor ? await headersFor(url, conditional) : conditional
        for (let redirects = 0; ; redirects++) {
          const response = await get(at, headers, signal, fromElsewhere ? mayNot : undefined)
          const { remoteAddress = '' } = response.socket
          const { statusCode = 0 } = response
          if (statusCode === 304 && tag !== undefined) return end(response, 'unchanged' as const)
          if (statusCode === 200) return await whole(response, mostBytes)
          const to = end(response, redirectOf(response, at))
          if (to === undefined) {
            const why = explain ? explain(response, await start(response)) : end(response, '')
            throw new SourceError(
              'answer',
              `expected 200, got ${statusCode}${why ? ` ${why}` : ''}`,
            )
          }
          if (redirects === mostRedirects)
            throw new SourceError('answer', `expected at most ${mostRedirects} redirects, got more`)
          if (at.protocol === 'https:' && to.protocol !== 'https:')
            throw new SourceError('answer', `expected no redirect from https to ${nameOf(to)}`)
          at = to
          headers = conditional
          fromElsewhere ||= !mayNot(remoteAddress)
        }
      } catch (error) {
        if (error instanceof SourceError) throw error
        if (error instanceof LeadsInward)
          throw new SourceError(
            'answer',
            `expected no redirect from elsewhere to this machine or its link, got ${nameOf(at)}`,
          )
        if (late.aborted)
          throw new SourceError('timeout', `expected an answer within ${timeoutMs} ms, got none`)
        throw new SourceError('unreachable', wordsFor(error))
      }
    },
  }
}

export const nameOf = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname}`

/** A connection of its own: one that is kept would be cut off by the time of the next pull. */
const get = (
  url: URL,
  headers: Headers,
  signal: AbortSignal,
  mayNot?: (address: string) => boolean,
) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const address = url.hostname.replace(/^\[|\]$/g, '') // one that is written out is not looked up
    if (mayNot && isIP(address) > 0 && mayNot(address)) throw new LeadsInward()
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    request(url, {
      agent: false,
      signal,
      ...(mayNot && { lookup: outward(mayNot) }),
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': `portcullis/${packageJson.version}`,
        ...headers,
      },
    })
      .once('response', resolve)
      .once('upgrade', (_, socket) => {
        socket.destroy()
        reject(new SourceError('answer', 'expected 200, got 101'))
      })
      .on('error', reject)
      .end()
  })

async function whole(response: IncomingMessage, mostBytes: number) {
  const { 'content-encoding': encoding = 'identity', 'content-length': length } = response.headers
  if (encoding !== 'identity') {
    response.destroy() // unpacking could make anything of it
    throw new SourceError('answer', `expected no content encoding, got ${encoding.slice(0, 20)}`)
  }
  const parts: Buffer[] = []
  let bytes = Number(length ?? 0)
  if (bytes <= mostBytes) {
    bytes = 0
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > mostBytes) break
      parts.push(part)
    }
  }
  if (bytes > mostBytes) {
    response.destroy()
    throw tooLarge(mostBytes)
  }
  const tag = response.headers.etag
  return { bytes: Buffer.concat(parts), ...(tag !== undefined && isTag.test(tag) && { tag }) }
}

/** Nothing more is read of it. */
function end<T>(response: IncomingMessage, value: T): T {
  if (value !== undefined) response.destroy()
  return value
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  const { location } = headers
  if (location === undefined || !URL.canParse(location, from)) return undefined
  const to = new URL(location, from)
  return isWeb(to) ? to : undefined
}

/** A URL of a kind that is pulled, with no password in it. */
export const isWeb = ({ protocol, username, password }: URL): boolean =>
  (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''

async function start(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of response as AsyncIterable<Buffer>) {
    text += part.toString('latin1')
    if (text.length > mostExplained) break
  }
  response.destroy()
  return text.slice(0, mostExplained)
}

/** What the system calls it; never what was sent. */
const wordsFor = (error: unknown): string =>
  error instanceof Error
    ? error instanceof AggregateError && error.errors[0] instanceof Error
      ? error.errors[0].message
      : error.message
    : String(error)

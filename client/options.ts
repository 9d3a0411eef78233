import { didYouMean } from '../engine/fault.ts'

/** How a client asks. */
export type ClientOptions = {
  /** Where the service is; `http` or `https`, without a path. Default: `http://127.0.0.1:8181`. */
  readonly url?: string
  /** Unix socket on which it listens, instead of a port. */
  readonly socketPath?: string
  /** Bearer token, or where to get it for each question. It is never sent unencrypted beyond loopback unless `insecure` is said. */
  readonly token?: string | (() => string | Promise<string>)
  readonly insecure?: boolean
  /** For `https`: who is trusted, and who the client is. PEM. */
  readonly tls?: {
    readonly ca?: string | Buffer
    readonly cert?: string | Buffer
    readonly key?: string | Buffer
    readonly passphrase?: string
    readonly servername?: string
  }
  /** Milliseconds that one attempt may take, the whole answer included. Default: 2,000. */
  readonly timeoutMs?: number
  /** Milliseconds that all attempts may take together, the pauses included. Default: 5,000. */
  readonly deadlineMs?: number
  /** Further attempts after the first. Default: 2. */
  readonly retries?: number
  /** Bytes that an answer may have; more is not believed. Default: 64 MiB. */
  readonly mostBytes?: number
  /** Connections kept at most. Default: 64. */
  readonly connections?: number
  /** Only decisions by this rule set are believed. */
  readonly revision?: string
}

/** The limits of a client. */
export type Limits = Required<
  Pick<ClientOptions, 'timeoutMs' | 'deadlineMs' | 'retries' | 'mostBytes' | 'connections'>
>

const limits: Readonly<Record<keyof Limits, readonly [usual: number, least: number]>> = {
  timeoutMs: [2_000, 1],
  deadlineMs: [5_000, 1],
  retries: [2, 0],
  mostBytes: [67_108_864, 1],
  connections: [64, 1],
}

const names: Readonly<Record<keyof ClientOptions, true>> = {
  url: true,
  socketPath: true,
  token: true,
  insecure: true,
  tls: true,
  timeoutMs: true,
  deadlineMs: true,
  retries: true,
  mostBytes: true,
  connections: true,
  revision: true,
}
const tlsNames: Readonly<Record<keyof NonNullable<ClientOptions['tls']>, true>> = {
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
  servername: true,
}

export type Options = Limits & {
  readonly url: URL
  readonly given: ClientOptions
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Throws `TypeError` with what was expected; a client that asks is one whose options are right. */
export function readOptions(given: ClientOptions): Options {
  mustKnow('', given, names)
  mustKnow('tls.', given.tls ?? {}, tlsNames)
  const text = given.url ?? 'http://127.0.0.1:8181'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/')
    throw new TypeError(
      `url: expected one such as "https://pdp.example.com:8181", got ${show(text)}`,
    )
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError('url: expected no user, password, query or fragment')
  const isPlain =
    url.protocol === 'http:' && !loopback.test(url.hostname) && given.socketPath === undefined
  if (isPlain && given.token !== undefined && given.insecure !== true)
    throw new TypeError(
      `token: expected https, a socket or loopback to send it to, got ${url.origin}; say "insecure: true" if that is meant`,
    )
  if (given.tls !== undefined && url.protocol !== 'https:')
    throw new TypeError(`tls: expected an https url, got ${url.origin}`)
  if (typeof given.token === 'string') mustBeToken(given.token)
  const read = Object.entries(limits).map(([name, [usual, least]]) => {
    const value = given[name as keyof Limits] ?? usual
    if (!Number.isSafeInteger(value) || value < least)
      throw new TypeError(`${name}: expected a whole number from ${least}, got ${String(value)}`)
    return [name, value]
  })
  return { ...(Object.fromEntries(read) as Limits), url, given }
}

/** A misspelt option would be one that does nothing. */
function mustKnow(before: string, given: object, names: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(names, name)) {
      const { hint } = didYouMean(name, Object.keys(names))
      throw new TypeError(
        `${before}${name}: expected one of ${Object.keys(names).join(', ')}${hint ? ` (${hint})` : ''}`,
      )
    }
}

/** What a header may hold. The token itself is not shown. */
export function mustBeToken(token: string): void {
  if (!/^[\w.~+/=-]+$/.test(token))
    throw new TypeError('token: expected letters, digits and - . _ ~ + / =, got something else')
}

const show = (text: unknown): string => JSON.stringify(text)?.slice(0, 80) ?? typeof text

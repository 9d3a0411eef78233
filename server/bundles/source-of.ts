import { mostBytes } from '../../bundle/index.ts'
import { fileSource } from './file-source.ts'
import { httpSource, isWeb } from './http-source.ts'
import { s3Source } from './s3.ts'
import type { Source } from './source.ts'

export type SourceOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  /** Sent to a URL as a bearer token. */
  readonly token?: string
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether it is no path. */
export const isUrl = (text: string): boolean => written.test(text)

const written = /^([a-z0-9]+):\/\//i

/** The source that a path or a URL names, or what is wrong with it. */
export function sourceOf(
  text: string,
  { environment, timeoutMs, token }: SourceOptions,
): Source | string {
  const [, scheme] = written.exec(text) ?? []
  switch (scheme?.toLowerCase()) {
    case undefined:
      return fileSource(text, mostBytes)
    case 's3':
      return s3Source(text, environment, { mostBytes, timeoutMs })
    case 'http':
    case 'https': {
      if (!URL.canParse(text)) return 'expected a URL'
      const url = new URL(text)
      if (!isWeb(url)) return `expected a URL without a user and a password`
      if (token !== undefined && url.protocol === 'http:' && !loopback.test(url.hostname))
        return `expected https, since the token would be sent for all to read, got ${url.protocol}//${url.host}`
      const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
      return httpSource(url, {
        mostBytes,
        timeoutMs,
        ...(headers && {
          headersFor: async (_: URL, conditional: Readonly<Record<string, string>>) => ({
            ...conditional,
            ...headers,
          }),
        }),
      })
    }
    default:
      return `expected a path, or a URL of http, https or s3, got ${JSON.stringify(`${scheme}://`)}`
  }
}

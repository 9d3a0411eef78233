import { Misuse } from './misuse.ts'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Throws a `Misuse` for what is no plain HTTP address (load is sent without TLS), and for another machine's unless its owner says
 * so: load takes services down.
 */
export function mustBeOurs(url: string, { iOwnThisHost }: { readonly iOwnThisHost: boolean }): URL {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'http:')
    throw new Misuse(
      `expected an address such as http://127.0.0.1:8181, got ${JSON.stringify(url)}`,
    )
  if (!loopback.test(parsed.hostname) && !iOwnThisHost)
    throw new Misuse(
      `${parsed.host} is not this machine: load may take a service down, so this needs --i-own-this-host, and the right to say it`,
    )
  return parsed
}

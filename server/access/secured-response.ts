import { ServerResponse, type OutgoingHttpHeaders } from 'node:http'

/** As `writeHead` takes them: an object, or names and values in turn. */
type Headers = OutgoingHttpHeaders | readonly string[]

/** For pages: they load nothing from elsewhere, and nobody shows them inside of his own. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What every answer says to browsers, in names and values in turn. */
export const always = ['x-content-type-options', 'nosniff'] as const
/** What answers say that can't be compared with an earlier one. */
const unkept = [...always, 'cache-control', 'no-store'] as const
const ofPages = ['content-security-policy', policy, 'referrer-policy', 'no-referrer'] as const

/** Adds them where the head is written, which is the one place that all answers pass; so nothing else has to think of them. */
export class SecuredResponse extends ServerResponse {
  override writeHead(status: number, ...rest: readonly unknown[]): this {
    const headers = secured((rest.at(-1) ?? []) as Headers)
    // The types know each form of the call, but not all of them at once.
    const write = super.writeHead.bind(this) as (...args: readonly unknown[]) => this
    return typeof rest[0] === 'string' ? write(status, rest[0], headers) : write(status, headers)
  }
}

/** Names and values in turn. What an answer says itself stands. */
function secured(headers: Headers): string[] {
  const all = Array.isArray(headers)
    ? [...(headers as readonly string[])]
    : flat(headers as OutgoingHttpHeaders)
  let isKept = false
  let isPage = false
  let hasPolicy = false
  const { length } = all
  for (let at = 0; at < length; at += 2) {
    const name = all[at]!.toLowerCase()
    if (name === 'cache-control' || name === 'etag') isKept = true
    else if (name === 'content-security-policy') hasPolicy = true
    else if (name === 'content-type') isPage = all[at + 1]!.startsWith('text/html')
  }
  all.push(...(isKept ? always : unkept))
  if (isPage && !hasPolicy) all.push(...ofPages)
  return all
}

const flat = (headers: OutgoingHttpHeaders): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [String(value)]).flatMap((each) => [name, each]),
  )

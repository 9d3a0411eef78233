/** A request that nobody can read in two ways. */
export type StrictRequest = {
  readonly method: string
  readonly target: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** More than one space before the target is what RFC 9112 lets a server overlook, and leaves nothing open. */
const requestLine = /^([!#$%&'*+\-.^_`|~\w]+) +(\S+) HTTP\/1\.([01])$/
const headerLine = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/
const chunkLine = /^([\da-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i

/**
 * Requests on a connection as RFC 9112 has them, up to the first byte that is not as it should be. It is the fuzzer's own,
 * apart from the service's parser, and stricter than the RFC lets a server be: what it does not take must not be decided.
 */
export function strictRequests(bytes: Buffer): readonly StrictRequest[] {
  const text = bytes.toString('latin1')
  const requests: StrictRequest[] = []
  let at = pastEmptyLines(text, 0)
  while (at < text.length) {
    const read = strictRequest(text, at)
    if (read === undefined) break
    requests.push(read.request)
    at = pastEmptyLines(text, read.end)
  }
  return requests
}

/** Some callers end bodies with empty lines; RFC 9112 (2.2) lets them be skipped, and an LF alone be one. */
function pastEmptyLines(text: string, from: number): number {
  let at = from
  while (text.startsWith('\r\n', at) || text[at] === '\n') at += text[at] === '\n' ? 1 : 2
  return at
}

function strictRequest(
  text: string,
  from: number,
): { readonly request: StrictRequest; readonly end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n', from)
  if (headEnd < 0) return undefined
  const [first = '', ...lines] = text.slice(from, headEnd).split('\r\n')
  const [, method, target, minor] = requestLine.exec(first) ?? []
  if (method === undefined || target === undefined) return undefined
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined) return undefined
    const key = name.toLowerCase()
    const before = headers.get(key)
    if (before !== undefined && ['host', 'content-length', 'transfer-encoding'].includes(key))
      return undefined
    headers.set(key, before ?? value)
  }
  if (minor === '1' && !headers.has('host')) return undefined
  const length = headers.get('content-length')
  const encoding = headers.get('transfer-encoding')
  if (length !== undefined && (encoding !== undefined || !/^\d{1,12}$/.test(length)))
    return undefined
  const start = headEnd + 4
  const framed =
    encoding === undefined
      ? { body: text.slice(start, start + Number(length ?? 0)), end: start + Number(length ?? 0) }
      : encoding.toLowerCase() === 'chunked' && minor === '1'
        ? chunks(text, start)
        : undefined
  if (framed === undefined || framed.end > text.length) return undefined
  const body = Buffer.from(framed.body, 'latin1')
  return { request: { method, target, headers, body }, end: framed.end }
}

function chunks(
  text: string,
  from: number,
): { readonly body: string; readonly end: number } | undefined {
  let [body, at] = ['', from]
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = lineEnd < 0 ? undefined : chunkLine.exec(text.slice(at, lineEnd))?.[1]
    if (size === undefined) return undefined
    const length = Number.parseInt(size, 16)
    at = lineEnd + 2
    if (length === 0) break
    body += text.slice(at, at + length)
    at += length
    if (text.slice(at, at + 2) !== '\r\n') return undefined
    at += 2
  }
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const line = text.slice(at, lineEnd)
    at = lineEnd + 2
    if (line === '') return { body, end: at }
    if (!headerLine.test(line)) return undefined
  }
}

import type { IncomingMessage } from 'node:http'
import { readyProblem, type ReadyProblem } from './ready-problem.ts'

const mostHeaders = 100
export const mostHeaderBytes = 16_384

const manyHosts = readyProblem('bad-request', 'expected one Host header, got several', {
  connection: 'close',
})
const strangeVersion = readyProblem('version-not-supported', 'expected HTTP/1.1', {
  connection: 'close',
})
const codedTransfer = readyProblem(
  'unsupported-media-type',
  'expected no Transfer-Encoding but chunked',
  { connection: 'close' },
)
const oldTransfer = readyProblem(
  'bad-request',
  'expected no Transfer-Encoding with HTTP/1.0 (RFC 9112, 6.1)',
  { connection: 'close' },
)
const manyCredentials = readyProblem(
  'bad-request',
  'expected one Authorization header, got several',
  { connection: 'close' },
)
const strangeHost = readyProblem(
  'bad-request',
  'expected a Host header with a name or an address, and perhaps a port',
  { connection: 'close' },
)
const noHost = readyProblem('bad-request', 'expected a Host header', { connection: 'close' })
/** A name, or an address, and perhaps a port. Whoever puts a URL together of it and the path must find the path where it was. */
const plainHost = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i
/** The form of a request target that is meant for proxies (RFC 9112, 3.2.2); a server has to take it too. */
const absolute = /^https?:\/\/([^/?#]*)(.*)$/is
export const largeHead = readyProblem(
  'headers-too-large',
  `expected at most ${mostHeaders} headers of ${mostHeaderBytes} bytes in all`,
  { connection: 'close' },
)

/**
 * What is wrong with a head that Node's parser has let through. It could be read in two ways, or it is too much. A target in absolute form
 * gets the form that all others have.
 */
export function headProblem(incoming: IncomingMessage): ReadyProblem | undefined {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = incoming
  if (httpVersionMajor !== 1) return strangeVersion // Node's parser takes 0.9 and 2.0 too
  if (rawHeaders.length > 2 * mostHeaders) return largeHead
  let credentials = 0
  let hosts = 0 // Node would take the first, and a proxy in between perhaps another
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const { length } = rawHeaders[at]!
    if (length === 4 && isNamed(rawHeaders[at]!, 'host')) {
      if (++hosts > 1) return manyHosts
      if (!plainHost.test(rawHeaders[at + 1]!)) return strangeHost
    }
    if (length === 13 && isNamed(rawHeaders[at]!, 'authorization') && ++credentials > 1)
      return manyCredentials // Node would take the first, and a proxy in between perhaps another
    if (length === 17 && isNamed(rawHeaders[at]!, 'transfer-encoding')) {
      if (httpVersionMinor === 0) return oldTransfer // a proxy of that age passes chunks on as they are
      if (!isNamed(rawHeaders[at + 1]!, 'chunked')) return codedTransfer // Node would undo the chunks alone
    }
  }
  if (hosts === 0 && httpVersionMinor === 1) return noHost
  return useOriginForm(incoming) ? undefined : strangeHost
}

const isNamed = (text: string, name: string): boolean => text.toLowerCase() === name

/** What an absolute target says of the host takes the place of the Host header, as the RFC wants. False when that is no host. */
function useOriginForm(incoming: IncomingMessage): boolean {
  if (incoming.url!.startsWith('/')) return true
  const [, host = '', rest = ''] = absolute.exec(incoming.url!) ?? []
  if (host === '') return true // `*`, or nothing that is an endpoint
  if (!plainHost.test(host)) return false
  incoming.headers.host = host
  incoming.url = rest.startsWith('/') ? rest : `/${rest}`
  return true
}

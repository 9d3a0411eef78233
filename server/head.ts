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
const noHost = readyProblem('bad-request', 'expected a Host header', { connection: 'close' })
export const largeHead = readyProblem(
  'headers-too-large',
  `expected at most ${mostHeaders} headers of ${mostHeaderBytes} bytes in all`,
  { connection: 'close' },
)

/** What is wrong with a head that Node's parser has let through. Its framing could be read in two ways, or it is too much. */
export function headProblem({
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: IncomingMessage): ReadyProblem | undefined {
  if (httpVersionMajor !== 1) return strangeVersion // Node's parser takes 0.9 and 2.0 too
  if (rawHeaders.length > 2 * mostHeaders) return largeHead
  let hosts = 0 // Node would take the first, and a proxy in between perhaps another
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const { length } = rawHeaders[at]!
    if (length === 4 && isNamed(rawHeaders[at]!, 'host') && ++hosts > 1) return manyHosts
    if (length === 17 && isNamed(rawHeaders[at]!, 'transfer-encoding')) {
      if (httpVersionMinor === 0) return oldTransfer // a proxy of that age passes chunks on as they are
      if (!isNamed(rawHeaders[at + 1]!, 'chunked')) return codedTransfer // Node would undo the chunks alone
    }
  }
  return hosts === 0 && httpVersionMinor === 1 ? noHost : undefined
}

const isNamed = (text: string, name: string): boolean => text.toLowerCase() === name

import { answer, type Loaded } from '../../engine/index.ts'
import { strictRequests, type StrictRequest } from './strict-http.ts'

/** What came back on a connection, and how it ended. */
export type Exchanged = { readonly got: Buffer; readonly ended: boolean }

const json = /^application\/json\s*(?:;\s*charset=utf-8\s*)?$/i
const ndjson = /^application\/x-ndjson$/i

/** What is wrong with what the service did; undefined where nothing is. */
export function findingOf(
  loaded: Loaded,
  bytes: Buffer,
  { got, ended }: Exchanged,
): string | undefined {
  if (!ended) return 'no answer, and the connection was left open'
  const text = got.toString('latin1')
  if (text !== '' && !/^HTTP\/1\.1 [1-5]\d\d /.test(text)) return 'an answer that is no HTTP/1.1'
  for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g))
    if (status === '500') return 'a bug of the service: 500'
  const said = outcomesIn(text)
  const right = strictRequests(bytes).flatMap((request) => outcomesOf(loaded, request))
  // In order, but the service may have ended the connection before some, or have had too much to do.
  let at = 0
  for (const outcome of said) {
    while (at < right.length && right[at] !== outcome) at++
    if (at === right.length)
      return `decided ${JSON.stringify(said)}, where the rules decide ${JSON.stringify(right)}`
    at++
  }
  return undefined
}

/** Every decision that was told, wherever. */
const outcomesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"evaluatedAt":"[^"]*","outcome":"([a-z]+)"/gi)].map(([, outcome]) => outcome!)

/** What the rules decide when asked so; nothing for what is no question. */
function outcomesOf(
  loaded: Loaded,
  { method, target, headers, body }: StrictRequest,
): readonly string[] {
  const encoding = headers.get('content-encoding') ?? 'identity'
  const type = headers.get('content-type') ?? ''
  if (method !== 'POST' || encoding !== 'identity') return []
  const path = pathOf(target)
  if (path === '/v1/decisions' && json.test(type)) return outcomes(loaded, body)
  if (path !== '/v1/decisions/batch') return []
  if (ndjson.test(type)) return linesOf(body).flatMap((line) => outcomes(loaded, line))
  return json.test(type) ? membersOf(body).flatMap((member) => outcomes(loaded, member)) : []
}

function pathOf(target: string): string {
  try {
    return decodeURIComponent(new URL(target, 'http://x').pathname)
  } catch {
    return ''
  }
}

function outcomes(loaded: Loaded, body: Buffer): readonly string[] {
  const answered = answer(loaded, body, Date.now())
  return 'outcome' in answered ? [answered.outcome] : []
}

function linesOf(body: Buffer): readonly Buffer[] {
  const lines: Buffer[] = []
  for (let at = 0; at <= body.length;) {
    const end = body.indexOf('\n', at)
    lines.push(body.subarray(at, end < 0 ? body.length : end))
    at = end < 0 ? Infinity : end + 1
  }
  return lines
}

/** The fuzzer's own batches have one member; others are told apart as JSON.parse does. */
function membersOf(body: Buffer): readonly Buffer[] {
  const text = body.toString()
  try {
    const members = JSON.parse(text) as unknown
    if (!Array.isArray(members)) return []
    if (members.length !== 1) return members.map((member) => Buffer.from(JSON.stringify(member)))
    return [body.subarray(body.indexOf('[') + 1, body.lastIndexOf(']'))]
  } catch {
    return []
  }
}

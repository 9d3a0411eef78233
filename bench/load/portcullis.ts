import { isDeepStrictEqual } from 'node:util'
import { unavailableStatuses, type Judgement, type Protocol } from './protocol.ts'
import type { Wrong } from './result.ts'
import type { Expected, Question } from './workload.ts'

const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }

/** Our own API: one sign-in, a JSON array of them, or lines. */
export const portcullis: Protocol = {
  prepare(question) {
    const { form, signIns } = question
    const judge = judging(question)
    switch (form) {
      case 'single':
        return { path: '/v1/decisions', headers: json, body: signIns[0]!, judge }
      case 'batch':
        return { path: '/v1/decisions/batch', headers: json, body: `[${signIns.join(',')}]`, judge }
      case 'stream': {
        const body = signIns.map((signIn) => `${signIn}\n`).join('')
        return { path: '/v1/decisions/batch', headers: ndjson, body, judge }
      }
    }
  },
}

/**
 * What comes before the decision in an answer has a fixed length, so its bytes are compared with those expected without being
 * parsed. Only where they differ is the answer parsed: members may come in another order, or it is a refusal, or wrong.
 */
function judging(question: Question): (status: number, body: Buffer) => Judgement {
  const revisions = Object.values(question.expected)
  const usual = revisions
    .map((expected) => usualAnswer(question, expected))
    .filter((parts) => parts !== undefined)
  // The last right one: refusals of one question are alike.
  let refusal: { readonly status: number; readonly body: Buffer } | undefined
  return (status, body) => {
    if (status === 200 && usual.some((parts) => hasParts(body, parts))) return 'right'
    if (refusal?.status === status && refusal.body.equals(body)) return 'right'
    if (unavailableStatuses.has(status) && !body.includes('"outcome"')) return 'unavailable'
    const judgement = parsedJudgement(question, status, body.toString())
    if (judgement === 'right' && status !== 200) refusal = { status, body: Buffer.from(body) }
    return judgement
  }
}

/** Bytes that have to be there, each after a number of bytes that may be anything. */
type Part = { readonly skip: number; readonly bytes: Buffer }

const idLength = 36
const timeLength = '2026-01-01T00:00:00.000Z'.length

/** Missing when a sign-in among them is refused, with a text that is not ours to know. */
function usualAnswer(
  { form }: Question,
  expected: readonly Expected[],
): readonly Part[] | undefined {
  const parts: Part[] = []
  let before = form === 'batch' ? '[' : ''
  for (const [index, each] of expected.entries()) {
    if (each.outcome === 'refused') return undefined
    const place = form === 'single' ? '' : `"index":${index},`
    const between = form === 'batch' ? ',' : form === 'stream' ? '\n' : ''
    parts.push(
      { skip: 0, bytes: Buffer.from(`${before}{${place}"decisionId":"`) },
      { skip: idLength, bytes: Buffer.from('","evaluatedAt":"') },
      { skip: timeLength, bytes: Buffer.from(`",${each.json.slice(1)}`) },
    )
    before = between
  }
  const end = form === 'batch' ? ']' : form === 'stream' ? '\n' : ''
  return [...parts, { skip: 0, bytes: Buffer.from(end) }]
}

function hasParts(body: Buffer, parts: readonly Part[]): boolean {
  let at = 0
  for (const { skip, bytes } of parts) {
    const from = at + skip
    at = from + bytes.length
    if (at > body.length || bytes.compare(body, from, at) !== 0) return false
  }
  return at === body.length
}

function parsedJudgement(question: Question, status: number, text: string): Judgement {
  const { form, signIns, expected } = question
  const revisions = Object.keys(expected).join(' or ')
  const wrong = (at: number, wanted: string, actual: string): Wrong => ({
    question: question.name,
    signIn: signIns[at] ?? signIns[0]!,
    expected: wanted,
    actual: `${status} ${actual}`,
  })
  const items = itemsOf(form, status, text)
  if (items === undefined) return wrong(0, `${signIns.length} answers of ${revisions}`, text)
  let unavailable = false
  for (const [at, item] of items.entries()) {
    const revision = revisionOf(item)
    const wanted = expected[revision ?? '']?.[at]
    if (form !== 'single' && item['index'] !== at)
      return wrong(at, `an answer with index ${at}`, JSON.stringify(item))
    if (wanted && wanted.outcome !== 'refused') {
      if (status !== 200 || !sameDecision(JSON.parse(wanted.json) as Json, item))
        return wrong(at, wanted.json, JSON.stringify(item))
      continue
    }
    const refused = Object.values(expected).some((each) => each[at]?.outcome === 'refused')
    const itemStatus = form === 'single' ? status : item['status']
    if (isProblem(item, itemStatus)) {
      if (unavailableStatuses.has(itemStatus)) {
        unavailable = true
        continue
      }
      if (refused && itemStatus >= 400 && itemStatus < 500) continue
    }
    const first = Object.values(expected)[0]?.[at]
    return wrong(
      at,
      refused
        ? 'a problem with a 4xx status, and no outcome'
        : first?.outcome === 'refused' || first === undefined
          ? `a decision of ${revisions}`
          : first.json,
      JSON.stringify(item),
    )
  }
  if (items.length !== signIns.length)
    return wrong(items.length, `${signIns.length} answers`, `${items.length} answers: ${text}`)
  return unavailable ? 'unavailable' : 'right'
}

type Json = Readonly<Record<string, unknown>>

/** The answers in a body, in order; undefined when it has not the form that was asked for. */
function itemsOf(
  form: Question['form'],
  status: number,
  text: string,
): readonly Json[] | undefined {
  if (form !== 'single' && status !== 200) return undefined
  try {
    const items: unknown =
      form === 'stream'
        ? text
            .split('\n')
            .slice(0, -1)
            .map((line): unknown => JSON.parse(line))
        : form === 'batch'
          ? JSON.parse(text)
          : [JSON.parse(text)]
    return Array.isArray(items) && items.every(isObject) ? items : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function revisionOf(item: Json): string | undefined {
  const ruleSet = item['ruleSet']
  const revision = isObject(ruleSet) ? ruleSet['revision'] : undefined
  return typeof revision === 'string' ? revision : undefined
}

/** RFC 9457: a refusal says its status, and never an outcome. */
const isProblem = (item: Json, status: unknown): status is number =>
  typeof status === 'number' &&
  item['status'] === status &&
  typeof item['title'] === 'string' &&
  !('outcome' in item)

const differing = ['decisionId', 'evaluatedAt', 'index']

function sameDecision(wanted: Json, item: Json): boolean {
  const body = Object.fromEntries(
    Object.entries(item).filter(([name]) => !differing.includes(name)),
  )
  return (
    typeof item['decisionId'] === 'string' &&
    typeof item['evaluatedAt'] === 'string' &&
    isDeepStrictEqual(body, wanted)
  )
}

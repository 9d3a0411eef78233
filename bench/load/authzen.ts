import { isDeepStrictEqual } from 'node:util'
import { inWords, oneOf, shown } from './one-of.ts'
import { isObject, jsonOf, partsOf, type Json } from './parts.ts'
import { unavailableStatuses, type Judgement, type Protocol } from './protocol.ts'
import type { Expected, Question } from './workload.ts'

/**
 * Any decision point that speaks the AuthZEN Authorization API 1.0. Batches, and streams too, which the standard does not
 * know, become one request of many evaluations.
 */
export const authzen: Protocol = {
  prepare: (question) => {
    const evaluations = question.signIns.map(evaluationOf)
    const isSingle = question.form === 'single'
    return {
      path: isSingle ? '/access/v1/evaluation' : '/access/v1/evaluations',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(isSingle ? evaluations[0] : { evaluations }),
      judge: (status, body) => judge(question, status, body),
    }
  },
}

/**
 * A sign-in as an evaluation. The subject is the user, the resource the application that access is asked for, with their
 * facts as properties; all other facts (`at`, `tenant`, `client`, `session` and so on) are the context, as they stand in the
 * sign-in. A user who has no id is numbered, since one id must not stand for many users. What is no JSON object has nothing to
 * be mapped, and makes an evaluation that has to be refused.
 */
function evaluationOf(signIn: string, place: number): object {
  const parts = partsOf(signIn)
  if (parts === undefined) return {}
  const { userId, user, resourceId, resource, others } = parts
  return {
    subject: { type: 'user', id: userId ?? `unknown-${place + 1}`, properties: user },
    action: { name: 'sign_in' },
    resource: { type: 'application', id: resourceId, properties: resource },
    ...(Object.keys(others).length > 0 && { context: others }),
  }
}

function judge(question: Question, status: number, body: Buffer): Judgement {
  if (unavailableStatuses.has(status)) return 'unavailable'
  const [expected] = Object.values(question.expected)[0]!
  const mayBeRefused = question.form === 'single' && expected!.outcome === 'refused'
  if (mayBeRefused && status >= 400 && status < 500) return 'right'
  const text = body.toString()
  const answers = status === 200 ? answersIn(jsonOf(text), question) : undefined
  if (answers) return oneOf(question, answers, agrees)
  return {
    question: question.name,
    signIn: question.signIns[0]!,
    expected:
      question.signIns.length > 1 ? `${question.signIns.length} decisions` : inWords(expected!),
    actual: shown(`${status} ${text}`),
  }
}

/** Undefined where the answer has not the form that was asked for, or not one member a sign-in. */
function answersIn(answer: unknown, { form, signIns }: Question): readonly unknown[] | undefined {
  if (form === 'single') return isObject(answer) ? [answer] : undefined
  const many = isObject(answer) ? answer['evaluations'] : undefined
  return Array.isArray(many) && many.length === signIns.length ? many : undefined
}

/**
 * `decision` is true for a plain allow alone: whoever is challenged may not sign in yet. An answer whose context names a
 * revision as Portcullis does has to be equal to that revision's in all that the context tells. `false` refuses, too.
 */
function agrees(answer: unknown, expected: Expected, revision: string): boolean {
  if (!isObject(answer) || answer['decision'] !== (expected.outcome === 'allow')) return false
  const { context } = answer
  if (expected.outcome === 'refused' || !isObject(context) || !isObject(context['ruleSet']))
    return true
  if (context['ruleSet']['revision'] !== revision) return false
  const wanted = JSON.parse(expected.json) as Json
  return ['outcome', 'requirements', 'reasons', 'advice'].every(
    (name) => !(name in context) || isDeepStrictEqual(context[name], wanted[name]),
  )
}

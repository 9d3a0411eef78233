import { requirements, type Requirement } from '../../engine/index.ts'
import { inWords, oneOf, shown } from './one-of.ts'
import { isObject, jsonOf, partsOf, type Json } from './parts.ts'
import { unavailableStatuses, type Judgement, type Protocol } from './protocol.ts'
import type { Expected, Question } from './workload.ts'

/** What policies are written for, and the actions that they are asked about. */
export const cerbosKind = 'application'
/** Allowed where the sign-in may go on as it is. */
export const signInAction = 'sign_in'
/** Allowed where the requirement is demanded; never together with the sign-in. If nothing is allowed, it is blocked. */
export const requirementAction = (requirement: Requirement): string => `demand_${requirement}`
export const cerbosActions: readonly string[] = [
  signInAction,
  ...requirements.map(requirementAction),
]

/** A Cerbos server by its own `CheckResources`; it can ask of many resources, but of one user only, so there are no batches. */
export const cerbos: Protocol = {
  prepare: (question) => {
    if (question.form !== 'single')
      throw new Error(
        `${question.name}: Cerbos checks many resources of one user at a time, so a ${question.form} of sign-ins can't be asked`,
      )
    return {
      path: '/api/check/resources',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(checkOf(question.signIns[0]!)),
      judge: (status, body) => judge(question, status, body),
    }
  },
}

/**
 * A sign-in as a check. The principal is the user, the resource the application that access is asked for, with their facts
 * as attributes; all other facts are attributes of the resource, by their areas, since a check has no context.
 */
function checkOf(signIn: string): object {
  const parts = partsOf(signIn)
  if (parts === undefined) return {}
  const { userId, user, resourceId, resource, others } = parts
  return {
    principal: { id: userId ?? 'unknown', roles: ['user'], attr: user },
    resources: [
      {
        actions: cerbosActions,
        resource: { kind: cerbosKind, id: resourceId, attr: { ...others, ...resource } },
      },
    ],
  }
}

function judge(question: Question, status: number, body: Buffer): Judgement {
  if (unavailableStatuses.has(status)) return 'unavailable'
  const [expected] = Object.values(question.expected)[0]!
  if (expected!.outcome === 'refused' && status >= 400 && status < 500) return 'right'
  const text = body.toString()
  const effects = status === 200 ? effectsIn(jsonOf(text)) : undefined
  if (effects) return oneOf(question, [effects], agrees)
  return {
    question: question.name,
    signIn: question.signIns[0]!,
    expected: inWords(expected!),
    actual: shown(`${status} ${text}`),
  }
}

/** By action; undefined where the answer is none of one resource. */
function effectsIn(answer: unknown): Json | undefined {
  const results = isObject(answer) ? answer['results'] : undefined
  const result: unknown = Array.isArray(results) && results.length === 1 ? results[0] : undefined
  const effects = isObject(result) ? result['actions'] : undefined
  return isObject(effects) ? effects : undefined
}

/** Each action is allowed or denied as the outcome wants it; what blocks or refuses allows none. */
function agrees(effects: Json, expected: Expected): boolean {
  const demanded = expected.outcome === 'challenge' ? expected.requirements : []
  const isAsWanted = (action: string, allowed: boolean) =>
    effects[action] === (allowed ? 'EFFECT_ALLOW' : 'EFFECT_DENY')
  return (
    isAsWanted(signInAction, expected.outcome === 'allow') &&
    requirements.every((each) => isAsWanted(requirementAction(each), demanded.includes(each)))
  )
}

import {
  preparsePolicySet,
  statefulIsAuthorized,
  type Context,
  type Expr,
  type PolicyJson,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { Condition, SignIn } from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'
import { noneOf } from './applying.ts'
import { factsCompared, mayBeNull, translator } from './translate.ts'

type Input = { readonly signIn: SignIn; readonly call: StatefulAuthorizationCall }

let prepared = 0

/**
 * A policy a rule, all of them permits, so that the determining policies of the answer are the rules that apply. Policies
 * are parsed beforehand. The facts that rules read travel as the context; Cedar has no named conditions, so they stand in
 * every policy that refers to them.
 */
export const cedar: Contestant = {
  name: 'cedar-wasm',
  prepare: (deciding) => {
    const { rules, conditions } = deciding
    const read = factsCompared(deciding)
    const missing = read.find(mayBeNull)
    if (missing !== undefined) throw new Error(`can not say ${missing}: it may be null`)
    const expressionOf: (condition: Condition) => Expr = translator({
      all: chained('&&'),
      any: chained('||'),
      not: (arg) => ({ '!': { arg } }),
      reference: (name) => expressionOf(conditions[name]!),
      equals: (fact, value) => ({ '==': { left: inContext(fact), right: { Value: value } } }),
      isIn: (fact, values) => ({
        contains: { left: { Value: [...values] }, right: inContext(fact) },
      }),
      someIn: (fact, values) => ({
        containsAny: { left: inContext(fact), right: { Value: [...values] } },
      }),
      ordered: (fact, sign, value) =>
        ({ [sign]: { left: inContext(fact), right: { Value: value } } }) as Expr,
    })
    const preparsedPolicySetId = `rules-${prepared++}`
    const staticPolicies = Object.fromEntries(
      rules.map((rule, index) => [String(index), permit(expressionOf(rule.conditions))]),
    )
    const parsed = preparsePolicySet(preparsedPolicySetId, { staticPolicies })
    if (parsed.type === 'failure')
      throw new Error(parsed.errors.map(({ message }) => message).join('\n'))
    const none = noneOf(rules)
    return {
      answers: 'at once',
      adapt: (signIn): Input => ({
        signIn,
        call: {
          ...anyone,
          preparsedPolicySetId,
          context: Object.fromEntries(read.map((fact) => [fact, signIn[fact]])) as Context,
        },
      }),
      decide: ({ signIn, call }: Input) => {
        const answer = statefulIsAuthorized(call)
        if (answer.type === 'failure') throw new Error(answer.errors[0]!.message)
        // A policy that fails is skipped by Cedar; that would show as a difference in the answers.
        let applying = none
        for (const policy of answer.response.diagnostics.reason)
          applying = applying.and(Number(policy))
        return applying.decision(signIn)
      },
    }
  },
}

const anyone = {
  principal: { type: 'User', id: 'anyone' },
  action: { type: 'Action', id: 'signIn' },
  resource: { type: 'Application', id: 'any' },
  entities: [],
}

const permit = (body: Expr): PolicyJson => ({
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [{ kind: 'when', body }],
})

const inContext = (fact: string): Expr => ({ '.': { left: { Var: 'context' }, attr: fact } })

const chained =
  (operator: '&&' | '||') =>
  (members: readonly Expr[]): Expr =>
    members.reduce((left, right) => ({ [operator]: { left, right } }) as Expr)

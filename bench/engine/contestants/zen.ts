import { ZenDecisionContent, ZenEngine } from '@gorules/zen-engine'
import type { Deciding, SignIn } from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'
import { noneOf } from './applying.ts'
import { factsCompared, translator, type Scalar } from './translate.ts'

type Input = { readonly signIn: SignIn; readonly context: object }

/**
 * A decision of two nodes, parsed beforehand: an expression node works out the shared conditions, a decision table collects
 * the rules that apply. Of the forms tried it is the fastest that also carries thousands of rules; facts are without areas
 * and only those that the rules read, since every one is copied into the engine.
 */
export const zen: Contestant = {
  name: 'zen-engine',
  prepare: (deciding) => {
    const read = factsCompared(deciding)
    const decision = new ZenEngine().createDecision(new ZenDecisionContent(graph(deciding)))
    const none = noneOf(deciding.rules)
    return {
      answers: 'later',
      adapt: (signIn): Input => ({
        signIn,
        context: Object.fromEntries(read.map((fact) => [flat(fact), signIn[fact]])),
      }),
      decide: async ({ signIn, context }: Input) => {
        const { result } = (await decision.evaluate(context)) as {
          result: readonly { readonly rule: number }[]
        }
        return result.reduce((applying, { rule }) => applying.and(rule), none).decision(signIn)
      },
    }
  },
}

/** JSON Decision Model: input, shared conditions, rules, output. */
function graph({ rules, conditions }: Deciding): object {
  const shared = new Map<string, string>()
  const inShared = language((name) => {
    // Those that a condition refers to come before it.
    if (!shared.has(name)) shared.set(name, inShared(conditions[name]!))
    return `$.shared.${name}`
  })
  const inTable = language((name) => `shared.${name}`)
  for (const name of Object.keys(conditions)) inShared({ condition: name })
  const nodes = [
    { id: 'input', type: 'inputNode' },
    {
      id: 'shared',
      type: 'expressionNode',
      content: {
        passThrough: true,
        expressions: [...shared].map(([name, value]) => ({
          id: name,
          key: `shared.${name}`,
          value,
        })),
      },
    },
    {
      id: 'rules',
      type: 'decisionTableNode',
      content: {
        hitPolicy: 'collect',
        inputs: [{ id: 'when', name: 'when' }],
        outputs: [{ id: 'rule', name: 'rule', field: 'rule' }],
        rules: rules.map(({ conditions }, index) => ({
          _id: String(index),
          when: inTable(conditions),
          rule: String(index),
        })),
      },
    },
    { id: 'output', type: 'outputNode' },
  ].map((node) => ({ ...node, name: node.id, position: { x: 0, y: 0 } }))
  const edges = nodes.slice(1).map(({ id }, index) => ({
    id: `to-${id}`,
    type: 'edge',
    sourceId: nodes[index]!.id,
    targetId: id,
  }))
  return { contentType: 'application/vnd.gorules.decision', nodes, edges }
}

const language = (reference: (name: string) => string) =>
  translator<string>({
    all: (members) => `(${members.join(' and ')})`,
    any: (members) => `(${members.join(' or ')})`,
    not: (member) => `not (${member})`,
    reference,
    equals: (fact, value) => `${flat(fact)} == ${literal(value)}`,
    isIn: (fact, values) => `${flat(fact)} in [${values.map(literal).join(', ')}]`,
    someIn: (fact, values) => `some(${flat(fact)}, # in [${values.map(literal).join(', ')}])`,
    ordered: (fact, sign, value) => `${flat(fact)} ${sign} ${value}`,
  })

const flat = (fact: string) => fact.replaceAll('.', '_')

function literal(value: Scalar): string {
  if (typeof value === 'string' && /["\\]/.test(value))
    throw new Error(`can not quote ${JSON.stringify(value)}: its strings have no escapes`)
  return typeof value === 'string' ? `"${value}"` : String(value)
}

import { effects, outcomes, requirements } from './decision.ts'
import type { JsonSchema } from './kinds.ts'
import { decorators, operators } from './operators.ts'

/**
 * JSON Schemas (2020-12) of what the engine has to say, by name; they refer to each other as components of an OpenAPI document. They
 * say what there is at least: members may come to be added, and whoever reads an answer passes over those that he does not know.
 */
export function answerSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    Decision: decided({ decisionId: { type: 'string', format: 'uuid' } }, 'a sign-in decided'),
    ExplainedDecision: decided({}, 'how a sign-in would be decided; nobody signs in'),
    Reason: object({ rule: text, control: text, code: text }, { aadsts, facts: shownFacts }),
    Advice: object(
      { advice: text, rule: text, control: text, code: text },
      { aadsts, facts: shownFacts },
    ),
    Assumed: {
      ...object({ fact: text, value: factValue, because: text }),
      description: 'a fact that was left out, and what was assumed for it',
    },
    RuleSetName: object({ id: text, revision }),
    Explanation: object(
      {
        decision: ref('ExplainedDecision'),
        rules: { ...list(ref('ShownRule')), description: 'those that apply first' },
        rulesNotShown: { type: 'integer', minimum: 0 },
        conditions: {
          type: 'object',
          additionalProperties: {
            allOf: [ref('ShownCondition'), object({ file: text })],
          },
          description: 'shared conditions, by name',
        },
        wouldBe: {
          ...list(ref('WouldBe')),
          description: 'the nearest changes that would give another outcome, each of them tried',
        },
        triedAll: {
          type: 'boolean',
          description:
            'whether all changes of one fact were tried, and of two where one does not do',
        },
      },
      {},
    ),
    ShownRule: object(
      {
        rule: text,
        title: text,
        control: text,
        source: text,
        effect: { enum: effects },
        applies: { type: 'boolean' },
        file: text,
        line,
        conditions: ref('ShownCondition'),
      },
      { requirement: { enum: requirements }, advice: text },
    ),
    ShownCondition: {
      ...object(
        { holds: { type: 'boolean' }, line },
        {
          all: list(ref('ShownCondition')),
          any: list(ref('ShownCondition')),
          not: ref('ShownCondition'),
          condition: { ...text, description: 'a shared condition' },
          fact: text,
          operator: {
            ...text,
            description: `one of ${Object.keys(operators).join(', ')}, behind any of ${Object.keys(decorators).join(', ')}`,
          },
          seen: factValue,
          wanted: factValue,
          wantedList: { ...text, description: 'the list of values that is wanted' },
          wantedFact: { ...text, description: 'the fact whose value is wanted' },
          assumed: { const: true, description: 'the fact was left out' },
        },
      ),
      oneOf: [
        { required: ['all'] },
        { required: ['any'] },
        { required: ['not'] },
        { required: ['condition'] },
        { required: ['fact', 'operator', 'seen', 'wanted'] },
      ],
    },
    WouldBe: object({
      outcome: { enum: outcomes },
      requirements: list({ enum: requirements }),
      changes: { ...list(object({ fact: text, from: factValue, to: factValue })), minItems: 1 },
    }),
  }
}

const text = { type: 'string', minLength: 1 }
const line = { type: 'integer', minimum: 1 }
const time = { type: 'string', format: 'date-time' }
const revision = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }
const aadsts = {
  type: 'integer',
  minimum: 1,
  description: 'the AADSTS error code that Entra shows for the like',
}
const factValue = {
  type: ['boolean', 'string', 'number', 'array', 'null'],
  items: { type: ['string', 'number', 'null'] },
}
const shownFacts = {
  type: 'object',
  additionalProperties: factValue,
  description: 'facts that the reason shows',
}

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const object = (required: JsonSchema, optional: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
})

/** No block with requirements, no challenge without one, no answer without the revision that gave it. */
function decided(own: JsonSchema, description: string): JsonSchema {
  const only = (outcome: string, demands: boolean, reasons: boolean): JsonSchema => ({
    properties: {
      outcome: { const: outcome },
      requirements: demands ? { minItems: 1 } : { maxItems: 0 },
      reasons: reasons ? { minItems: 1 } : { maxItems: 0 },
    },
  })
  return {
    ...object(
      {
        ...own,
        evaluatedAt: time,
        outcome: { enum: outcomes },
        requirements: {
          ...list({ enum: requirements }),
          description: 'what must be satisfied first, in this order',
        },
        advice: list(ref('Advice')),
        reasons: { ...list(ref('Reason')), description: 'rules that determined the outcome' },
        assumed: list(ref('Assumed')),
        ruleSet: ref('RuleSetName'),
      },
      { correlationId: { type: 'string' } },
    ),
    description,
    oneOf: [only('allow', false, false), only('challenge', true, true), only('block', false, true)],
  }
}

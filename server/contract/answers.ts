import { answerSchemas, type JsonSchema } from '../../engine/index.ts'

/** JSON Schemas of all that the service answers with, by name. */
export const answers = {
  ...answerSchemas(),
  Problem: {
    ...object(
      {
        type: {
          type: 'string',
          pattern: '^/problems/[a-z-]+$',
          examples: ['/problems/unavailable'],
        },
        title: text(),
        status: { type: 'integer', minimum: 400, maximum: 599 },
        detail: text(),
      },
      { errors: list(ref('ProblemError')) },
    ),
    description: 'what is wrong with a request (RFC 9457); `type` leads to a page about it',
  },
  ProblemError: object(
    {
      pointer: {
        type: 'string',
        format: 'json-pointer',
        description: 'where in the body; empty for the whole of it',
      },
      expected: text(),
      got: text(),
    },
    { hint: text(), at: ref('Place') },
  ),
  Place: {
    ...object({ file: text(), line: count(1), column: count(1), length: count(1) }),
    description: 'where it stands in a file of the rules',
  },
  ProblemType: {
    ...object({
      type: { type: 'string', pattern: '^/problems/[a-z-]+$' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      title: text(),
      help: text(),
    }),
    description: 'a way in which a request can fail, and what to do about it',
  },
  BatchItem: {
    type: 'object',
    required: ['index'],
    properties: {
      index: { type: 'integer', minimum: 0, description: 'place of its sign-in, from 0' },
    },
    oneOf: [ref('Decision'), ref('Problem')],
    description: 'what became of one sign-in of a batch',
  },
  BatchItems: list(ref('BatchItem')),
  RuleSet: object({
    id: text(),
    title: text(),
    revision: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
    description: text(),
    controls: dictionary(text()),
    sources: dictionary(object({ title: text(), date: text() }, { url: text() })),
    customFacts: dictionary({ type: 'object' }),
    assumptions: list(object({ fact: text(), value: {}, reason: text() })),
    overrides: list({ type: 'object' }),
    conditions: dictionary({ type: 'object' }),
    rules: list(ref('Rule')),
    reportRules: {
      ...list(ref('Rule')),
      description: 'rules that decide nothing, and whose effect is reported',
    },
    cases: { type: 'integer', minimum: 0 },
    invariants: list(object({ name: text(), title: text() })),
  }),
  Rule: object({
    name: text(),
    title: text(),
    control: text(),
    source: text(),
    conditions: { type: 'object', description: 'in json-rules-engine’s form, lists expanded' },
    event: object({ type: text(), params: { type: 'object' } }),
  }),
  Live: object({ status: { const: 'live' } }),
  Ready: readiness('ready'),
  NotReady: readiness('not ready'),
  Checks: {
    ...object({
      accepting: { type: 'boolean' },
      threads: { type: 'boolean' },
      listeners: { type: 'boolean' },
      lastReload: { type: 'boolean' },
      decisionLog: { type: 'boolean' },
    }),
    description: 'which checks hold; not all are needed to be ready',
  },
  LastReload: {
    ...object(
      { ok: { type: 'boolean' }, at: time(), by: text(), detail: text() },
      { unproved: list(ref('Unproved')) },
    ),
    description:
      'how the last attempt to change what decides went; one that failed changed nothing',
  },
  Unproved: {
    ...object(
      {
        invariant: text(),
        title: text(),
        verdict: { enum: ['refuted', 'vacuous', 'unsupported', 'unknown'] },
        because: text(),
      },
      {
        at: { type: 'object' },
        witness: object({
          outcome: text(),
          requirements: list(text()),
          facts: {
            type: 'object',
            description: 'what makes it so; all other facts may be anything',
          },
          deviations: {
            ...list(text()),
            description: 'facts in which it is not as an ordinary sign-in',
          },
          signIn: { type: 'object', description: 'all of it, as a caller would send it' },
        }),
      },
    ),
    description:
      'an invariant that is not proved for every sign-in, why, and where one breaks it, the nearest',
  },
  Pulling: {
    ...object({
      number: count(1),
      ok: { type: 'boolean' },
      lastSuccess: { oneOf: [{ type: 'null' }, time()] },
    }),
    description:
      'the number of the signed bundle that was taken last, and whether the last pull gave it or one that is newer',
  },
  Status: {
    ...object({
      version: text(),
      startedAt: time(),
      uptimeSeconds: count(0),
      ruleSet: object({
        id: text(),
        title: text(),
        revision: revision(),
        rules: count(0),
        since: time(),
        by: text(),
      }),
      lastReload: { oneOf: [{ type: 'null' }, ref('LastReload')] },
    }),
    additionalProperties: {},
    description:
      'the service as a whole; parts of it that are switched on add members of their own',
  },
  Activation: {
    ...object(
      {
        activated: { const: true },
        changed: { type: 'boolean', description: 'false if it decided already' },
        from: revision(),
        to: revision(),
        ms: { type: 'number', minimum: 0, description: 'milliseconds that it took' },
      },
      { unproved: list(ref('Unproved')) },
    ),
    description: 'another rule set decides, everywhere',
  },
  Revisions: object({
    revisions: list(
      object({
        revision: revision(),
        id: text(),
        isLive: { type: 'boolean' },
        lastActivatedAt: time(),
        by: text(),
      }),
    ),
    history: {
      ...list(
        object({
          at: time(),
          by: text(),
          from: { ...revision(), type: ['string', 'null'] },
          to: revision(),
          id: text(),
        }),
      ),
      description: 'the last first',
    },
  }),
  Shadow: {
    ...object({
      live: named(),
      since: { ...time(), type: ['string', 'null'] },
      candidate: {
        oneOf: [{ type: 'null' }, { allOf: [named(), ref('ShadowCounts')] }],
        description: 'the rule set in the shadow, and what it would have decided otherwise',
      },
      reportRules: {
        oneOf: [
          { type: 'null' },
          { allOf: [object({ names: list(text()) }), ref('ShadowCounts')] },
        ],
        description: 'what rules in report mode would have made of it',
      },
      skipped: {
        ...object({ full: count(0), lost: count(0), otherRevision: count(0) }),
        description: 'decisions that were not compared',
      },
      notLogged: { ...count(0), description: 'differences that the shadow log did not take' },
      errors: count(0),
      waitingBytes: count(0),
      restarts: count(0),
    }),
    description: 'what would have been decided otherwise; no answer is ever touched by it',
  },
  ShadowCounts: object(
    {},
    {
      compared: count(0),
      differing: count(0),
      outcomes: list(transition()),
      rules: list({
        allOf: [object({ rule: text(), change: text() }), transition()],
      }),
      rulesNotShown: count(0),
      examples: {
        ...list(
          object({
            decisionId: text(),
            evaluatedAt: time(),
            from: text(),
            to: text(),
            differs: list(text()),
            rules: list(object({ rule: text(), change: text() })),
            live: { type: 'object' },
            candidate: { type: 'object' },
            facts: { type: 'object' },
          }),
        ),
        description:
          'some of the last differences, with the facts that made them; nobody’s identity',
      },
    },
  ),
} as const satisfies Readonly<Record<string, JsonSchema>>

export type AnswerName = keyof typeof answers

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}
export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}
function named(): JsonSchema {
  return object({ id: text(), title: text(), revision: revision() })
}
function transition(): JsonSchema {
  return object({ from: text(), to: text(), count: count(0) })
}
function readiness(status: string): JsonSchema {
  return object(
    { status: { const: status }, checks: ref('Checks'), ruleSet: ref('RuleSetName') },
    { lastReload: ref('LastReload'), bundle: ref('Pulling') },
  )
}
function time(): JsonSchema {
  return { type: 'string', format: 'date-time' }
}
function revision(): JsonSchema {
  return { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }
}
function count(minimum: number): JsonSchema {
  return { type: 'integer', minimum }
}
function text(): JsonSchema {
  return { type: 'string' }
}
function dictionary(member: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: member }
}
function object(required: JsonSchema, optional: JsonSchema = {}): JsonSchema {
  return {
    type: 'object',
    required: Object.keys(required),
    properties: { ...required, ...optional },
  }
}

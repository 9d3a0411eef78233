import { effects, outcomes, requirements } from './decision.ts'
import { facts, type FactTable } from './facts.ts'
import { memberSchema, shapeOf, valueSchema, type JsonSchema, type Kind } from './kinds.ts'
import { decorators, operators, resolveOperator, usualDecorated } from './operators.ts'
import { names } from './reader.ts'
import { envelopeMembers } from './sign-in.ts'

/**
 * JSON Schemas (2020-12) of everything that is written by hand or sent by callers, made from the same tables that parse
 * it, so that an editor completes facts, operators and values. They lie in rules/ and a test holds them to this.
 */
export function schemas(table: FactTable = facts): Readonly<Record<string, JsonSchema>> {
  const file = (title: string, schema: JsonSchema) => ({ $schema: dialect, title, ...schema })
  return {
    'condition.schema.json': file('Conditions of rules', {
      $defs: conditionDefs(table),
      $ref: '#/$defs/root',
    }),
    'rule.schema.json': file('A rule', ruleSchema()),
    'conditions.schema.json': file(
      'Shared conditions of a pack, by name',
      dictionary({ $ref: root }, names.camel.pattern.source),
    ),
    'lists.schema.json': file(
      'Named lists of a pack',
      dictionary(listSchema, names.camel.pattern.source),
    ),
    'facts.schema.json': file(
      'Facts that a pack declares for itself',
      dictionary(customFactSchema, '^custom\\.[a-z][A-Za-z0-9]*$'),
    ),
    'pack.schema.json': file('A pack', packSchema(table)),
    'cases.schema.json': file(
      'Cases of a pack: sign-ins with the decisions they must get',
      casesSchema(table),
    ),
    'invariants.schema.json': file(
      'Promises of a pack about all sign-ins, by name',
      dictionary(invariantSchema, names.kebab.pattern.source),
    ),
    'sign-in.schema.json': file('A sign-in, as callers send it', signInSchema(table)),
  }
}

const dialect = 'https://json-schema.org/draft/2020-12/schema'
const root = 'condition.schema.json#/$defs/root'
const text = { type: 'string', minLength: 1 }
const kebab = { type: 'string', pattern: names.kebab.pattern.source }
const camel = { type: 'string', pattern: names.camel.pattern.source }

const object = (properties: JsonSchema, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const dictionary = (member: JsonSchema, pattern = '^[^$]'): JsonSchema => ({
  type: 'object',
  properties: { $schema: text },
  patternProperties: { [pattern]: member },
  additionalProperties: false,
})

/** A fact of the table, or one that the pack declares. */
const factName = {
  anyOf: [{ enum: Object.keys(facts) }, { type: 'string', pattern: '^custom\\.' }],
}

const arrayOf = (items: JsonSchema, minItems = 0): JsonSchema => ({
  type: 'array',
  items,
  ...(minItems > 0 && { minItems }),
})

const inert = {
  description: { ...text, description: 'for people' },
  name: { ...text, description: 'for people' },
  priority: { type: 'integer', minimum: 1, description: 'never changes a decision' },
}

function conditionDefs(table: FactTable): JsonSchema {
  const condition = { $ref: '#/$defs/condition' }
  const branches = {
    all: object(
      { all: { ...arrayOf(condition, 1), description: 'holds when every member holds' }, ...inert },
      ['all'],
    ),
    any: object(
      { any: { ...arrayOf(condition, 1), description: 'holds when some member holds' }, ...inert },
      ['any'],
    ),
    not: object(
      { not: { ...condition, description: 'holds when the member does not' }, ...inert },
      ['not'],
    ),
    reference: object(
      {
        condition: { ...text, description: 'a shared condition of conditions.json, by name' },
        ...inert,
      },
      ['condition'],
    ),
  }
  const branch = Object.keys(branches).map((name) => ({ $ref: `#/$defs/${name}` }))
  return {
    root: { anyOf: branch },
    condition: { anyOf: [...branch, { $ref: '#/$defs/comparison' }] },
    ...branches,
    comparison: {
      type: 'object',
      required: ['fact', 'operator', 'value'],
      properties: { fact: { type: 'string' }, operator: { type: 'string' } },
      anyOf: [
        ...Object.entries(table).map(([fact, { kind, description }]) =>
          comparison(fact, description, kind),
        ),
        customComparison,
      ],
    },
    list: object({ list: { ...text, description: 'a list of lists.json, by name' } }, ['list']),
    fact: object({ fact: { ...factName, description: 'compares with another fact' } }, ['fact']),
  }
}

function comparison(fact: string, description: string, kind: Kind): JsonSchema {
  const shape = shapeOf(kind)
  const fitting = [...Object.keys(operators), ...usualDecorated].filter((name) => {
    const operator = resolveOperator(name)!
    return operator.fact.depth === shape.depth && (shape.ordered || !operator.fact.ordered)
  })
  const decorated = {
    type: 'string',
    pattern: `^(?:(?:${Object.keys(decorators).join('|')}):){1,4}(?:${Object.keys(operators).join('|')})$`,
  }
  const member = memberSchema(kind)
  return object(
    {
      fact: { const: fact, description },
      operator: { anyOf: [{ enum: fitting }, decorated] },
      value: {
        anyOf: [member, arrayOf(member, 1), { $ref: '#/$defs/list' }, { $ref: '#/$defs/fact' }],
      },
      ...inert,
    },
    ['fact', 'operator', 'value'],
  )
}

const customComparison = object(
  {
    fact: { type: 'string', pattern: '^custom\\.', description: 'a fact of facts.json' },
    operator: text,
    value: {},
    ...inert,
  },
  ['fact', 'operator', 'value'],
)

function ruleSchema(): JsonSchema {
  const params = (own: JsonSchema) =>
    object(
      {
        ...own,
        code: { ...camel, description: 'stable code of the reason, for callers to act on' },
        aadsts: {
          type: 'integer',
          minimum: 1,
          description: 'the AADSTS error code that Entra shows for the like',
        },
        shows: {
          ...arrayOf(factName),
          description: 'facts whose values the answer carries',
        },
      },
      [...Object.keys(own), 'code'],
    )
  const own = {
    block: {},
    challenge: { requirement: { enum: requirements, description: 'what must be satisfied first' } },
    advise: { advice: { ...camel, description: 'what the user is told and may put off' } },
  }
  return object(
    {
      $schema: text,
      name: { ...kebab, description: 'the name of the file' },
      title: { ...text, description: 'the rule in one sentence, shown with its reasons' },
      description: { ...text, description: 'why the rule is as it is' },
      control: { ...text, description: 'the promise that the rule serves: a control of pack.json' },
      source: {
        ...text,
        description:
          'the passage that the rule implements: a document of pack.json, # and the place',
      },
      priority: inert.priority,
      mode: {
        const: 'report',
        description:
          'the rule never determines a decision; that it would have applied is reported. Left out, it decides. json-rules-engine does not know it and would run the rule: give it what `portcullis packs NAME --plain` prints',
      },
      conditions: { $ref: root },
      event: {
        anyOf: effects.map((effect) =>
          object({ type: { const: effect }, params: params(own[effect]) }, ['type', 'params']),
        ),
      },
    },
    ['name', 'title', 'control', 'source', 'conditions', 'event'],
  )
}

const listSchema = object(
  {
    description: text,
    source: text,
    values: arrayOf(
      {
        anyOf: [
          text,
          object({ value: text, name: { ...text, description: 'what it is called' } }, ['value']),
        ],
      },
      1,
    ),
  },
  ['description', 'values'],
)

const customFactSchema = {
  ...object(
    {
      kind: { enum: ['flag', 'oneOf', 'someOf', 'integer', 'timestamp', 'id', 'ids'] },
      description: text,
      values: { ...arrayOf(text, 1), description: 'of oneOf and someOf' },
      min: { type: 'integer', description: 'of integer' },
      max: { type: 'integer', description: 'of integer' },
      absence: {
        description:
          'assumed when callers leave the fact out: the strictest value. Without it the fact is required',
      },
    },
    ['kind', 'description'],
  ),
  allOf: [
    {
      if: { properties: { kind: { enum: ['oneOf', 'someOf'] } } },
      then: { required: ['values'] },
      else: { properties: { values: false } },
    },
    {
      if: { properties: { kind: { const: 'integer' } } },
      then: { required: ['min', 'max'] },
      else: { properties: { min: false, max: false } },
    },
  ],
}

function packSchema(table: FactTable): JsonSchema {
  const assumed = Object.entries(table).flatMap(([fact, { kind, origin, description }]) =>
    origin.by === 'caller' && (origin.absence === 'assumed' || origin.absence === 'refusedIfRead')
      ? [
          [
            fact,
            {
              ...object({ value: valueSchema(kind), reason: text }, ['value', 'reason']),
              description,
            },
          ],
        ]
      : [],
  )
  const override = {
    ...object(
      {
        loosens: {
          type: 'boolean',
          description: 'whether some sign-in is decided less strictly than by the base',
        },
        removes: { const: true, description: 'takes it out of the base' },
        reason: text,
        owner: { ...text, description: 'who answers for it; required with "loosens"' },
        expires: {
          type: 'string',
          format: 'date',
          description: 'when it is looked at again; required with "loosens"',
        },
      },
      ['loosens', 'reason'],
    ),
    if: { properties: { loosens: { const: true } } },
    then: { required: ['owner', 'expires'] },
  }
  return object(
    {
      $schema: text,
      id: { ...text, description: 'the name of the folder' },
      title: text,
      description: text,
      extends: { ...text, description: 'a pack to build on: beside this one, or built in' },
      controls: { ...dictionary(text), description: 'promises, by the names that rules use' },
      sources: {
        ...dictionary(object({ title: text, date: text, url: text }, ['title', 'date'])),
        description: 'documents that rules cite',
      },
      assumptions: {
        type: 'object',
        properties: Object.fromEntries(assumed),
        patternProperties: {
          '^custom\\.': object({ value: {}, reason: text }, ['value', 'reason']),
        },
        additionalProperties: false,
        description:
          'what is taken for facts that callers leave out, in place of the strictest value; every answer lists them',
      },
      overrides: {
        ...dictionary(override, '^(?:facts|conditions|lists|rules|assumptions|invariants)/'),
        description: 'what is replaced of the base pack, and why',
      },
    },
    ['id', 'title', 'description', 'controls', 'sources'],
  )
}

function casesSchema(table: FactTable): JsonSchema {
  const { properties } = signInSchema(table)
  const partial = {
    type: 'object',
    properties: withoutRequired(properties as JsonSchema),
    additionalProperties: false,
  }
  const expect = object(
    {
      outcome: { enum: outcomes },
      requirements: arrayOf({ enum: requirements }),
      advice: arrayOf(camel),
      codes: arrayOf(camel),
    },
    ['outcome'],
  )
  const one = object(
    {
      name: text,
      source: text,
      with: { ...partial, description: 'what differs from the baseline' },
      without: { ...arrayOf(text), description: 'facts of the baseline to leave out' },
      expect,
    },
    ['name', 'expect'],
  )
  return object(
    {
      $schema: text,
      baseline: { ...partial, description: 'an ordinary sign-in' },
      cases: arrayOf(one),
    },
    ['cases'],
  )
}

const withoutRequired = (properties: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const { required: _, ...rest } = schema as JsonSchema
      return [name, rest]
    }),
  )

const outcome = { enum: outcomes }
const promises = {
  require: {
    anyOf: [
      ...['atLeast', 'atMost', 'exactly'].map((form) => object({ [form]: outcome }, [form])),
      object({ oneOf: arrayOf(outcome, 1) }, ['oneOf']),
    ],
    description: 'what the decision must be',
  },
  requires: {
    ...arrayOf({ enum: requirements }, 1),
    description: 'the sign-in is blocked, or these are demanded',
  },
  never: { ...outcome, description: 'what the decision must not be' },
  possible: {
    ...outcome,
    description:
      'what the decision is of one sign-in at least for which `when` holds: such as the way in that is left in an emergency',
  },
}

const invariantSchema = {
  ...object(
    {
      title: text,
      source: text,
      when: { $ref: root },
      without: {
        ...arrayOf(text, 1),
        description:
          'facts that these sign-ins leave out, so that what the pack assumes is taken for them',
      },
      ...promises,
    },
    ['title', 'when'],
  ),
  oneOf: Object.keys(promises).map((form) => ({ required: [form] })),
}

function signInSchema(table: FactTable): JsonSchema {
  const top: Record<string, JsonSchema> = {}
  const areas: Record<string, { properties: Record<string, JsonSchema>; required: string[] }> = {}
  for (const [fact, { kind, description, origin }] of Object.entries(table)) {
    if (origin.by === 'engine') continue
    const schema = { ...valueSchema(kind), description }
    const [area, member] = fact.split('.') as [string, string | undefined]
    if (member === undefined) top[area] = schema
    else {
      const { properties, required } = (areas[area] ??= { properties: {}, required: [] })
      properties[member] = schema
      if (origin.by === 'caller' && origin.absence === 'refused') required.push(member)
    }
  }
  const required = Object.entries(areas).flatMap(([area, { required }]) =>
    required.length > 0 ? [area] : [],
  )
  return object(
    {
      ...top,
      ...Object.fromEntries(
        Object.entries(areas).map(([area, { properties, required }]) => [
          area,
          object(properties, required),
        ]),
      ),
      custom: { type: 'object', description: 'facts that the pack declares' },
      envelope: {
        ...object(
          Object.fromEntries(
            envelopeMembers.map((member) => [member, { type: 'string', maxLength: 256 }]),
          ),
        ),
        description: 'who and where; no rule sees it',
      },
    },
    required,
  )
}

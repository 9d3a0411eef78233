import { effects, outcomes, pairLaws, requirements, type JsonSchema } from '../../engine/index.ts'
import { verdicts } from './report.ts'

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }
const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** Members whose names end in `?` may be missing. */
function object(members: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema {
  const named = Object.entries(members).map(
    ([name, schema]) => [name.replace(/\?$/, ''), schema, name.endsWith('?')] as const,
  )
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(named.map(([name, schema]) => [name, schema])),
    required: named.flatMap(([name, , optional]) => (optional ? [] : [name])),
    additionalProperties: false,
  }
}

const location = { file: text, line: count, column: count, length: count }
const place = object(
  { ...location, pointer: text },
  'lines and columns count from 1; the pointer is a JSON pointer into the file',
)
const value = { description: 'a value of a fact, as callers send it' }
const shownFact = {
  fact: text,
  value,
  'called?': { ...arrayOf(text), description: 'names of the ids among the values' },
}
const reason = object({
  rule: text,
  control: text,
  code: text,
  'aadsts?': count,
  'facts?': { type: 'object' },
})

const comparison = object({
  fact: text,
  operator: text,
  seen: value,
  wanted: value,
  'wantedList?': text,
  'wantedFact?': text,
  holds: { type: 'boolean' },
  at: place,
})

const concerned = object({
  rule: text,
  title: text,
  effect: { enum: effects },
  'requirement?': { enum: requirements },
  applies: {
    type: 'boolean',
    description: 'whether it applies, and breaks the promise so; else it would have kept it',
  },
  at: place,
  because: arrayOf(
    object({
      'condition?': { ...text, description: 'the shared condition that stands there' },
      holds: { type: 'boolean' },
      at: place,
      comparisons: arrayOf(comparison),
    }),
  ),
})

const witness = object({
  deviations: {
    ...arrayOf(object({ ...shownFact, ordinary: value })),
    description:
      'where the sign-in is not as the ordinary one: in no fewer facts is one that breaks it',
  },
  forcing: {
    ...arrayOf(object(shownFact)),
    description: 'with these facts, and any other ones, the invariant is broken',
  },
  decision: object({
    outcome: { enum: outcomes },
    requirements: arrayOf({ enum: requirements }),
    reasons: arrayOf(reason),
  }),
  signIn: { type: 'object', description: 'all of it, as portcullis explain takes it' },
})

const mend = object(
  {
    edit: { enum: ['delete', 'negate', 'removeRule', 'enforceRule', 'restoreRule', 'addRule'] },
    what: { ...text, description: 'the condition in words, or the rule' },
    at: place,
    'rule?': object({ conditions: { type: 'object' }, event: { type: 'object' } }),
  },
  'an edit after which it is proved, what was proved still is, and no case fails that did not',
)

const notModelled = object({
  fact: text,
  operator: text,
  'otherFact?': text,
  because: text,
  at: place,
})

const head = { invariant: text, title: text, promise: text, at: place }
const invariant = {
  oneOf: [
    object({
      ...head,
      verdict: { const: 'proved' },
      'example?': {
        ...witness,
        description: 'of a promise that something is possible: a sign-in that shows it',
      },
    }),
    object({ ...head, verdict: { const: 'vacuous' } }),
    object(
      { ...head, verdict: { const: 'refuted' } },
      'no sign-in is as is promised to be possible',
    ),
    object({ ...head, verdict: { const: 'unknown' }, because: text }),
    object({
      ...head,
      verdict: { const: 'unsupported' },
      because: text,
      notModelled: arrayOf(notModelled),
    }),
    object({
      ...head,
      verdict: { const: 'refuted' },
      witness,
      'leftOut?': {
        ...arrayOf(object(shownFact)),
        description: 'facts that it wants left out, and what was taken for them',
      },
      letThrough: object({ rules: arrayOf(concerned), rulesNotShown: count }),
      'mend?': mend,
      triedAll: { type: 'boolean', description: 'whether all edits were tried that are looked at' },
    }),
  ],
}

const decided = object({
  outcome: { enum: outcomes },
  requirements: arrayOf({ enum: requirements }),
  rules: arrayOf(object({ rule: text, at: place })),
  advice: arrayOf(object({ rule: text, advice: text, at: place })),
})

const lawHead = {
  law: { enum: Object.keys(pairLaws) },
  title: text,
  facts: { ...arrayOf(text), description: 'in which the two sign-ins may differ' },
}
const law = {
  oneOf: [
    object({
      ...lawHead,
      verdict: { const: 'proved' },
      certified: { ...count, description: 'conclusions that the certifier went through' },
    }),
    object({ ...lawHead, verdict: { enum: ['unknown', 'unsupported'] }, because: text }),
    object({
      ...lawHead,
      verdict: { const: 'refuted' },
      deviations: {
        ...arrayOf(object({ ...shownFact, ordinary: value })),
        description: 'where the first sign-in is not as the ordinary one',
      },
      changes: {
        ...arrayOf(object(shownFact)),
        description: 'where the second sign-in is not as the first',
      },
      signIns: object({ first: { type: 'object' }, second: { type: 'object' } }),
      decisions: object({ first: decided, second: decided }),
      'excepted?': { ...text, description: 'why the pack makes an exception: no failure then' },
    }),
  ],
}

const faults = arrayOf(
  object({
    pointer: text,
    expected: text,
    got: text,
    'hint?': text,
    'about?': { const: 'name' },
    'at?': object(location),
  }),
)

const ofThose = object({
  rule: text,
  title: text,
  effect: { enum: effects },
  'requirement?': { enum: requirements },
  at: place,
  applies: { enum: ['always', 'can', 'never', 'unknown'] },
  'example?': { ...witness, description: 'the nearest sign-in to which it applies' },
  'counterexample?': { ...witness, description: 'the nearest to which it does not' },
})

const asked = { pack: text, revision: digest, condition: text }

/** JSON Schema of what `portcullis verify which --json` prints. */
export const whichSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'What portcullis verify which --json prints',
  oneOf: [
    object({ ...asked, is: { const: 'told' }, rules: arrayOf(ofThose) }),
    object({ ...asked, is: { const: 'nobody' } }, 'there is no sign-in of that condition'),
    object({ ...asked, is: { enum: ['unsupported', 'unknown'] }, because: text }),
    object({ faults }, 'the condition can not be read'),
  ],
})

/** JSON Schema of what `portcullis verify --json` prints. */
export const verifySchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'What portcullis verify --json prints',
  type: 'array',
  items: {
    oneOf: [
      object({
        pack: text,
        faults,
      }),
      object({
        pack: text,
        revision: { ...digest, description: 'of the rule set' },
        facts: { ...digest, description: 'of the fact table: which sign-ins there are' },
        assumptions: arrayOf(object({ fact: text, value, reason: text })),
        counts: object(Object.fromEntries(verdicts.map((each) => [each, count]))),
        invariants: arrayOf(invariant),
        'laws?': { ...arrayOf(law), description: 'with --laws' },
        certified: { ...count, description: 'conclusions that the certifier went through' },
        conflicts: count,
        budget: { ...count, description: 'conflicts allowed for each question' },
        milliseconds: count,
      }),
    ],
  },
})

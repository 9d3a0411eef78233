import type { JsonSchema } from '../../engine/index.ts'
import type { ProblemName } from '../problems.ts'
import { list, ref } from './answers.ts'

/** The table of endpoints: what each is asked, and everything it may answer. `GET /openapi.json` is made from it. */
export type Endpoint = {
  readonly id: string
  readonly summary: string
  readonly description?: string
  readonly tag: Tag
  readonly path?: Readonly<Record<string, JsonSchema>>
  /** What may be sent, by media type. */
  readonly sent?: Readonly<Record<string, Content>>
  /** Nothing need be said; the media type all the same. */
  readonly mayBeEmpty?: true
  readonly answers: Readonly<Record<number, Answered>>
  /** Problems of its own; beside them are those of access, where a scope is wanted, and those that may come from any endpoint. */
  readonly problems?: readonly ProblemName[]
}

export const tags = {
  decisions: 'Sign-ins in, decisions out. A block is an answer, sent with 200.',
  rules: 'What decides.',
  health: 'How the service is.',
  contract: 'What you are reading.',
} as const
type Tag = keyof typeof tags

export type Content = {
  readonly schema: JsonSchema
  /** Of one line, where there are many. */
  readonly line?: JsonSchema
}

export type Answered = {
  readonly says: string
  readonly content?: Readonly<Record<string, Content>>
  readonly headers?: Readonly<Record<string, string>>
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } })
const lines = (line: JsonSchema) => ({
  'application/x-ndjson': { schema: { type: 'string' }, line },
})
const text = (type: string) => ({ [type]: { schema: { type: 'string' } } })
/** A page, JSON or text, as the caller would rather have. */
const shown = (schema: JsonSchema) => ({
  ...text('text/html'),
  ...json(schema),
  ...text('text/plain'),
})
const ifNoneMatch = { etag: 'send it as If-None-Match to be told only of what has changed' }

const deciding: readonly ProblemName[] = [
  'invalid-json',
  'invalid-sign-in',
  'too-large',
  'unsupported-media-type',
  'internal',
  'unavailable',
]

/** What may be wrong with what an operator asks. */
const commanding: readonly ProblemName[] = [
  'invalid-json',
  'invalid-request',
  'too-large',
  'unsupported-media-type',
]

export const endpoints = {
  'POST /v1/decisions': {
    id: 'decide',
    summary: 'Decide one sign-in',
    tag: 'decisions',
    sent: json(ref('SignIn')),
    answers: { 200: { says: 'the decision, a block too', content: json(ref('Decision')) } },
    problems: deciding,
  },
  'POST /v1/decisions/batch': {
    id: 'decideBatch',
    summary: 'Decide many sign-ins',
    description:
      'An array is answered by an array in the same order, whole or not at all. NDJSON is streamed: a line out for every line in that is not empty, as soon as it is decided, and what could not be decided is said in its place.',
    tag: 'decisions',
    sent: { ...json(list(ref('SignIn'))), ...lines(ref('SignIn')) },
    answers: {
      200: {
        says: 'what became of each sign-in',
        content: { ...json(ref('BatchItems')), ...lines(ref('BatchItem')) },
      },
    },
    problems: deciding,
  },
  'POST /v1/decisions/explain': {
    id: 'explain',
    summary: 'Explain how one sign-in would be decided',
    description:
      'Every rule and condition with what was seen and wanted, and the nearest changes that would give another outcome. It is no decision: it has no id, no log takes note of it, and it lets nobody in.',
    tag: 'decisions',
    sent: json(ref('SignIn')),
    answers: { 200: { says: 'the explanation', content: json(ref('Explanation')) } },
    problems: deciding,
  },
  'GET /v1/rule-set': {
    id: 'ruleSet',
    summary: 'The rules that decide, with their sources',
    tag: 'rules',
    answers: {
      200: { says: 'the rule set', content: json(ref('RuleSet')), headers: ifNoneMatch },
      304: { says: 'it is the one that you know', headers: ifNoneMatch },
    },
  },
  'GET /v1/rule-set/revisions': {
    id: 'revisions',
    summary: 'The rule sets that are kept, and what decided when',
    tag: 'rules',
    answers: { 200: { says: 'those', content: json(ref('Revisions')) } },
  },
  'POST /v1/rule-set/reload': {
    id: 'reload',
    summary: 'Read the rules anew, and let them decide',
    description:
      'They are read, tried on their own cases and invariants, and made ready beside what decides; then they decide everywhere at once, or nowhere.',
    tag: 'rules',
    mayBeEmpty: true,
    sent: json({ type: 'object', properties: {}, additionalProperties: false }),
    answers: { 200: { says: 'they decide', content: json(ref('Activation')) } },
    problems: [...commanding, 'rule-set-refused'],
  },
  'POST /v1/rule-set/activate': {
    id: 'activate',
    summary: 'Let a rule set decide that is kept',
    tag: 'rules',
    sent: json({
      type: 'object',
      required: ['revision'],
      properties: { revision: { type: 'string', examples: ['sha256:6700'] } },
      additionalProperties: false,
    }),
    answers: { 200: { says: 'it decides', content: json(ref('Activation')) } },
    problems: [...commanding, 'unknown-revision'],
  },
  'POST /v1/rule-set/rollback': {
    id: 'rollback',
    summary: 'Let the rule set decide that did before',
    tag: 'rules',
    mayBeEmpty: true,
    sent: json({ type: 'object', properties: {}, additionalProperties: false }),
    answers: { 200: { says: 'it decides', content: json(ref('Activation')) } },
    problems: [...commanding, 'nothing-before'],
  },
  'GET /v1/shadow': {
    id: 'shadow',
    summary: 'What the candidate in the shadow would have decided otherwise',
    tag: 'rules',
    answers: { 200: { says: 'the differences so far', content: json(ref('Shadow')) } },
  },
  'POST /v1/shadow/promote': {
    id: 'promote',
    summary: 'Let the candidate decide',
    description:
      'As its texts were when it came into the shadow. A revision, if one is said, must be its own.',
    tag: 'rules',
    mayBeEmpty: true,
    sent: json({
      type: 'object',
      properties: { revision: { type: 'string' } },
      additionalProperties: false,
    }),
    answers: { 200: { says: 'it decides', content: json(ref('Activation')) } },
    problems: [...commanding, 'not-the-candidate'],
  },
  'GET /v1/status': {
    id: 'status',
    summary: 'How the service is as a whole',
    tag: 'health',
    answers: { 200: { says: 'this', content: json(ref('Status')) } },
  },
  'GET /livez': {
    id: 'livez',
    summary: 'Whether the process answers',
    tag: 'health',
    answers: { 200: { says: 'it does', content: json(ref('Live')) } },
  },
  'GET /readyz': {
    id: 'readyz',
    summary: 'Whether it may be sent sign-ins',
    tag: 'health',
    answers: {
      200: { says: 'it may', content: json(ref('Ready')) },
      503: {
        says: 'not now: it starts or stops, nobody decides, or the decision log lets nothing be told',
        content: json(ref('NotReady')),
      },
    },
  },
  'GET /metrics': {
    id: 'metrics',
    summary: 'What the service tells of itself, for Prometheus',
    tag: 'health',
    answers: { 200: { says: 'the text format of Prometheus', content: text('text/plain') } },
  },
  'GET /problems': {
    id: 'problems',
    summary: 'Every way in which a request can fail',
    tag: 'contract',
    answers: { 200: { says: 'all problems', content: shown(list(ref('ProblemType'))) } },
  },
  'GET /problems/{name}': {
    id: 'problem',
    summary: 'What the type of a problem means',
    tag: 'contract',
    path: { name: { type: 'string', examples: ['invalid-sign-in'] } },
    answers: {
      200: { says: 'what it means, and what to do', content: shown(ref('ProblemType')) },
    },
    problems: ['not-found'],
  },
  'GET /openapi.json': {
    id: 'openApi',
    summary: 'This description',
    tag: 'contract',
    answers: {
      200: {
        says: 'OpenAPI 3.1',
        content: json({ type: 'object', required: ['openapi', 'info', 'paths'] }),
        headers: ifNoneMatch,
      },
      304: { says: 'it is the one that you know', headers: ifNoneMatch },
    },
  },
  'GET /docs': {
    id: 'docs',
    summary: 'This description, to be read and tried',
    tag: 'contract',
    answers: { 200: { says: 'a page', content: text('text/html') } },
  },
  'GET /docs/rapidoc.js': {
    id: 'docsScript',
    summary: 'The script of that page',
    tag: 'contract',
    answers: {
      200: { says: 'the script', content: text('text/javascript'), headers: ifNoneMatch },
      304: { says: 'it is the one that you know', headers: ifNoneMatch },
    },
  },
} as const satisfies Readonly<Record<string, Endpoint>>

export type EndpointName = keyof typeof endpoints

/** What may come from an endpoint that wants a scope. */
export const guarded: readonly ProblemName[] = [
  'unauthorized',
  'forbidden',
  'cross-site',
  'too-many-requests',
]

/** What may come from any endpoint; those of HTTP itself end the connection. */
export const everywhere: readonly ProblemName[] = [
  'bad-request',
  'not-found',
  'method-not-allowed',
  'timeout',
  'expectation-failed',
  'misdirected',
  'headers-too-large',
  'internal',
  'unavailable',
  'version-not-supported',
]

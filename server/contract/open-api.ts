import { schemas, type JsonSchema } from '../../engine/index.ts'
import { endpoints as wanted, type Wanted } from '../access/scopes.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { problems, type ProblemName } from '../problems.ts'
import { answers, ref } from './answers.ts'
import { endpoints, everywhere, guarded, tags, type Content, type Endpoint } from './endpoints.ts'

/**
 * The description of the service in OpenAPI 3.1, made of the tables by which it answers: facts, problems, endpoints. The same for
 * every rule set and all settings.
 */
export function openApi(): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const [method, path] = name.split(' ') as [string, string]
    ;(paths[path] ??= {})[method.toLowerCase()] = operation(endpoint, scopeOf(method, path))
  }
  const { $schema: _, ...signIn } = schemas()['sign-in.schema.json']!
  return {
    openapi: '3.1.1',
    info: {
      title: 'Portcullis',
      version: packageJson.version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Decides sign-ins from declarative rules, with reasons. Outcomes are in `200` answers, a block too; a status code is about the request, and none but a `200` whose `outcome` is `allow` lets anybody in.\n\nMembers may come to be added to answers: pass over those that you do not know. `/v1` changes when something is taken away or comes to mean something else.',
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { SignIn: { ...signIn, examples: [signInExample] }, ...answers },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'where the service wants tokens: one that has the scope that an endpoint names. No scope implies another',
        },
      },
      responses: { Problem: problemsAnswer(everywhere, 'A problem that any endpoint may have') },
    },
  }
}

/** Facts of an ordinary sign-in; what is left out is assumed. */
export const signInExample = {
  user: { type: 'member', roles: [], registeredMethods: ['microsoftAuthenticatorPush'] },
  client: { app: 'browser', authenticationFlow: 'none' },
  resource: { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' },
  device: { familiarity: 'known' },
  location: { familiarity: 'familiar' },
  session: { mfa: 'thisSignIn' },
}

/** What a caller must be good for, where tokens are wanted. */
export const scopeOf = (method: string, path: string): Wanted =>
  wanted[path.replaceAll(/\{(\w+)\}/g, ':$1')]?.[method] ?? 'none'

function operation(endpoint: Endpoint, scope: Wanted) {
  const { id, summary, description, tag, path, sent, answers, ...more } = endpoint
  const isGuarded = scope !== 'none'
  const names = [...(more.problems ?? []), ...(isGuarded ? guarded : [])]
  const byStatus = Map.groupBy(names, (name) => problems[name].status)
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(isGuarded && { security: [{ bearer: [scope] }] }),
    ...(path && {
      parameters: Object.entries(path).map(([name, schema]) => ({
        name,
        in: 'path',
        required: true,
        schema,
      })),
    }),
    ...(sent && { requestBody: { required: !more.mayBeEmpty, content: contents(sent) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { says, content, headers }]) => [
          status,
          {
            description: says,
            ...(headers && { headers: headersOf(headers) }),
            ...(content && { content: contents(content) }),
          },
        ]),
      ),
      ...Object.fromEntries(
        Array.from(byStatus, ([status, names]) => [status, problemsAnswer(names)]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function problemsAnswer(names: readonly ProblemName[], title?: string): JsonSchema {
  const types = names.map((name) => `/problems/${name}`)
  const said = {
    ...((names.includes('unavailable') || names.includes('too-many-requests')) && {
      'retry-after': 'seconds after which to ask again',
    }),
    ...(names.includes('unauthorized') && { 'www-authenticate': 'what is wanted' }),
  }
  return {
    description: title ?? names.map((name) => problems[name].title).join('; or '),
    ...(title === undefined && Object.keys(said).length > 0 && { headers: headersOf(said) }),
    content: {
      'application/problem+json': {
        schema: { allOf: [ref('Problem'), { properties: { type: { enum: types } } }] },
      },
    },
  }
}

const contents = (content: Readonly<Record<string, Content>>) =>
  Object.fromEntries(
    Object.entries(content).map(([type, { schema, line }]) => [
      type,
      { schema, ...(line && { 'x-line-schema': line }) },
    ]),
  )

const headersOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  )

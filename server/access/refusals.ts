import { readyProblem, type ReadyProblem } from '../ready-problem.ts'
import { scopes, type Scope } from './scopes.ts'

/** Every way in which access is refused, as the metrics name it. */
export const reasons = [
  'no-credential',
  'malformed',
  'oversized',
  'unknown-token',
  'expired',
  'scope',
  'rate',
  'host',
  'cross-site',
] as const
export type Reason = (typeof reasons)[number]

export type Refusal = { readonly reason: Reason; readonly problem: ReadyProblem }

/** Never says anything of the credential that came. */
const unauthorized = (reason: Reason, detail: string, error?: string): Refusal => ({
  reason,
  problem: readyProblem('unauthorized', detail, {
    'www-authenticate': `Bearer realm="portcullis"${error === undefined ? '' : `, error="${error}"`}`,
  }),
})

export const refusals = {
  noCredential: unauthorized(
    'no-credential',
    'expected an Authorization header with a Bearer token',
  ),
  malformed: unauthorized('malformed', 'expected Authorization: Bearer TOKEN', 'invalid_request'),
  oversized: unauthorized('oversized', 'expected a shorter token', 'invalid_token'),
  unknownToken: unauthorized('unknown-token', 'the token is not known', 'invalid_token'),
  expired: unauthorized('expired', 'the token has expired', 'invalid_token'),
  rate: {
    reason: 'rate',
    problem: readyProblem('too-many-requests', 'expected fewer requests a second', {
      'retry-after': '1',
    }),
  },
  host: {
    reason: 'host',
    problem: readyProblem(
      'misdirected',
      'expected a Host header with a loopback name or address, or one of the setting --hosts',
    ),
  },
  crossSite: {
    reason: 'cross-site',
    problem: readyProblem('cross-site', 'expected a request that no other site has sent'),
  },
} as const satisfies Readonly<Record<string, Refusal>>

export const missingScope = Object.fromEntries(
  scopes.map((scope): [Scope, Refusal] => [
    scope,
    {
      reason: 'scope',
      problem: readyProblem(
        'forbidden',
        `expected a credential with the scope ${JSON.stringify(scope)}`,
        {
          'www-authenticate': `Bearer realm="portcullis", error="insufficient_scope", scope="${scope}"`,
        },
      ),
    },
  ]),
) as Readonly<Record<Scope, Refusal>>

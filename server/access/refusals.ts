import { readyProblem, type ReadyProblem } from '../ready-problem.ts'
import { scopes, type Scope } from './scopes.ts'

/** Every way in which access is refused, as the metrics name it. */
export const reasons = [
  'no-credential',
  'malformed',
  'oversized',
  'unknown-token',
  'expired',
  'not-yet-valid',
  'wrong-issuer',
  'wrong-audience',
  'wrong-algorithm',
  'wrong-signature',
  'wrong-certificate',
  'unknown-key',
  'bad-claims',
  'bad-token',
  'keys-unavailable',
  'busy',
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

const notNow = (reason: Reason, detail: string): Refusal => ({
  reason,
  problem: readyProblem('unavailable', detail, { 'retry-after': '1' }),
})

const invalid = (reason: Reason, detail: string) => unauthorized(reason, detail, 'invalid_token')

export const refusals = {
  noCredential: unauthorized(
    'no-credential',
    'expected an Authorization header with a Bearer token',
  ),
  malformed: unauthorized('malformed', 'expected Authorization: Bearer TOKEN', 'invalid_request'),
  oversized: invalid('oversized', 'expected a shorter token'),
  unknownToken: invalid('unknown-token', 'the token is not known'),
  expired: invalid('expired', 'the token has expired'),
  notYetValid: invalid('not-yet-valid', 'the token is not valid yet'),
  wrongIssuer: invalid('wrong-issuer', 'the token is not of the issuer that is trusted here'),
  wrongAudience: invalid('wrong-audience', 'the token is for another audience'),
  wrongAlgorithm: invalid(
    'wrong-algorithm',
    'the token is signed by an algorithm that is not allowed here, or not signed',
  ),
  wrongSignature: invalid('wrong-signature', 'the signature of the token does not hold'),
  wrongCertificate: invalid(
    'wrong-certificate',
    'the token is bound to something else than the certificate of this connection',
  ),
  unknownKey: invalid(
    'unknown-key',
    'the token is signed by a key that its issuer does not publish',
  ),
  badClaims: invalid(
    'bad-claims',
    'the token lacks a claim, or has one that is not as it should be',
  ),
  badToken: invalid('bad-token', 'the token is not as it should be'),
  keysUnavailable: notNow('keys-unavailable', 'the keys of the issuer can not be fetched'),
  busy: notNow('busy', 'there are too many tokens to verify'),
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

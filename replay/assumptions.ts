import type { Assumption } from '../engine/index.ts'

/** The id of no application. */
const noId = '00000000-0000-0000-0000-000000000000'

/**
 * What replay takes for facts that sign-in logs don't hold, so that the question is "what if security defaults were
 * switched on now, and everything else is as usual?". Each is listed in the report with the rows that needed it.
 */
export const replayAssumptions: readonly Assumption[] = [
  { fact: 'tenant.securityDefaults', value: 'enabled', reason: 'that is the question' },
  { fact: 'tenant.enabledAt', value: 0, reason: 'grace periods are given by the first sign-in' },
  { fact: 'tenant.createdAt', value: 0, reason: 'not a new tenant' },
  { fact: 'tenant.trustsHomeTenantMfa', value: false, reason: 'not in the log' },
  { fact: 'user.type', value: 'member', reason: 'not in the row: taken for a member' },
  { fact: 'user.roles', value: [], reason: 'not in the log: nobody is taken for an administrator' },
  {
    fact: 'user.registeredMethods',
    value: [],
    reason: 'not in the log: nobody is taken to be registered',
  },
  {
    fact: 'user.firstInteractiveSignInAt',
    value: null,
    reason: 'as if security defaults had just been switched on',
  },
  { fact: 'user.directorySynchronizationAccount', value: false, reason: 'not in the log' },
  { fact: 'user.risk', value: 'hidden', reason: 'not in the log' },
  { fact: 'client.appId', value: noId, reason: 'not in the row' },
  {
    fact: 'client.authenticationFlow',
    value: 'none',
    reason: 'not in the row: taken for an ordinary flow',
  },
  {
    fact: 'resource.appId',
    value: noId,
    reason: 'not in the row: taken for none of the listed resources',
  },
  {
    fact: 'device.familiarity',
    value: 'known',
    reason: 'not in the log: taken for the usual device',
  },
  { fact: 'device.compliant', value: false, reason: 'not in the row' },
  { fact: 'device.platform', value: 'unknown', reason: 'not in the row' },
  {
    fact: 'location.familiarity',
    value: 'familiar',
    reason: 'not in the log: taken for the usual place',
  },
  { fact: 'location.country', value: 'ZZ', reason: 'not in the row' },
  { fact: 'location.trusted', value: false, reason: 'not in the log' },
  {
    fact: 'risk.signIn',
    value: 'hidden',
    reason: 'not in the row: hidden, as without a premium licence',
  },
  { fact: 'session.mfa', value: 'none', reason: 'not in the row: taken for a single factor' },
  { fact: 'session.homeTenantMfa', value: 'none', reason: 'not in the log' },
  { fact: 'session.issuedAt', value: null, reason: 'not in the log: nothing was revoked' },
  { fact: 'session.validFrom', value: null, reason: 'not in the log: nothing was revoked' },
]

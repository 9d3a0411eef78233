import type { Reason } from '../../../engine/index.ts'

/** Why security defaults block, challenge or advise, as the hand-written contestant says it. */
const reason = (rule: string, control: string, code: string, aadsts: number): Reason => ({
  rule,
  control,
  code,
  aadsts,
})

export const adminMfaRequired = reason(
  'admins-need-mfa-every-sign-in',
  'requireMfaForAdministrators',
  'adminMfaRequired',
  50076,
)
export const registrationDue = {
  advice: 'registerForMfa',
  ...reason('advise-registration', 'requireMfaRegistration', 'registrationDue', 50079),
}
export const azureManagementMfaRequired = reason(
  'azure-management-needs-mfa',
  'protectPrivilegedActivities',
  'azureManagementMfaRequired',
  50076,
)
export const homeTenantMfaNotTrusted = reason(
  'block-b2b-direct-connect-without-trust',
  'requireMfaWhenNecessary',
  'homeTenantMfaNotTrusted',
  500213,
)
export const legacyAuthentication = reason(
  'block-legacy-authentication',
  'blockLegacyAuthentication',
  'legacyAuthentication',
  530035,
)
export const ropcCannotDoMfa = reason(
  'block-ropc-without-mfa',
  'blockLegacyAuthentication',
  'ropcCannotDoMfa',
  530035,
)
export const unknownClientApp = reason(
  'challenge-unknown-client',
  'blockLegacyAuthentication',
  'unknownClientApp',
  50076,
)
export const newDevice = reason(
  'new-device-needs-mfa',
  'requireMfaWhenNecessary',
  'newDevice',
  50076,
)
export const registrationOverdue = reason(
  'register-after-grace-period',
  'requireMfaRegistration',
  'registrationOverdue',
  50079,
)
export const registrationNeededForMfa = reason(
  'register-when-mfa-is-demanded',
  'requireMfaRegistration',
  'registrationNeededForMfa',
  50079,
)
export const sessionRevoked = reason(
  'revoked-session-must-reauthenticate',
  'revokeActiveTokens',
  'sessionRevoked',
  50173,
)
export const atRisk = reason('risk-needs-mfa', 'requireMfaWhenNecessary', 'atRisk', 50076)
export const sensitiveRole = reason(
  'sensitive-role-needs-mfa',
  'requireMfaWhenNecessary',
  'sensitiveRole',
  50076,
)
export const sensitiveTask = reason(
  'sensitive-task-needs-mfa',
  'requireMfaWhenNecessary',
  'sensitiveTask',
  50076,
)
export const unfamiliarLocation = reason(
  'unfamiliar-location-needs-mfa',
  'requireMfaWhenNecessary',
  'unfamiliarLocation',
  50076,
)

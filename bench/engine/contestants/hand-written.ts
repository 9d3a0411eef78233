import {
  comparisonsOf,
  type Advice,
  type Deciding,
  type Decision,
  type Reason,
  type Requirement,
  type SignIn,
} from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'
import * as because from './reasons.ts'

/**
 * The pack `security-defaults` as one would write it by hand: sets for the lists, everything shared worked out once, reasons
 * pushed in the order of their names. Lists come from the pack.
 */
export const handWritten: Contestant = {
  name: 'hand-written',
  prepare: ({ conditions }) => {
    const list = (condition: string) => listIn(conditions, condition)
    return {
      answers: 'at once',
      adapt: (signIn) => signIn,
      decide: securityDefaults({
        administratorRoles: list('isAdministrator'),
        sensitiveRoles: list('needsMfaForRole'),
        azureManagement: list('asksForAzureManagement'),
        sensitiveResources: list('needsMfaForTask'),
        mfaMethods: list('isRegisteredForMfa'),
      }),
    }
  },
}

type Lists = Readonly<
  Record<
    | 'administratorRoles'
    | 'sensitiveRoles'
    | 'azureManagement'
    | 'sensitiveResources'
    | 'mfaMethods',
    ReadonlySet<string>
  >
>

function listIn(conditions: Deciding['conditions'], name: string): ReadonlySet<string> {
  const lists = [...comparisonsOf(conditions[name]!)].flatMap(({ value }) =>
    Array.isArray(value) ? [value as readonly string[]] : [],
  )
  if (lists.length !== 1) throw new Error(`is for security-defaults: ${name} has not one list`)
  return new Set(lists[0])
}

const securityDefaults =
  (lists: Lists) =>
  (signIn: SignIn): Decision => {
    const type = signIn['user.type']
    if (
      signIn['tenant.securityDefaults'] !== 'enabled' ||
      type === 'servicePrincipal' ||
      type === 'managedIdentity' ||
      signIn['user.directorySynchronizationAccount']
    )
      return { outcome: 'allow', requirements: [], advice: [], reasons: [] }

    const isExternal = type === 'guest' || type === 'b2bDirectConnect'
    const homeMfa =
      isExternal && signIn['tenant.trustsHomeTenantMfa'] ? signIn['session.homeTenantMfa'] : 'none'
    const didMfaNow = signIn['session.mfa'] === 'thisSignIn' || homeMfa === 'thisSignIn'
    const didMfa = didMfaNow || signIn['session.carriesMfa'] || homeMfa === 'earlier'
    const roles = signIn['user.roles']
    const resource = signIn['resource.appId']
    const app = signIn['client.app']

    const isAdmin = !didMfaNow && roles.some((role) => lists.administratorRoles.has(role))
    const isAzureManagement = !didMfa && lists.azureManagement.has(resource)
    const isUnknownClient = !didMfa && app === 'unknown'
    const isNewDevice = !didMfa && signIn['device.familiarity'] === 'new'
    const risk = signIn['risk.signIn']
    const isAtRisk =
      !didMfaNow && (risk === 'medium' || risk === 'high' || signIn['user.risk'] === 'high')
    const isSensitiveRole = !didMfa && roles.some((role) => lists.sensitiveRoles.has(role))
    const isSensitiveTask = !didMfa && lists.sensitiveResources.has(resource)
    const isUnfamiliar =
      !didMfa && signIn['location.familiarity'] === 'unfamiliar' && !signIn['location.trusted']
    const needsMfa =
      isAdmin ||
      isAzureManagement ||
      isUnknownClient ||
      isNewDevice ||
      isAtRisk ||
      isSensitiveRole ||
      isSensitiveTask ||
      isUnfamiliar

    const isRegistered =
      homeMfa !== 'none' ||
      signIn['user.registeredMethods'].some((method) => lists.mfaMethods.has(method))
    const graceDaysLeft = signIn['registration.graceDaysLeft']
    const isOverdue = !isRegistered && graceDaysLeft <= 0
    const isRevoked = signIn['session.revoked']

    const advice: Advice[] = []
    if (!isRegistered && graceDaysLeft > 0 && !needsMfa)
      advice.push({
        ...because.registrationDue,
        facts: { 'registration.graceDaysLeft': graceDaysLeft },
      })

    const blocks: Reason[] = []
    if (
      type === 'b2bDirectConnect' &&
      !signIn['tenant.trustsHomeTenantMfa'] &&
      (needsMfa || isOverdue)
    )
      blocks.push(because.homeTenantMfaNotTrusted)
    if (app === 'exchangeActiveSync' || app === 'other') blocks.push(because.legacyAuthentication)
    if (signIn['client.authenticationFlow'] === 'ropc' && (needsMfa || isOverdue || isRevoked))
      blocks.push(because.ropcCannotDoMfa)
    if (isNonEmpty(blocks)) return { outcome: 'block', requirements: [], advice, reasons: blocks }

    const reasons: Reason[] = []
    if (isAdmin) reasons.push(because.adminMfaRequired)
    if (isAzureManagement) reasons.push(because.azureManagementMfaRequired)
    if (isUnknownClient) reasons.push(because.unknownClientApp)
    if (isNewDevice) reasons.push(because.newDevice)
    if (isOverdue) reasons.push(because.registrationOverdue)
    if (!isRegistered && !isOverdue && needsMfa) reasons.push(because.registrationNeededForMfa)
    if (isRevoked) reasons.push(because.sessionRevoked)
    if (isAtRisk) reasons.push(because.atRisk)
    if (isSensitiveRole) reasons.push(because.sensitiveRole)
    if (isSensitiveTask) reasons.push(because.sensitiveTask)
    if (isUnfamiliar) reasons.push(because.unfamiliarLocation)
    const requirements: Requirement[] = []
    if (isRevoked) requirements.push('reauthentication')
    if (!isRegistered && (isOverdue || needsMfa)) requirements.push('mfaRegistration')
    if (needsMfa) requirements.push('mfa')
    return isNonEmpty(reasons) && isNonEmpty(requirements)
      ? { outcome: 'challenge', requirements, advice, reasons }
      : { outcome: 'allow', requirements: [], advice, reasons: [] }
  }

const isNonEmpty = <T>(list: readonly T[]): list is readonly [T, ...T[]] => list.length > 0

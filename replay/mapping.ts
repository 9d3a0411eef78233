import { clientAppAliases, facts, type Kind } from '../engine/index.ts'
import { undecidable } from './error-codes.ts'
import { fieldsOf, memberOf, textOf, type Fields } from './fields.ts'
import { notJson } from './rows.ts'
import { logTime } from './time.ts'

/** A row as a sign-in, with what of it could not be read; or why it is no sign-in that can be decided. */
export type Mapped =
  | {
      /** Nested by area, as a caller would send it; facts that the log lacks are left out. */
      readonly signIn: Readonly<Record<string, unknown>>
      readonly user: string
      readonly clientApp: string
      /** `authenticationProtocol "rpoc"`: values that are not among those we know, and so count as lacking. */
      readonly unrecognised: readonly string[]
      /** Facts that the log does not hold and that follow from what it does, each with why. */
      readonly inferred: readonly string[]
    }
  | { readonly unmapped: string }

const signInCategories: Readonly<Record<string, string | undefined>> = {
  signinlogs: undefined,
  noninteractiveusersigninlogs: undefined,
  serviceprincipalsigninlogs: 'servicePrincipal',
  managedidentitysigninlogs: 'managedIdentity',
}

const flows: Readonly<Record<string, string>> = {
  ropc: 'ropc',
  devicecode: 'deviceCode',
  devicecodeflow: 'deviceCode',
  authenticationtransfer: 'authenticationTransfer',
  none: 'none',
  oauth2: 'none',
  saml20: 'none',
  wsfederation: 'none',
  nativeauth: 'none',
}

/** Resources that older logs name without their id. */
const resourceNames: Readonly<Record<string, string>> = {
  'azure resource manager': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'microsoft azure management': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'windows azure service management api': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'microsoft graph': '00000003-0000-0000-c000-000000000000',
  'windows azure active directory': '00000002-0000-0000-c000-000000000000',
  'office 365 exchange online': '00000002-0000-0ff1-ce00-000000000000',
  'office 365 sharepoint online': '00000003-0000-0ff1-ce00-000000000000',
}

/** Reads one row: a Graph `signIn`, a diagnostic record, or a row of Log Analytics. */
export function mapRow(row: unknown): Mapped {
  if (row === notJson) return { unmapped: 'not JSON' }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { unmapped: 'not an object' }
  const fields = fieldsOf(row)
  const text = (name: string) => textOf(fields.get(name))

  const category = text('category')?.toLowerCase()
  if (category !== undefined && !Object.hasOwn(signInCategories, category))
    return { unmapped: `not a sign-in: category ${text('category')}` }
  const user = text('userid') ?? text('userprincipalname') ?? text('serviceprincipalid')
  if (user === undefined)
    return { unmapped: 'not a sign-in: neither a user nor a service principal' }
  const written = text('createddatetime') ?? text('timegenerated') ?? text('time') ?? text('date')
  if (written === undefined) return { unmapped: 'no time' }
  const at = logTime(written)
  if (at === undefined)
    return { unmapped: `a time that can't be read: ${JSON.stringify(written.slice(0, 40))}` }
  const code = errorCode(fields)
  if (code === 'none') return { unmapped: 'no result' }
  const why =
    code === undefined ? 'a result that is neither success nor an error code' : undecidable(code)
  if (why !== undefined) return { unmapped: why }
  const clientApp = clientAppOf(text('clientappused') ?? '')
  if (clientApp === undefined)
    return {
      unmapped: `a client application that we don't know: ${JSON.stringify(text('clientappused'))}`,
    }

  const unrecognised: string[] = []
  const known = (name: string, values: Readonly<Record<string, string>>, field = text(name)) => {
    if (field === undefined) return undefined
    const value = Object.hasOwn(values, field.toLowerCase())
      ? values[field.toLowerCase()]
      : undefined
    if (value === undefined) unrecognised.push(`${name} ${JSON.stringify(field.slice(0, 40))}`)
    return value
  }
  const device = fields.get('devicedetail')
  const inferred: string[] = []
  const infer = <T>(value: T | undefined, because: string): T | undefined => {
    if (value !== undefined) inferred.push(because)
    return value
  }
  const mfa = mfaOf(fields, code ?? 0)
  const signIn = {
    at,
    user: defined({
      type: userType(fields, category, known),
      registeredMethods: infer(
        mfa === 'thisSignIn' || mfa === 'earlier' ? methodsOf(fields) : undefined,
        'user.registeredMethods: registered, since multifactor authentication was done',
      ),
    }),
    client: defined({
      clientAppUsed: clientApp,
      appId: id(text('appid')),
      authenticationFlow:
        specialFlow(known('originaltransfermethod', flows)) ??
        known('authenticationprotocol', flows),
    }),
    resource: defined({
      appId:
        resourceOf(fields) ??
        infer(applicationItself(fields), 'resource.appId: no resource, so the application itself'),
    }),
    device: defined({
      compliant: compliance(memberOf(device, 'iscompliant')),
      platform: platformOf(textOf(memberOf(device, 'operatingsystem'))),
    }),
    location: defined({ country: countryOf(fields) }),
    risk: defined({ signIn: known('risklevelduringsignin', valuesOf(facts['risk.signIn'].kind)) }),
    session: defined({ mfa }),
  }
  return { signIn, user, clientApp, unrecognised, inferred }
}

/** Nobody sent a `clientAppUsed` for many silent events: then it is Unknown, which the rules decide like any other. */
function clientAppOf(name: string): string | undefined {
  const folded = name.toLowerCase()
  return Object.hasOwn(clientAppAliases, folded) ? clientAppAliases[folded] : undefined
}

function errorCode(fields: Fields): number | 'none' | undefined {
  const code =
    memberOf(fields.get('status'), 'errorcode') ??
    fields.get('resulttype') ??
    fields.get('resultsignature')
  const text = textOf(code)?.toLowerCase()
  if (text === undefined) return 'none'
  if (text === 'success') return 0
  return /^\d+$/.test(text) ? Number(text) : undefined
}

type Known = (
  name: string,
  values: Readonly<Record<string, string>>,
  field?: string,
) => string | undefined

function userType(fields: Fields, category: string | undefined, known: Known): string | undefined {
  const byCategory = category === undefined ? undefined : signInCategories[category]
  if (byCategory !== undefined) return byCategory
  const isUser = textOf(fields.get('userid')) ?? textOf(fields.get('userprincipalname'))
  if (isUser === undefined) return 'servicePrincipal'
  if (textOf(fields.get('crosstenantaccesstype'))?.toLowerCase() === 'b2bdirectconnect')
    return 'b2bDirectConnect'
  return known('usertype', { member: 'member', guest: 'guest' })
}

/** `none` says nothing about the flow of a first sign-in, where the protocol may. */
const specialFlow = (flow: string | undefined) => (flow === 'none' ? undefined : flow)

/** Graph's `resourceId` is Log Analytics' `ResourceIdentity`; its own `ResourceId` is the path of the log. */
function resourceOf(fields: Fields): string | undefined {
  const given = textOf(fields.get('resourceidentity')) ?? textOf(fields.get('resourceid'))
  if (given !== undefined && !given.startsWith('/')) return id(given)
  const name = textOf(fields.get('resourcedisplayname'))?.toLowerCase()
  return name !== undefined && Object.hasOwn(resourceNames, name) ? resourceNames[name] : undefined
}

/** Without a resource the application asks for itself; with one that is only named, nothing can be said. */
function applicationItself(fields: Fields): string | undefined {
  const named = ['resourceidentity', 'resourceid', 'resourcedisplayname'].some((field) => {
    const text = textOf(fields.get(field))
    return text !== undefined && !text.startsWith('/')
  })
  return named ? undefined : id(textOf(fields.get('appid')))
}

/** The methods that the steps name; one that counts when they name none we know, since something was used. */
function methodsOf(fields: Fields): readonly string[] {
  const steps = fields.get('authenticationdetails')
  const named = (Array.isArray(steps) ? steps : []).flatMap((step) => {
    const method = textOf(memberOf(step, 'authenticationmethod'))?.toLowerCase() ?? ''
    return Object.hasOwn(methods, method) ? [methods[method]!] : []
  })
  return named.length > 0 ? [...new Set(named)] : ['microsoftAuthenticatorPush']
}

/** Names of methods in the sign-in log (Microsoft Learn: sign-in log, authentication details). */
const methods: Readonly<Record<string, string>> = {
  'mobile app notification': 'microsoftAuthenticatorPush',
  'mobile app verification code': 'softwareOneTimePasscode',
  'oath verification code': 'softwareOneTimePasscode',
  'software oath token': 'softwareOneTimePasscode',
  'hardware oath token': 'hardwareOneTimePasscode',
  'text message': 'mobilePhone',
  'phone call': 'mobilePhone',
  'fido2 security key': 'fido2SecurityKey',
  'windows hello for business': 'windowsHelloForBusiness',
}

const id = (text: string | undefined) =>
  text !== undefined && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text : undefined

function mfaOf(fields: Fields, code: number): string | undefined {
  const steps = fields.get('authenticationdetails')
  const said = [
    memberOf(fields.get('status'), 'additionaldetails'),
    ...(Array.isArray(steps)
      ? steps.map((step) => memberOf(step, 'authenticationstepresultdetail'))
      : []),
  ]
    .map((text) => textOf(text)?.toLowerCase() ?? '')
    .filter((text) => text.includes('mfa'))
  if (said.some((text) => text.includes('satisfied by claim'))) return 'earlier'
  if (said.some((text) => text.includes('completed'))) return 'thisSignIn'
  const requirement = textOf(fields.get('authenticationrequirement'))?.toLowerCase()
  if (requirement === undefined) return undefined
  return requirement === 'multifactorauthentication' && code === 0 ? 'thisSignIn' : 'none'
}

function countryOf(fields: Fields): string | undefined {
  const location = fields.get('location')
  const text =
    textOf(location) ??
    textOf(memberOf(location, 'countryorregion')) ??
    textOf(memberOf(fields.get('locationdetails'), 'countryorregion'))
  return text !== undefined && /^[a-z]{2}$/i.test(text) ? text : undefined
}

const compliance = (value: unknown) =>
  value === true || value === 'true'
    ? true
    : value === false || value === 'false'
      ? false
      : undefined

const platforms: readonly (readonly [RegExp, string])[] = [
  [/^windows ?phone/i, 'windowsPhone'],
  [/^windows/i, 'windows'],
  [/^(?:mac ?os|os x)/i, 'macOS'],
  [/^(?:ios|ipad)/i, 'iOS'],
  [/^android/i, 'android'],
  [/^(?:linux|ubuntu)/i, 'linux'],
]

const platformOf = (system: string | undefined) =>
  system === undefined ? undefined : platforms.find(([pattern]) => pattern.test(system))?.[1]

const valuesOf = (kind: Extract<Kind, { kind: 'oneOf' }>) =>
  Object.fromEntries(kind.values.map((value) => [value.toLowerCase(), value]))

/** Without the members that are undefined: a fact that the log lacks is left out, not sent empty. */
const defined = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

import { clientAppAliases, facts, type Outcome } from '../engine/index.ts'
import { isGuessing, recordedOutcome, undecidable } from './error-codes.ts'
import { memberOf, textOf, type Fields, type LogField } from './fields.ts'
import { logTime, type DayOrder } from './time.ts'

/** The logs that Entra keeps of sign-ins; people export one or two of them and think that they have all. */
export const categories = [
  'interactive',
  'nonInteractive',
  'servicePrincipal',
  'managedIdentity',
] as const
export type Category = (typeof categories)[number]

/** Who signed in to what from where, which no rule looks at. */
export type Circumstances = {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The object id; the name where the log has none. In lower case. */
  readonly user: string
  /** The user principal name, in lower case. */
  readonly userName?: string | undefined
  readonly app: string
  readonly clientApp: string
  readonly ip: string
  readonly userAgent: string
  readonly country: string
  readonly category?: Category | undefined
  /** What one record has in common with no other, where it has an id. */
  readonly record?: string | undefined
}

/** A row as a sign-in, with what of it could not be read; or why it is no sign-in that can be decided. */
export type Mapped =
  | (Circumstances & {
      /** Nested by area, as a caller would send it, but for its time; facts that the log lacks are left out. */
      readonly facts: FactsOfRow
      /** What came of it then. */
      readonly recorded: Outcome
      /** `authenticationProtocol "rpoc"`: values that are not among those we know, and so count as lacking. */
      readonly unrecognised: readonly string[]
      /** Facts that the log does not hold and that follow from what it does, each with why. */
      readonly inferred: readonly string[]
      readonly unmapped?: never
    })
  | {
      readonly unmapped: string
      /** Somebody tried to get in without the password. */
      readonly guess?: Circumstances
      readonly record?: string | undefined
    }

/** Rows that say the same share one object. */
export type FactsOfRow = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The sign-in of a row as a caller would send it. */
export const signInOf = ({ at, facts }: { readonly at: number; readonly facts: FactsOfRow }) => ({
  at: new Date(at).toISOString(),
  ...facts,
})

/** The logs that hold other things than sign-ins have other categories. */
const categoryNames: Readonly<Record<string, Category>> = {
  signinlogs: 'interactive',
  noninteractiveusersigninlogs: 'nonInteractive',
  serviceprincipalsigninlogs: 'servicePrincipal',
  managedidentitysigninlogs: 'managedIdentity',
  interactiveuser: 'interactive',
  noninteractiveuser: 'nonInteractive',
  serviceprincipal: 'servicePrincipal',
  managedidentity: 'managedIdentity',
}

/** One row on its way to its facts. */
type Reading = {
  readonly fields: Fields
  readonly code: number
  readonly category: Category | undefined
  readonly text: (field: LogField) => string | undefined
  /** A value out of a list, its letters compared without case and signs; one that is not in it is noted, and counts as lacking. */
  readonly known: (field: LogField, values: Readonly<Record<string, string>>) => string | undefined
  /** Notes that a value follows from others. */
  readonly infer: <T>(value: T | undefined, because: string) => T | undefined
}

type FactOfLog = {
  /** The fields that it is read from, the first first. */
  readonly from: readonly LogField[]
  /** How it is read, where that is more than to look the value up. */
  readonly how?: string
  readonly read: (row: Reading) => unknown
}

const riskLevels: Readonly<Record<string, string>> = Object.fromEntries(
  facts['risk.signIn'].kind.values.map((value) => [value.toLowerCase(), value]),
)

/** How each fact is read from a row. What is not in here no log holds; `assumptions.ts` says what is taken for it. */
export const factsOfLogs: Readonly<Record<string, FactOfLog>> = {
  'user.type': {
    from: ['category', 'events', 'servicePrincipal', 'crossTenant', 'userType'],
    how: 'workloads by the log that they are in; B2B direct connect by the kind of access',
    read: userType,
  },
  'user.registeredMethods': {
    from: ['steps', 'mfaMethod', 'mfaResult', 'status'],
    how: 'who did multifactor authentication is registered; with the methods that were used, where they are named',
    read: (row) =>
      row.infer(
        didMfa(row) ? methodsOf(row) : undefined,
        'user.registeredMethods: registered, since multifactor authentication was done',
      ),
  },
  'client.clientAppUsed': {
    from: ['clientApp'],
    how: 'nobody sent one for many silent events: then it is Unknown',
    read: ({ text }) => clientAppOf(text('clientApp') ?? ''),
  },
  'client.appId': { from: ['appId'], read: ({ text }) => id(text('appId')) },
  'client.authenticationFlow': {
    from: ['transfer', 'protocol'],
    how: 'the flow that the session began with, where it is a special one',
    read: ({ known }) => specialFlow(known('transfer', flows)) ?? known('protocol', flows),
  },
  'resource.appId': {
    from: ['resourceIdentity', 'resourceId', 'resourceName', 'appId'],
    how: 'well-known resources by their names; without any, an application asks for itself',
    read: (row) =>
      resourceOf(row) ??
      row.infer(applicationItself(row), 'resource.appId: no resource, so the application itself'),
  },
  'device.compliant': {
    from: ['device', 'compliant'],
    read: ({ fields }) => truth(memberOf(fields.device, 'iscompliant') ?? fields.compliant),
  },
  'device.platform': {
    from: ['device', 'system'],
    read: ({ fields, text }) =>
      platformOf(textOf(memberOf(fields.device, 'operatingsystem')) ?? text('system')),
  },
  'location.country': {
    from: ['location', 'locationDetails'],
    how: 'two letters; in the portal’s CSV behind the last comma',
    read: ({ fields }) => countryOf(fields),
  },
  'risk.signIn': {
    from: ['risk'],
    read: ({ known }) => known('risk', riskLevels),
  },
  'session.mfa': {
    from: ['status', 'steps', 'mfaResult', 'requirement', 'code'],
    how: 'a claim is from earlier; without a word on it, a success that needed two factors had them',
    read: mfaOf,
  },
}

/** What the log as a whole says of its rows, where they do not. */
export type OfLog = {
  /** Of day and month. */
  readonly order?: DayOrder | undefined
  readonly category?: Category | undefined
}

/** The portal's CSV does not say which log it is of, but the names of its files do. */
export function categoryOfFile(name: string): Category | undefined {
  const plain = lettersOf(name)
  if (plain.includes('noninteractive')) return 'nonInteractive'
  if (plain.includes('interactivesignins')) return 'interactive'
  if (plain.includes('applicationsignins') || plain.includes('serviceprincipal'))
    return 'servicePrincipal'
  return plain.includes('msisignins') || plain.includes('managedidentity')
    ? 'managedIdentity'
    : undefined
}

/** Reads one record of a sign-in log. */
export function mapFields(fields: Fields, { order, category: ofLog }: OfLog = {}): Mapped {
  const text = (field: LogField) => textOf(fields[field])
  const categoryName = text('category')
  const told = categoryOf(fields, categoryName)
  if (categoryName !== undefined && told === undefined)
    return { unmapped: `not a sign-in: category ${categoryName.slice(0, 40)}` }
  const category = told ?? ofLog
  const strange = (['userId', 'userName', 'servicePrincipal'] as const).find(
    (who) => fields[who] !== undefined && text(who) === undefined,
  )
  if (strange !== undefined) return { unmapped: `${strange}: expected a text` }
  const user = text('userId') ?? text('userName') ?? text('servicePrincipal')
  if (user === undefined)
    return { unmapped: 'not a sign-in: neither a user nor a service principal' }
  const written = text('createdAt') ?? text('writtenAt')
  if (written === undefined) return { unmapped: 'no time' }
  const at = logTime(written, order)
  if (at === 'either')
    return {
      unmapped:
        'a time of which day and month can’t be told apart: say --day-first or --month-first',
    }
  if (at === undefined)
    return { unmapped: `a time that can't be read: ${JSON.stringify(written.slice(0, 40))}` }
  const code = errorCode(fields)
  if (code === 'none') return { unmapped: 'no result' }
  const clientName = text('clientApp') ?? ''
  const clientApp = clientAppOf(clientName)
  const record = text('id')
  const userName = text('userName')?.toLowerCase()
  const circumstances = {
    at,
    user: user.toLowerCase(),
    userName,
    app: text('appName') ?? text('appId') ?? '',
    clientApp: clientApp ?? clientName,
    ip: text('ip') ?? '',
    userAgent: text('userAgent') ?? '',
    category,
    record: record === undefined ? undefined : `${record} ${user} ${userName ?? ''} ${at} ${code}`,
  }
  const recorded = code === undefined ? undefined : recordedOutcome(code)
  if (recorded === undefined)
    return {
      unmapped:
        code === undefined
          ? 'a result that is neither success nor an error code'
          : undecidable(code),
      ...(code !== undefined &&
        isGuessing(code) && { guess: { ...circumstances, country: countryOf(fields) ?? '' } }),
      record: circumstances.record,
    }
  if (clientApp === undefined)
    return {
      unmapped: `a client application that we don't know: ${JSON.stringify(clientName.slice(0, 40))}`,
    }

  const said = factsSaid(fields, code ?? 0, category)
  const country = (said.facts['location'] as { readonly country?: string }).country ?? ''
  return { ...circumstances, country, recorded, ...said }
}

type Said = Pick<Extract<Mapped, { facts: unknown }>, 'facts' | 'unrecognised' | 'inferred'>

/** Rows of one log differ in who, when and where, and say the same few things of all else. */
const mostRemembered = 20_000
const remembered = new Map<string, Said>()
const fieldsOfFacts = [...new Set(Object.values(factsOfLogs).flatMap(({ from }) => from))]

function factsSaid(fields: Fields, code: number, category: Category | undefined): Said {
  const isUser = (textOf(fields.userId) ?? textOf(fields.userName)) !== undefined
  let key = `${code} ${category} ${isUser} `
  for (const field of fieldsOfFacts) key += telling(fields[field])
  const known = remembered.get(key)
  if (known !== undefined) return known
  const said = readFacts(fields, code, category)
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(key, said)
  return said
}

/**
 * A value in such words that no other has them, whatever somebody wrote into a log: each with its type and length. The coordinates of places
 * and the times of steps are left out, since they are hardly ever the same and no fact is read from them.
 */
function telling(value: unknown): string {
  if (typeof value === 'string') return `"${value.length}:${value}`
  if (typeof value !== 'object' || value === null) return `${String(value)};`
  let told = Array.isArray(value) ? '[' : '{'
  for (const name in value)
    if (name !== 'geoCoordinates' && name !== 'authenticationStepDateTime')
      told += `${name.length}:${name}${telling((value as Readonly<Record<string, unknown>>)[name])}`
  return `${told}}`
}

function readFacts(fields: Fields, code: number, category: Category | undefined): Said {
  const text = (field: LogField) => textOf(fields[field])
  const unrecognised: string[] = []
  const inferred: string[] = []
  const row: Reading = {
    fields,
    code,
    category,
    text,
    known(field, values) {
      const given = text(field)
      if (given === undefined) return undefined
      const plain = lettersOf(given)
      if (Object.hasOwn(values, plain)) return values[plain]
      unrecognised.push(`${field} ${JSON.stringify(given.slice(0, 40))}`)
      return undefined
    },
    infer(value, because) {
      if (value !== undefined) inferred.push(because)
      return value
    },
  }
  const found: Record<string, Record<string, unknown>> = {}
  for (const [area, member, read] of readings) {
    const members = (found[area] ??= {})
    const value = read(row)
    if (value !== undefined) members[member] = value
  }
  return { facts: found, unrecognised, inferred }
}

const readings = Object.entries(factsOfLogs).map(([fact, { read }]) => {
  const [area = '', member = ''] = fact.split('.')
  return [area, member, read] as const
})

const lettersOf = (text: string) => text.toLowerCase().replaceAll(/[^a-z\d]/g, '')

function categoryOf(fields: Fields, name: string | undefined): Category | undefined {
  if (name !== undefined) return categoryNames[lettersOf(name)]
  const events = fields.events
  const event = Array.isArray(events) ? textOf(events.at(-1)) : textOf(events)
  if (event !== undefined && categoryNames[lettersOf(event)]) return categoryNames[lettersOf(event)]
  const isUser = textOf(fields.userId) ?? textOf(fields.userName)
  if (isUser === undefined && textOf(fields.servicePrincipal) !== undefined)
    return 'servicePrincipal'
  const interactive = truth(fields.interactive)
  return interactive === undefined ? undefined : interactive ? 'interactive' : 'nonInteractive'
}

function clientAppOf(name: string): string | undefined {
  const folded = name.toLowerCase()
  return Object.hasOwn(clientAppAliases, folded) ? clientAppAliases[folded] : undefined
}

/** A word such as "Success" says less than a code; it counts where there is no other. */
function errorCode({ status, code, result }: Fields): number | 'none' | undefined {
  let isSaid = false
  for (const given of [memberOf(status, 'errorcode'), code, result, status]) {
    const text = textOf(given)?.toLowerCase()
    if (text === undefined) continue
    isSaid = true
    if (text === 'success') return 0
    if (/^\d+$/.test(text)) return Number(text)
    if (text !== 'none') break
  }
  return isSaid ? undefined : 'none'
}

const userTypes = { member: 'member', guest: 'guest' }

function userType({ fields, category, text, known }: Reading): string | undefined {
  if (category === 'servicePrincipal' || category === 'managedIdentity') return category
  if ((text('userId') ?? text('userName')) === undefined) return 'servicePrincipal'
  if (lettersOf(textOf(fields.crossTenant) ?? '') === 'b2bdirectconnect') return 'b2bDirectConnect'
  return known('userType', userTypes)
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

/** `none` says nothing about the flow of a first sign-in, where the protocol may. */
const specialFlow = (flow: string | undefined) => (flow === 'none' ? undefined : flow)

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

const pathOfLog = (text: string | undefined) => (text?.startsWith('/') ? undefined : text)

function resourceOf({ text }: Reading): string | undefined {
  const given = text('resourceIdentity') ?? pathOfLog(text('resourceId'))
  if (given !== undefined) return id(given)
  const name = text('resourceName')?.toLowerCase()
  return name !== undefined && Object.hasOwn(resourceNames, name) ? resourceNames[name] : undefined
}

/** Without a resource the application asks for itself; with one that is only named, nothing can be said. */
const applicationItself = ({ text }: Reading): string | undefined =>
  (text('resourceIdentity') ?? pathOfLog(text('resourceId')) ?? text('resourceName')) === undefined
    ? id(text('appId'))
    : undefined

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

/** The methods that are named; one that counts when none is that we know, since something was used. */
function methodsOf({ fields }: Reading): readonly string[] {
  const steps = Array.isArray(fields.steps) ? fields.steps : []
  const names = [...steps.map((step) => memberOf(step, 'authenticationmethod')), fields.mfaMethod]
  const named = names.flatMap((name) => {
    const method = textOf(name)?.toLowerCase() ?? ''
    return Object.hasOwn(methods, method) ? [methods[method]!] : []
  })
  return named.length > 0 ? [...new Set(named)] : ['microsoftAuthenticatorPush']
}

const didMfa = (row: Reading): boolean => ['thisSignIn', 'earlier'].includes(mfaOf(row) ?? '')

function mfaOf({ fields, code, text }: Reading): string | undefined {
  const steps = Array.isArray(fields.steps) ? fields.steps : []
  const said = [
    memberOf(fields.status, 'additionaldetails'),
    fields.mfaResult,
    ...steps.map((step) => memberOf(step, 'authenticationstepresultdetail')),
  ]
    .map((each) => textOf(each)?.toLowerCase() ?? '')
    .filter((each) => each.includes('mfa'))
  if (said.some((each) => each.includes('satisfied by claim'))) return 'earlier'
  if (said.some((each) => each.includes('completed'))) return 'thisSignIn'
  const requirement = text('requirement')
  if (requirement === undefined) return undefined
  return lettersOf(requirement) === 'multifactorauthentication' && code === 0
    ? 'thisSignIn'
    : 'none'
}

const id = (text: string | undefined) =>
  text !== undefined && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text : undefined

function countryOf({ location, locationDetails }: Fields): string | undefined {
  const text =
    textOf(location) ??
    textOf(memberOf(location, 'countryorregion')) ??
    textOf(memberOf(locationDetails, 'countryorregion'))
  const last = text?.slice(text.lastIndexOf(',') + 1).trim()
  return last !== undefined && /^[a-z]{2}$/i.test(last) ? last.toUpperCase() : undefined
}

const truths: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false }

const truth = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : truths[textOf(value)?.toLowerCase() ?? '']

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

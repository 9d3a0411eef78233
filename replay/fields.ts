/**
 * What a record of a sign-in log says that we look at, and how each shape of log spells it: Graph's `signIn` (so does the portal's JSON,
 * and the `properties` of a diagnostic record), the record around those `properties`, rows of Log Analytics, and the portal's CSV. Names
 * are compared without case and spaces, and without what exports add to them. Where a shape is left out, it does not tell.
 */
export type Spelling = {
  readonly graph?: string
  readonly diagnostic?: string
  readonly logAnalytics?: string
  readonly csv?: readonly string[]
}

export const logFields = {
  id: { graph: 'id', logAnalytics: 'Id', csv: ['Request ID'] },
  createdAt: {
    graph: 'createdDateTime',
    logAnalytics: 'CreatedDateTime',
    csv: ['Date (UTC)', 'Date'],
  },
  writtenAt: { diagnostic: 'time', logAnalytics: 'TimeGenerated' },
  category: { diagnostic: 'category', logAnalytics: 'Category' },
  events: { graph: 'signInEventTypes' },
  interactive: { graph: 'isInteractive', logAnalytics: 'IsInteractive', csv: ['Interactive'] },
  userId: { graph: 'userId', logAnalytics: 'UserId', csv: ['User ID'] },
  userName: { graph: 'userPrincipalName', logAnalytics: 'UserPrincipalName', csv: ['Username'] },
  userType: { graph: 'userType', logAnalytics: 'UserType', csv: ['User type'] },
  crossTenant: {
    graph: 'crossTenantAccessType',
    logAnalytics: 'CrossTenantAccessType',
    csv: ['Cross tenant access type'],
  },
  servicePrincipal: {
    graph: 'servicePrincipalId',
    logAnalytics: 'ServicePrincipalId',
    csv: ['Service principal ID'],
  },
  clientApp: { graph: 'clientAppUsed', logAnalytics: 'ClientAppUsed', csv: ['Client app'] },
  protocol: {
    graph: 'authenticationProtocol',
    logAnalytics: 'AuthenticationProtocol',
    csv: ['Authentication Protocol'],
  },
  transfer: {
    graph: 'originalTransferMethod',
    logAnalytics: 'OriginalTransferMethod',
    csv: ['Original transfer method'],
  },
  appId: { graph: 'appId', logAnalytics: 'AppId', csv: ['Application ID'] },
  appName: { graph: 'appDisplayName', logAnalytics: 'AppDisplayName', csv: ['Application'] },
  /** Outside of Graph's records it is the path of the log, which begins with a slash. */
  resourceId: { graph: 'resourceId', csv: ['Resource ID'] },
  resourceIdentity: { logAnalytics: 'ResourceIdentity' },
  resourceName: {
    graph: 'resourceDisplayName',
    logAnalytics: 'ResourceDisplayName',
    csv: ['Resource'],
  },
  /** An object with the code and its text; in the portal's CSV a word. */
  status: { graph: 'status', logAnalytics: 'Status', csv: ['Status'] },
  code: { diagnostic: 'resultType', logAnalytics: 'ResultType', csv: ['Sign-in error code'] },
  result: { diagnostic: 'resultSignature', logAnalytics: 'ResultSignature' },
  requirement: {
    graph: 'authenticationRequirement',
    logAnalytics: 'AuthenticationRequirement',
    csv: ['Authentication requirement'],
  },
  steps: { graph: 'authenticationDetails', logAnalytics: 'AuthenticationDetails' },
  mfaResult: { csv: ['Multifactor authentication result'] },
  mfaMethod: { csv: ['Multifactor authentication auth method'] },
  risk: { graph: 'riskLevelDuringSignIn', logAnalytics: 'RiskLevelDuringSignIn' },
  device: { graph: 'deviceDetail', logAnalytics: 'DeviceDetail' },
  system: { csv: ['Operating System'] },
  compliant: { csv: ['Compliant'] },
  location: {
    graph: 'location',
    diagnostic: 'location',
    logAnalytics: 'Location',
    csv: ['Location'],
  },
  locationDetails: { logAnalytics: 'LocationDetails' },
  ip: {
    graph: 'ipAddress',
    diagnostic: 'callerIpAddress',
    logAnalytics: 'IPAddress',
    csv: ['IP address'],
  },
  userAgent: { graph: 'userAgent', logAnalytics: 'UserAgent', csv: ['User agent'] },
} as const satisfies Readonly<Record<string, Spelling>>

export type LogField = keyof typeof logFields

/** What one record says, by field; what it leaves out or empty is undefined. */
export type Fields = { readonly [F in LogField]?: unknown }
type Filling = { [F in LogField]?: unknown }

const added = /(?:_dynamic|_string| ?[[(]utc[\])])$/

/** A name without what tells one export from another. */
const folded = (name: string) => name.trim().toLowerCase().replace(added, '').replaceAll(/\s+/g, '')

const entries = Object.entries(logFields) as [LogField, Spelling][]
const byName = (namesOf: (spelling: Spelling) => readonly (string | undefined)[]) =>
  new Map(
    entries.flatMap(([field, spelling]) =>
      namesOf(spelling).flatMap((name): [string, LogField][] =>
        name === undefined ? [] : [[folded(name), field]],
      ),
    ),
  )
const ofRecords = byName(({ graph, diagnostic, logAnalytics }) => [graph, diagnostic, logAnalytics])
const ofColumns = byName(({ csv = [] }) => csv)
/** CSV that a script or Log Analytics wrote has the names of records. */
const ofOtherColumns = ofRecords

/** Records of one log have the same names; of other things there may be names without end. */
const mostNames = 10_000
const met = new Map<string, LogField | undefined>()

function fieldOf(name: string): LogField | undefined {
  const known = met.get(name)
  if (known !== undefined || met.has(name)) return known
  const field = ofRecords.get(folded(name))
  if (met.size < mostNames) met.set(name, field)
  return field
}

type Json = Readonly<Record<string, unknown>>

/** The fields of a JSON record, whichever shape it has. */
export function fieldsOfRecord(record: Json): Fields {
  const fields: Filling = {}
  const properties = embedded(record['properties'] ?? record['Properties'])
  if (typeof properties === 'object' && properties !== null) fill(fields, properties as Json) // wins over what is around it
  fill(fields, record)
  return fields
}

function fill(fields: Filling, part: Json): void {
  for (const name in part) {
    const field = fieldOf(name)
    if (field === undefined || fields[field] !== undefined) continue
    const value = embedded(part[name])
    if (!isEmpty(value)) fields[field] = value
  }
}

/** What the columns of a CSV stand for, by the names in its first row; undefined for those that we don't look at. */
export function fieldsOfColumns(names: readonly string[]): readonly (LogField | undefined)[] {
  const portal = names.map((name) => ofColumns.get(folded(name)))
  return isSignInLog(portal) ? portal : names.map((name) => ofOtherColumns.get(folded(name)))
}

/** Whether columns are those of a sign-in log: they tell when, who, and what came of it. */
export const isSignInLog = (columns: readonly (LogField | undefined)[]): boolean =>
  (columns.includes('createdAt') || columns.includes('writtenAt')) &&
  ['userId', 'userName', 'servicePrincipal'].some((who) => columns.includes(who as LogField)) &&
  ['status', 'code', 'clientApp'].some((what) => columns.includes(what as LogField))

/** The fields of a row of CSV. */
export function fieldsOfRow(
  columns: readonly (LogField | undefined)[],
  values: readonly (string | undefined)[],
): Fields {
  const fields: Filling = {}
  for (let at = 0; at < columns.length; at++) {
    const field = columns[at]
    const value = values[at]
    if (field === undefined || value === undefined || value === '' || fields[field] !== undefined)
      continue
    fields[field] = embedded(value)
  }
  return fields
}

/** Log Analytics writes objects as JSON inside strings. */
function embedded(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const first = value.charCodeAt(0)
  if (first !== 0x7b && first !== 0x5b) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

function isEmpty(value: unknown): boolean {
  if (value === '' || value === null) return true
  if (typeof value !== 'object') return false
  for (const _ in value) return false
  return true
}

/** A text or number as text; empty, absent and anything else as undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return text === '' ? undefined : text
}

/** A member of an object field, its name compared without case. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  for (const each in value) if (each.toLowerCase() === name) return (value as Json)[each]
  return undefined
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, factTable, signInParser } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { replayAssumptions } from './assumptions.ts'
import { demoFiles } from './demo/demo.ts'
import { logFields, type LogField } from './fields.ts'
import { mapFields, signInOf } from './mapping.ts'
import { rowsOf } from './reading/read.ts'

type Json = Readonly<Record<string, unknown>>

/** The 82 records of the example logs: 56 rows of Log Analytics, and 26 diagnostic records that were made by hand. */
const folder = join(import.meta.dirname, '../examples/sign-in-logs')
const records = ['signins-training-lab.json', 'signins-panther-tests.json']
  .flatMap((name) => rowsOf(readFileSync(join(folder, name), 'utf8')))
  .map((row) => (row.unreadable === undefined && row.entry === undefined ? row.fields : {}))

/** A record with the names of one shape. Objects keep theirs, as exports do. */
const named = (spelling: 'graph' | 'diagnostic' | 'logAnalytics', fields: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, value]) => {
      const names: Readonly<Record<string, unknown>> = logFields[field as LogField]
      const name = names[spelling]
      return typeof name === 'string' ? [[name, value]] : []
    }),
  )

/** What only the record around the properties says has its place there; a resource has an id of one kind or the other. */
function diagnosticOf(fields: Json): Json {
  const { resourceIdentity, ...rest } = fields
  const properties = {
    ...rest,
    ...(resourceIdentity !== undefined && { resourceId: resourceIdentity }),
  }
  return { ...named('diagnostic', rest), properties: named('graph', properties) }
}
function graphOf(fields: Json): Json {
  const { category, status, code, result, writtenAt, resourceIdentity, ...rest } = fields
  return named('graph', {
    ...rest,
    createdAt: rest['createdAt'] ?? writtenAt,
    events: category === undefined ? undefined : [eventOf(category as string)],
    status: status ?? { errorCode: codeOf(code, result) },
    ...(resourceIdentity !== undefined && { resourceId: resourceIdentity }),
  })
}
const eventOf = (category: string) =>
  ({
    SignInLogs: 'interactiveUser',
    NonInteractiveUserSignInLogs: 'nonInteractiveUser',
    ServicePrincipalSignInLogs: 'servicePrincipal',
  })[category]
const codeOf = (code: unknown, result: unknown) => {
  const text = String(code ?? result)
  return /^success$/i.test(text) ? 0 : /^\d+$/.test(text) ? Number(text) : text
}
function logAnalyticsOf(fields: Json): Json {
  const { resourceId, resourceIdentity, createdAt, writtenAt, ...rest } = fields
  const given = named('logAnalytics', {
    ...rest,
    createdAt,
    writtenAt: writtenAt ?? createdAt,
    resourceIdentity: resourceIdentity ?? (resourceId as string | undefined)?.replace(/^\/.*/, ''),
    ...(typeof rest['location'] === 'object' && {
      location: undefined,
      locationDetails: rest['location'],
    }),
  })
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  )
}
/** As the portal writes it: objects in columns of their own, and what it has no column for left out. */
function portalOf(fields: Json): Json {
  const member = (field: string, name: string) => (fields[field] as Json | undefined)?.[name]
  const place = fields['location'] ?? fields['locationDetails']
  const country = (typeof place === 'object' ? (place as Json)['countryOrRegion'] : place) as
    | string
    | undefined
  const category = fields['category']
  return {
    'Date (UTC)': fields['createdAt'] ?? fields['writtenAt'],
    'Request ID': fields['id'],
    'User agent': fields['userAgent'],
    'User ID': fields['userId'],
    Username: fields['userName'],
    'User type': fields['userType'],
    'Authentication Protocol': fields['protocol'],
    'Service principal ID': fields['servicePrincipal'],
    Application: fields['appName'],
    'Application ID ': fields['appId'],
    Resource: fields['resourceName'],
    'Resource ID ':
      fields['resourceIdentity'] ??
      (fields['resourceId'] as string | undefined)?.replace(/^\/.*/, ''),
    'IP address': fields['ip'],
    Location: country === undefined ? '' : `Town, "the" Region, ${country}`,
    Status: 'see code',
    'Sign-in error code': member('status', 'errorCode') ?? codeOf(fields['code'], fields['result']),
    'Client app': fields['clientApp'],
    'Operating System': member('device', 'operatingSystem'),
    Compliant: member('device', 'isCompliant'),
    'Multifactor authentication result': member('status', 'additionalDetails'),
    'Authentication requirement': fields['requirement'],
    Interactive: fields['interactive'] ?? category === 'SignInLogs',
  }
}
const quoted = (value: string | number | boolean | undefined) =>
  value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`
const csv = (rows: readonly Json[]) =>
  [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map((cell) => quoted(cell as string | undefined)).join(','))
    .join('\r\n')

const withoutUndefined = (rows: readonly Json[]) => JSON.parse(JSON.stringify(rows)) as Json[]
const shapesOf = (records: readonly Json[]): Readonly<Record<string, string>> => ({
  'Graph pages': JSON.stringify({ value: withoutUndefined(records.map(graphOf)) }),
  'diagnostic records, one a line': records
    .map((each) => JSON.stringify(diagnosticOf(each)))
    .join('\n'),
  'Event Hub records': JSON.stringify([
    { records: records.slice(0, 40).map(diagnosticOf) },
    { records: records.slice(40).map(diagnosticOf) },
  ]),
  'rows of Log Analytics': JSON.stringify(withoutUndefined(records.map(logAnalyticsOf))),
})
const shapes = shapesOf(records)
const portal = csv(records.map(portalOf))

const { ruleSet } = shippedPacks[0]!.pack
const decide = compile(ruleSet)
const parse = signInParser(factTable(ruleSet.customFacts), [
  ...replayAssumptions,
  ...ruleSet.assumptions,
])

/** What becomes of each row of a log, in words. `without` takes away what another shape does not tell. */
function decided(text: string, without: readonly LogField[] = []): readonly string[] {
  return rowsOf(text).map((row) => {
    if (row.unreadable !== undefined || row.entry !== undefined) return 'unreadable'
    const kept = Object.entries(row.fields).filter(([name]) => !without.includes(name as LogField))
    const mapped = mapFields(Object.fromEntries(kept))
    if (mapped.unmapped !== undefined) return mapped.unmapped
    const parsed = parse(signInOf(mapped))
    if (parsed.faults) return parsed.faults[0].expected
    const { outcome, requirements, reasons } = decide(parsed.signIn)
    return `${outcome} ${requirements.join()} ${reasons.map(({ rule }) => rule).join()}`
  })
}

describe('the same 82 records', () => {
  const original = records.map((fields) => {
    const mapped = mapFields(fields)
    return mapped.unmapped ?? mapped.facts
  })
  const expected = decided(JSON.stringify(withoutUndefined(records.map(graphOf))))

  test('are decided or unmapped with a reason', () => {
    expect(original).toHaveLength(82)
    expect(expected.filter((each) => /^(?:allow|challenge|block) /.test(each))).toHaveLength(68)
  })

  test.each(Object.entries(shapes))('are decided alike as %s', (_, text) => {
    expect(decided(text)).toEqual(expected)
  })

  test('are decided alike as the portal’s CSV, but for the risk that it does not tell', () => {
    const untold: readonly LogField[] = ['risk', 'steps']
    const withoutThem = decided(shapes['Graph pages']!, untold)
    expect(decided(portal)).toEqual(withoutThem)
    const otherwise = expected.flatMap((each, at) => (each === withoutThem[at] ? [] : [at + 1]))
    expect(otherwise).toEqual([67, 68, 72]) // high risk, the events 11, 12 and 16
  })
})

describe('the month of the demonstration', () => {
  const texts = Object.entries(demoFiles()).flatMap(([name, text]) =>
    name.endsWith('.csv') ? [text] : [],
  )
  /** What the portal has columns for, as the others have it: in objects. */
  const rows = texts.flatMap(rowsOf).map((row): Json => {
    if (row.unreadable !== undefined || row.entry !== undefined) return {}
    const { system, compliant, mfaResult, mfaMethod, code, ...rest } = row.fields
    return {
      ...rest,
      device: { operatingSystem: system, isCompliant: compliant },
      status: { errorCode: Number(code), additionalDetails: mfaResult },
      ...(mfaMethod !== undefined && { steps: [{ authenticationMethod: mfaMethod }] }),
    }
  })
  const expected = texts.flatMap((text) => decided(text))

  test('is 10,430 rows', () => {
    expect(expected).toHaveLength(10_430)
    expect(new Set(expected)).toContain('block  block-legacy-authentication')
  })
  test.each(Object.entries(shapesOf(rows)))('is decided alike as %s', (_, text) => {
    expect(decided(text)).toEqual(expected)
  })
})

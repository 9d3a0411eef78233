import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { mapRow } from './mapping.ts'
import { replay } from './replay.ts'
import { rowsOf } from './rows.ts'
import { logTime } from './time.ts'

const { ruleSet } = shippedPacks[0]!.pack

/** One sign-in, as each of the formats writes it. */
const graph = {
  id: '1',
  createdDateTime: '2024-06-15T09:00:00Z',
  userId: 'u1',
  userPrincipalName: 'someone@example.com',
  appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  clientAppUsed: 'Mobile Apps and Desktop clients',
  resourceId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  resourceDisplayName: 'Windows Azure Service Management API',
  isInteractive: true,
  userType: 'member',
  authenticationProtocol: 'oAuth2',
  authenticationRequirement: 'singleFactorAuthentication',
  riskLevelDuringSignIn: 'none',
  status: { errorCode: 0, failureReason: 'Other.', additionalDetails: null },
  location: { city: 'Berlin', countryOrRegion: 'DE' },
  deviceDetail: { operatingSystem: 'Windows 10', isCompliant: true },
}
const { id: _, ...properties } = graph
const diagnostic = {
  time: '2024-06-15T09:01:00Z',
  category: 'SignInLogs',
  resultType: '0',
  resourceId: '/tenants/t/providers/Microsoft.aadiam',
  properties,
}
const logAnalytics = {
  TimeGenerated: '2024-06-15T09:01:00Z',
  'CreatedDateTime [UTC]': '6/15/2024, 9:00:00.000 AM',
  Category: 'SignInLogs',
  ResourceId: '/tenants/t/providers/Microsoft.aadiam',
  ResultType: '0',
  UserId: 'u1',
  AppId: graph.appId,
  ClientAppUsed: 'Mobile Apps and Desktop clients',
  ResourceIdentity: graph.resourceId,
  UserType: 'Member',
  AuthenticationProtocol: 'oAuth2',
  AuthenticationRequirement: 'singleFactorAuthentication',
  RiskLevelDuringSignIn: 'none',
  Status_dynamic: { errorCode: 0 },
  LocationDetails: '{"countryOrRegion":"DE"}',
  DeviceDetail_string: '{"operatingSystem":"Windows 10","isCompliant":true}',
}

describe('one sign-in in every format', () => {
  const expected = mapRow(graph)
  test('makes the facts it should', () => {
    expect(expected).toMatchObject({
      signIn: {
        at: '2024-06-15T09:00:00.000Z',
        user: { type: 'member' },
        client: { clientAppUsed: 'Mobile Apps and Desktop clients', authenticationFlow: 'none' },
        resource: { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' },
        device: { compliant: true, platform: 'windows' },
        location: { country: 'DE' },
        risk: { signIn: 'none' },
        session: { mfa: 'none' },
      },
    })
  })
  test.each([
    ['a diagnostic record', diagnostic],
    ['a row of Log Analytics', logAnalytics],
  ])('%s is the same sign-in', (_, row) => {
    expect(mapRow(row)).toEqual(expected)
  })

  test.each([
    ['an array', JSON.stringify([graph, diagnostic])],
    ['a page of Graph', JSON.stringify({ '@odata.nextLink': 'x', value: [graph, diagnostic] })],
    ['records of an Event Hub', JSON.stringify({ records: [graph, diagnostic] })],
    ['one JSON a line', `${JSON.stringify(graph)}\n\n${JSON.stringify(diagnostic)}\n`],
    ['with a byte order mark', `\uFEFF${JSON.stringify([graph, diagnostic])}`],
    ['wrapped as log', JSON.stringify([{ log: graph }, { log: diagnostic }])],
  ])('in %s', (_, text) => {
    const report = replay(ruleSet, rowsOf('a.json', text))
    expect(report).toMatchObject({ rows: 2, decided: 2, unmapped: 0 })
    expect(report.rules.map(({ rule }) => rule)).toContain('azure-management-needs-mfa')
  })
})

describe('a row', () => {
  const from = (change: object) => mapRow({ ...graph, ...change })
  const factsOf = (change: object) => {
    const mapped = from(change)
    if ('unmapped' in mapped) throw new Error(mapped.unmapped)
    return mapped
  }

  test.each<[string, object, string]>([
    ['not an object', [], 'not an object'],
    ['nothing', {}, 'not a sign-in: neither a user nor a service principal'],
    [
      'an audit event',
      { ...diagnostic, category: 'AuditLogs' },
      'not a sign-in: category AuditLogs',
    ],
    ['no time', { ...graph, createdDateTime: '' }, 'no time'],
    [
      'a bad time',
      { ...graph, createdDateTime: 'yesterday' },
      `a time that can't be read: "yesterday"`,
    ],
    [
      'a wrong password',
      { ...graph, status: { errorCode: 50126 } },
      'first factor not passed: 50126 wrong user name or password',
    ],
    [
      'an unknown code',
      { ...graph, status: { errorCode: 12345 } },
      'error code 12345 is not one we know',
    ],
    [
      'a bare failure',
      { ...graph, status: undefined, resultType: 'Failure' },
      'a result that is neither success nor an error code',
    ],
    [
      'an unknown client',
      { ...graph, clientAppUsed: 'Gopher' },
      `a client application that we don't know: "Gopher"`,
    ],
  ])('%s is unmapped, and says why', (_, row, reason) => {
    expect(mapRow(row)).toEqual({ unmapped: reason })
  })

  test.each<[string, object, object]>([
    [
      'MFA done in it',
      { authenticationRequirement: 'multiFactorAuthentication' },
      {
        session: { mfa: 'thisSignIn' },
        user: { registeredMethods: ['microsoftAuthenticatorPush'] },
      },
    ],
    [
      'MFA by a claim',
      {
        status: {
          errorCode: 0,
          additionalDetails: 'MFA requirement satisfied by claim in the token',
        },
      },
      { session: { mfa: 'earlier' } },
    ],
    [
      'MFA asked for and not done',
      { authenticationRequirement: 'multiFactorAuthentication', status: { errorCode: 50074 } },
      { session: { mfa: 'none' } },
    ],
    ['no word on MFA', { authenticationRequirement: undefined }, { session: {} }],
    ['ROPC', { authenticationProtocol: 'ropc' }, { client: { authenticationFlow: 'ropc' } }],
    [
      'device code',
      { authenticationProtocol: 'deviceCode' },
      { client: { authenticationFlow: 'deviceCode' } },
    ],
    [
      'a session that began with device code',
      { originalTransferMethod: 'deviceCodeFlow' },
      { client: { authenticationFlow: 'deviceCode' } },
    ],
    ['no client application', { clientAppUsed: null }, { client: { clientAppUsed: 'Unknown' } }],
    [
      'a service principal',
      { userId: undefined, userPrincipalName: undefined, servicePrincipalId: 's1' },
      { user: { type: 'servicePrincipal' } },
    ],
    ['a guest', { userType: 'Guest' }, { user: { type: 'guest' } }],
    [
      'B2B direct connect',
      { crossTenantAccessType: 'b2bDirectConnect' },
      { user: { type: 'b2bDirectConnect' } },
    ],
    [
      'a resource by its name',
      { resourceId: undefined },
      { resource: { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' } },
    ],
    [
      'no resource',
      { resourceId: '', resourceDisplayName: '' },
      { resource: { appId: graph.appId } },
    ],
    ['an unknown resource', { resourceId: '', resourceDisplayName: 'Something' }, { resource: {} }],
  ])('with %s', (_, change, facts) => {
    for (const [area, members] of Object.entries(facts)) {
      const mapped = factsOf(change).signIn[area] as object
      if (Object.keys(members as object).length === 0) expect(mapped).toEqual({})
      else expect(mapped).toMatchObject(members as object)
    }
  })

  test('with a value nobody knows lacks the fact, and says so', () => {
    const { signIn, unrecognised } = factsOf({ authenticationProtocol: 'rpoc', userType: 'alien' })
    expect(unrecognised).toEqual(['usertype "alien"', 'authenticationprotocol "rpoc"'])
    expect(signIn['user']).toEqual({})
  })
})

describe('the report', () => {
  test('accounts for every row, the broken ones too', () => {
    const text = [JSON.stringify(graph), '{ broken', '5', JSON.stringify(diagnostic), 'null'].join(
      '\n',
    )
    const report = replay(ruleSet, rowsOf('a.ndjson', text))
    expect(report).toMatchObject({ rows: 5, decided: 2, unmapped: 3 })
    expect(report.unmappedReasons).toEqual([
      { reason: 'not an object', rows: 2, places: ['a.ndjson:3', 'a.ndjson:5'] },
      { reason: 'not JSON', rows: 1, places: ['a.ndjson:2'] },
    ])
  })
})

test.each([
  ['2024-06-15T09:00:00Z', '2024-06-15T09:00:00.000Z'],
  ['2024-06-15T09:00:00.1234567Z', '2024-06-15T09:00:00.123Z'],
  ['2024-06-15 09:00:00.160562400', '2024-06-15T09:00:00.160Z'],
  ['2024-06-15T11:00:00+02:00', '2024-06-15T09:00:00.000Z'],
  ['4/28/2021, 2:08:45.221 PM', '2021-04-28T14:08:45.221Z'],
  ['4/28/2021, 12:08:45 AM', '2021-04-28T00:08:45.000Z'],
  ['yesterday', undefined],
  ['2024-13-15T09:00:00Z', undefined],
])('a log time %s is %s', (text, expected) => {
  expect(logTime(text)).toBe(expected)
})

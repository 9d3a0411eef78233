import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { replayed } from '../property-tests/replayed.ts'
import { fieldsOfRecord } from './fields.ts'
import { mapFields } from './mapping.ts'
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
  UserPrincipalName: 'someone@example.com',
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
  const expected = mapFields(fieldsOfRecord(graph))
  test('makes the facts it should', () => {
    expect(expected).toMatchObject({
      user: 'u1',
      userName: 'someone@example.com',
      recorded: 'allow',
      category: 'interactive',
      at: Date.UTC(2024, 5, 15, 9),
      facts: {
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
    const { record: _record, ...same } = expected
    expect(mapFields(fieldsOfRecord(row))).toMatchObject(same)
  })

  const other = { ...graph, id: '2' }
  test.each([
    ['an array', JSON.stringify([graph, other])],
    ['a page of Graph', JSON.stringify({ '@odata.nextLink': 'x', value: [graph, other] })],
    ['a page over many lines', JSON.stringify({ value: [graph, other], more: 1 }, null, 2)],
    ['records of an Event Hub', JSON.stringify({ records: [graph, diagnostic] })],
    ['batches of them', JSON.stringify([{ records: [graph] }, { records: [diagnostic] }])],
    ['one JSON a line', `${JSON.stringify(graph)}\n\n${JSON.stringify(diagnostic)}\n`],
    [
      'records one after the other',
      [graph, other].map((each) => JSON.stringify(each, null, 2)).join('\n'),
    ],
    ['with a byte order mark', `\uFEFF${JSON.stringify([graph, diagnostic])}`],
    ['in UTF-16', Buffer.from(`\uFEFF${JSON.stringify([graph, other])}`, 'utf16le')],
    ['wrapped as log', JSON.stringify([{ log: graph }, { log: other }])],
    ['packed', gzipSync(JSON.stringify([graph, other]))],
  ])('in %s', async (_, text) => {
    const report = await replayed({ ruleSet }, { 'a.json': text })
    expect(report).toMatchObject({ rows: 2, decided: 2, unmapped: 0 })
    expect(report.by.rule.map(({ name }) => name)).toContain('azure-management-needs-mfa')
  })
})

describe('a row', () => {
  const from = (change: object) => mapFields(fieldsOfRecord({ ...graph, ...change }))
  const factsOf = (change: object) => {
    const mapped = from(change)
    if (mapped.unmapped !== undefined) throw new Error(mapped.unmapped)
    return mapped
  }

  test.each<[string, object, string]>([
    ['nothing', {}, 'not a sign-in: neither a user nor a service principal'],
    [
      'an audit event',
      { ...diagnostic, category: 'AuditLogs' },
      'not a sign-in: category AuditLogs',
    ],
    ['no time', { ...graph, createdDateTime: '' }, 'no time'],
    [
      'an array for a user name',
      { ...graph, userPrincipalName: ['a', 'b'] },
      'userName: expected a text',
    ],
    [
      'a day that may be a month',
      { ...graph, createdDateTime: '3/4/2024 09:00:00' },
      'a time of which day and month can’t be told apart: say --day-first or --month-first',
    ],
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
    expect(mapFields(fieldsOfRecord(row as Record<string, unknown>))).toMatchObject({
      unmapped: reason,
    })
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
      const mapped = factsOf(change).facts[area] as object
      if (Object.keys(members as object).length === 0) expect(mapped).toEqual({})
      else expect(mapped).toMatchObject(members as object)
    }
  })

  test('is not taken for another, whatever is written into it', () => {
    const ofResource = (change: object) =>
      (factsOf(change).facts['resource'] as { readonly appId?: string }).appId
    const [one, other] = [
      { resourceDisplayName: 'a"0:', resourceId: '', appId: graph.appId },
      { resourceDisplayName: '', resourceId: '', appId: graph.appId },
    ]
    expect(ofResource(other)).toBe(graph.appId)
    expect(ofResource(one)).toBeUndefined()
    expect(ofResource({ ...one, resourceDisplayName: 'azure resource manager' })).toBe(
      graph.resourceId,
    )
    const done = { authenticationRequirement: 'multiFactorAuthentication' }
    const mfa = (change: object) =>
      (factsOf(change).facts['session'] as { readonly mfa?: string }).mfa
    expect(mfa(done)).toBe('thisSignIn')
    expect(mfa({ ...done, status: { errorCode: 50074 } })).toBe('none')
    expect(
      mfa({
        ...done,
        status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim' },
      }),
    ).toBe('earlier')
  })

  test('with a value nobody knows lacks the fact, and says so', () => {
    const { facts, unrecognised } = factsOf({ authenticationProtocol: 'rpoc', userType: 'alien' })
    expect(unrecognised).toEqual(['userType "alien"', 'protocol "rpoc"'])
    expect(facts['user']).toEqual({})
  })
})

test.each<[text: string, order: 'day first' | 'month first' | undefined, expected?: string]>([
  ['2024-06-15T09:00:00Z', undefined, '2024-06-15T09:00:00.000Z'],
  ['2024-06-15T09:00:00.1234567Z', undefined, '2024-06-15T09:00:00.123Z'],
  ['2024-06-15 09:00:00.160562400', undefined, '2024-06-15T09:00:00.160Z'],
  ['2024-06-15T11:00:00+02:00', undefined, '2024-06-15T09:00:00.000Z'],
  ['4/28/2021, 2:08:45.221 PM', undefined, '2021-04-28T14:08:45.221Z'],
  ['4/28/2021, 12:08:45 AM', undefined, '2021-04-28T00:08:45.000Z'],
  ['4/3/2021, 2:08:45 PM', undefined, '2021-04-03T14:08:45.000Z'],
  ['4/3/2021, 2:08:45 pm', 'day first', '2021-03-04T14:08:45.000Z'],
  ['28/04/2021 14:08:45', undefined, '2021-04-28T14:08:45.000Z'],
  ['3.4.2021 14:08', undefined, '2021-04-03T14:08:00.000Z'],
  ['3/4/2021 14:08:00', 'day first', '2021-04-03T14:08:00.000Z'],
  ['3/4/2021 14:08:00', 'month first', '2021-03-04T14:08:00.000Z'],
  ['4/4/2021 14:08:00', undefined, '2021-04-04T14:08:00.000Z'],
  ['28/04/2021 14:08:45', 'month first', '2021-04-28T14:08:45.000Z'],
  ['31/2/2021 14:08:45', undefined],
  ['yesterday', undefined],
  ['2024-13-15T09:00:00Z', undefined],
])('a log time %s, %s, is %s', (text, order, expected) => {
  const at = logTime(text, order)
  expect(at).toBe(expected === undefined ? undefined : Date.parse(expected))
})

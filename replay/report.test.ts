import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { replayed } from '../property-tests/replayed.ts'
import { readDirectory } from './directory.ts'
import { devicesCsv, usersCsv } from './lists.ts'
import { markdownOf } from './markdown.ts'
import { pseudonymised } from './pseudonyms.ts'
import type { Question } from './replay.ts'
import type { Report } from './report.ts'

const [defaults, current] = shippedPacks.map(({ pack }) => pack.ruleSet)
const portal = '797f4846-ba00-4fd7-ba43-dac1f8f63013'
const day = (number: number, hour = 9) => new Date(Date.UTC(2026, 0, number, hour)).toISOString()

/** A sign-in of `who` with a browser; `more` says what is otherwise. */
const signIn = (who: string, date: string, more: object = {}) => ({
  createdDateTime: date,
  userId: who,
  userPrincipalName: `${who}@example.com`,
  userType: 'member',
  clientAppUsed: 'Browser',
  isInteractive: true,
  resourceId: '00000002-0000-0ff1-ce00-000000000000',
  authenticationRequirement: 'singleFactorAuthentication',
  authenticationProtocol: 'none',
  riskLevelDuringSignIn: 'none',
  ipAddress: '192.0.2.1',
  status: { errorCode: 0 },
  ...more,
})
const mfa = { authenticationRequirement: 'multiFactorAuthentication' }
const silent = { isInteractive: false }
const printer = {
  clientAppUsed: 'Authenticated SMTP',
  isInteractive: false,
  ipAddress: '192.0.2.9',
}
const wrong = { status: { errorCode: 50126 } }

const report = (rows: readonly object[], question: Partial<Question> = {}) =>
  replayed({ ruleSet: defaults!, ...question }, { 'log.json': JSON.stringify(rows) })

function directory(...texts: readonly string[]) {
  const read = readDirectory(texts.map((text, at) => ({ name: `${at}`, text })))
  if ('fault' in read) throw new Error(read.fault)
  return read
}
const registered =
  '[{"id":"ANN","userPrincipalName":"ann@example.com","methodsRegistered":["microsoftAuthenticatorPush"]}]'
const admins = 'UserPrincipalName,Roles\nann@example.com,Global Administrator;Nonsense\n'

describe('grace begins with the first successful interactive sign-in since it is switched on', () => {
  /** When each user must have registered. */
  test.each<[string, readonly object[], Partial<Question>, Readonly<Record<string, string>>]>([
    ['14 days after it', [signIn('ann', day(1)), signIn('ann', day(10))], {}, { ann: day(15) }],
    [
      'wherever in the log it stands',
      [signIn('ann', day(10)), signIn('ann', day(1))],
      {},
      { ann: day(15) },
    ],
    [
      'silent ones do not count',
      [signIn('ann', day(1), silent), signIn('ann', day(3))],
      {},
      { ann: day(15) },
    ],
    [
      'nor failed ones',
      [signIn('ann', day(1), wrong), signIn('ann', day(3))],
      {},
      { ann: day(17) },
    ],
    [
      'nor earlier ones',
      [signIn('ann', day(1)), signIn('ann', day(5))],
      { enabledAt: Date.parse(day(4, 0)) },
      { ann: day(19) },
    ],
    [
      'at once where MFA is demanded',
      [signIn('ann', day(1)), signIn('ann', day(3), { resourceId: portal })],
      {},
      { ann: day(3) },
    ],
    ['never for who did MFA', [signIn('ann', day(1)), signIn('ann', day(9), mfa)], {}, {}],
    [
      'never for who is registered',
      [signIn('ann', day(1))],
      { directory: directory(registered) },
      {},
    ],
    ['a rule set without grace', [signIn('ann', day(2))], { ruleSet: current! }, { ann: day(2) }],
  ])('%s', async (_, rows, question, expected) => {
    const { people } = await report(rows, question)
    const found = people.flatMap(({ user, registerBy }) =>
      registerBy === undefined ? [] : [[user, registerBy]],
    )
    expect(Object.fromEntries(found)).toEqual(expected)
  })

  test('after it nobody gets on without registering', async () => {
    const { flows } = await report([
      signIn('ann', day(1)),
      signIn('ann', day(14)),
      signIn('ann', day(15)),
      signIn('ann', day(16)),
    ])
    expect(flows.filter(({ signIns }) => signIns > 0)).toMatchObject([
      { before: 'allow', after: 'allow', signIns: 2 },
      { before: 'allow', after: 'challenge', signIns: 2 },
    ])
  })
})

describe('what logs do not say is bounded', () => {
  const late = [signIn('ann', day(1)), signIn('ann', day(20)), signIn('bob', day(2))]
  test.each<[string, readonly object[], Partial<Question>, object]>([
    [
      'registered or not, administrator or not',
      late,
      {},
      { least: 0, usual: 1, mostWithoutRole: 1, most: 2 },
    ],
    [
      'registered',
      late,
      { directory: directory(registered) },
      { least: 0, usual: 0, mostWithoutRole: 0, most: 2 },
    ],
    [
      'an administrator',
      late,
      { directory: directory(registered, admins) },
      { least: 1, usual: 1, mostWithoutRole: 1, most: 1 },
    ],
    [
      'by assumption',
      late,
      {
        assumptions: [
          { fact: 'user.roles', value: [], reason: 'said' },
          { fact: 'user.registeredMethods', value: [], reason: 'said' },
        ],
      },
      { least: 1, usual: 1, mostWithoutRole: 1, most: 1 },
    ],
    [
      'workloads',
      [signIn('app', day(1), { userType: undefined, signInEventTypes: ['servicePrincipal'] })],
      {},
      { least: 0, usual: 0, mostWithoutRole: 0, most: 0 },
    ],
    [
      'legacy is blocked whatever is so',
      [signIn('ann', day(1), printer)],
      {},
      { least: 1, usual: 1, mostWithoutRole: 1, most: 1 },
    ],
  ])('%s', async (_, rows, question, hit) => {
    expect((await report(rows, question)).users.hit).toEqual(hit)
  })
})

describe('the answer', () => {
  test.each<[string, readonly object[], Partial<Question>, string]>([
    [
      'nobody',
      [signIn('ann', day(1), mfa)],
      { directory: directory(registered, 'upn,roles\nann@example.com,\n') },
      'security-defaults asks more of none of 1 user',
    ],
    [
      'some',
      [signIn('ann', day(1), printer), signIn('bob', day(1))],
      {},
      'security-defaults asks more of 1 of 2 users (up to 2 if they are administrators): 1 with sign-ins that are blocked, 1 must register by 2026-01-15',
    ],
    [
      'nothing',
      [{}],
      {},
      'No row could be decided, so nothing is known of what security-defaults would do',
    ],
    [
      'two rule sets',
      [signIn('ann', day(1), { authenticationProtocol: 'deviceCode' })],
      { ruleSet: current!, before: defaults! },
      'security-defaults-current asks more of 1 of 1 user than security-defaults: 1 with sign-ins that are blocked',
    ],
    [
      'the other way round',
      [signIn('ann', day(1), { authenticationProtocol: 'deviceCode' })],
      { ruleSet: defaults!, before: current! },
      'security-defaults asks more of none of 1 user than security-defaults-current: 1 must register by 2026-01-15, 1 with sign-ins that are decided less strictly',
    ],
  ])('%s', async (_, rows, question, answer) => {
    expect((await report(rows, question)).answer).toBe(answer)
  })
})

describe('the report', () => {
  test('what was recorded is what it is compared with', async () => {
    const { flows } = await report([
      signIn('ann', day(1), { status: { errorCode: 53003 } }),
      signIn('ann', day(1), { ...printer, status: { errorCode: 530035 } }),
      signIn('ann', day(1), { ...printer, status: { errorCode: 50076 } }),
    ])
    expect(
      flows.flatMap((each) => (each.signIns > 0 ? `${each.before} ${each.after}` : [])),
    ).toEqual(['challenge block', 'block allow', 'block block'])
  })

  test('a record counts once, where it stands first', async () => {
    const rows = [signIn('ann', day(1), { id: 'x' }), signIn('ann', day(1), { id: 'y' })]
    const twice = await replayed(
      { ruleSet: defaults! },
      {
        'a.json': JSON.stringify(rows),
        'b.json': JSON.stringify([...rows, signIn('ann', day(2), { id: 'x' })]),
      },
    )
    expect(twice).toMatchObject({
      rows: 5,
      decided: 3,
      unmappedReasons: [
        {
          reason: 'a record that stands further up already',
          places: [
            { file: 'b.json', row: 1 },
            { file: 'b.json', row: 2 },
          ],
        },
      ],
    })
  })

  test('a log tells the order of day and month by any of its rows', async () => {
    const csv = (...dates: string[]) =>
      [
        'Date (UTC),User ID,Status,Client app',
        ...dates.map((date) => `${date},ann,Success,Browser`),
      ].join('\n')
    const read = async (log: string) => (await replayed({ ruleSet: defaults! }, { log })).window
    expect(await read(csv('3/4/2026 09:00:00', '13/4/2026 09:00:00'))).toMatchObject({
      from: '2026-04-03T09:00:00.000Z',
    })
    expect(await read(csv('3/4/2026 09:00:00', '3/14/2026 09:00:00'))).toMatchObject({
      from: '2026-03-04T09:00:00.000Z',
    })
    expect(await read(csv('3/4/2026 09:00:00', '3/5/2026 09:00:00'))).toBeUndefined()
  })

  test('devices are guessed, and attempts without the password are noise', async () => {
    const guess = (ip: number) =>
      signIn('carl', day(1), { ...wrong, ...printer, ipAddress: `198.51.100.${ip}` })
    const { devices, noise, users } = await report([
      signIn('copier', day(1), printer),
      signIn('copier', day(2), printer),
      signIn('job', day(2), { authenticationProtocol: 'ropc', userAgent: 'python-requests/2.31' }),
      signIn('ann', day(2), { clientAppUsed: 'IMAP4', userAgent: 'Thunderbird' }),
      signIn('ann', day(2), { clientAppUsed: 'Exchange ActiveSync', userAgent: 'Apple-iPhone' }),
      ...[1, 2, 3, 3].map(guess),
      signIn('ann', day(3), { ...wrong, ...printer }),
    ])
    expect(devices.map(({ kind, user, hits, days }) => [kind, user, hits, days])).toEqual([
      ['printer or scanner', 'copier', 2, 2],
      ['mail program', 'ann', 1, 1],
      ['phone', 'ann', 1, 1],
      ['script', 'job', 0, 1],
    ])
    expect(noise).toEqual({
      attempts: 5,
      accounts: 2,
      most: [
        { user: 'carl', attempts: 4, sources: 3, kind: 'guessing' },
        { user: 'ann', attempts: 1, sources: 1, kind: 'old password' },
      ],
    })
    expect(users.seen).toBe(3)
  })

  test('prompts are counted for each user and day, registering once', async () => {
    const { prompts } = await report([
      signIn('ann', day(1), mfa),
      signIn('ann', day(1), { resourceId: portal }),
      signIn('ann', day(2), { resourceId: portal }),
      signIn('bob', day(1)),
      signIn('bob', day(16)),
    ])
    expect(prompts).toMatchObject({
      userDays: 4,
      before: { prompts: 1 },
      after: { prompts: 3, mean: 0.75, most: 2 },
    })
    expect(prompts.worst).toEqual([{ user: 'ann', day: '2026-01-01', prompts: 2 }])
  })

  test.each<[string, Partial<Question>, readonly object[], RegExp]>([
    ['no silent sign-ins', {}, [signIn('ann', day(1))], /^No non-interactive sign-ins/],
    ['a short window', {}, [signIn('ann', day(1)), signIn('ann', day(8))], /go over 7\.0 days/],
    ['no directory', {}, [signIn('ann', day(1))], /give --directory/],
    [
      'a directory of others',
      { directory: directory(registered) },
      [signIn('bob', day(1))],
      /^1 users of the logs are not in the directory/,
    ],
    [
      'a directory without roles',
      { directory: directory(registered) },
      [signIn('ann', day(1))],
      /does not say who holds which role/,
    ],
    [
      'a role that is none',
      { directory: directory(admins) },
      [signIn('ann', day(1))],
      /user\.roles "Nonsense"/,
    ],
    [
      'no word on which log',
      {},
      [signIn('ann', day(1), { isInteractive: undefined })],
      /1 sign-ins do not say which log/,
    ],
  ])('warns of %s', async (_, question, rows, warning) => {
    expect((await report(rows, question)).warnings).toContainEqual(expect.stringMatching(warning))
  })
})

describe('what leaves', () => {
  const strange = signIn('=cmd()', day(1), {
    ...printer,
    userPrincipalName: '=cmd("x"),|@everyone',
    userAgent: '<b>',
  })
  const made = () => report([strange, signIn('ann', day(1)), signIn('carl', day(1), wrong)])

  test('shows no user and no address', async () => {
    const hidden = pseudonymised(await made(), (kind, name) => `${kind} of ${name.length}`)
    const text = JSON.stringify(hidden)
    for (const secret of ['ann', 'carl', 'cmd', 'everyone', '192.0.2'])
      expect(text).not.toContain(secret)
    expect(hidden.answer).toBe((await made()).answer)
  })

  test('lists do not run in a spreadsheet', async () => {
    const shown = await made()
    expect(usersCsv(shown).split('\r\n')[1]).toBe(
      `'=cmd(),"'=cmd(""x""),|@everyone",member,replace the legacy client,,1,0,1,1,false,certain,2026-01-01T09:00:00.000Z`,
    )
    expect(devicesCsv(shown).split('\r\n')[1]).toMatch(/^mail program,'=cmd\(\),/)
  })

  test('Markdown says the answer first, and takes nothing in a log for Markdown', async () => {
    const text = markdownOf(await made())
    expect(text).toMatch(/^\*\*security-defaults asks more of 1 of 2 users/)
    expect(text).toContain(String.raw`| =cmd("x"),\|\@everyone | replace the legacy client |`)
  })
})

test.each([
  ['{', /^0: expected JSON or CSV/],
  ['{}', /^0: expected an array of records, or a page/],
  ['[{"a":1}]', /^0: expected records with an id/],
])('a directory %s is refused', (text, fault) => {
  expect(readDirectory([{ name: '0', text }])).toMatchObject({
    fault: expect.stringMatching(fault) as string,
  })
})

test('role assignments of Graph are joined by id', async () => {
  const roles = JSON.stringify({
    value: [{ principalId: 'ann', roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10' }],
  })
  const { users }: Report = await report([signIn('ann', day(1))], {
    directory: directory(registered, roles),
  })
  expect(users).toMatchObject({ administrators: 1, hit: { least: 1, most: 1 } })
})

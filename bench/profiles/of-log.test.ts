import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { facts, faultText, type FactTable } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { replayed } from '../../property-tests/replayed.ts'
import {
  parseProfile,
  profileOfLog,
  workloadOf,
  type LogFile,
  type LogProfileOptions,
  type Profile,
} from './index.ts'

const [{ pack }] = shippedPacks as readonly [(typeof shippedPacks)[number]]
const ruleSets = [pack.ruleSet]

const folder = join(import.meta.dirname, '../../examples/sign-in-logs')
const examples: readonly LogFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

/** Rows of Graph's form; `user` is a number. */
type Made = { readonly user: number; readonly minute?: number } & Readonly<Record<string, unknown>>
const log = (rows: readonly Made[]): LogFile => ({
  name: 'made.json',
  text: JSON.stringify(
    rows.map(({ user, minute = 0, ...more }, index) => ({
      id: `record-${index}`,
      correlationId: `correlation-${index}`,
      createdDateTime: new Date(Date.UTC(2025, 2, 3, 8, minute)).toISOString(),
      userId: `user-id-${user}`,
      userPrincipalName: `person${user}@contoso.example`,
      userDisplayName: `Person Number ${user}`,
      appDisplayName: 'Contoso Payroll',
      appId: 'aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa',
      ipAddress: `198.51.100.${user}`,
      clientAppUsed: 'Browser',
      resourceId: '00000003-0000-0000-c000-000000000000',
      deviceDetail: {
        displayName: `LAPTOP-${user}`,
        deviceId: `dev-${user}`,
        operatingSystem: 'Windows 11',
      },
      location: { city: 'Musterstadt', countryOrRegion: 'DE' },
      status: { errorCode: 0 },
      ...more,
    })),
  ),
})
const users = (count: number, more: object = {}, from = 0): readonly Made[] =>
  Array.from({ length: count }, (_, user) => ({ user: from + user, ...more }))

function read(files: readonly LogFile[], options: LogProfileOptions = {}) {
  const { profile, report } = profileOfLog(files, { ruleSets, ...options })
  const text = JSON.stringify(profile)
  const parsed = parseProfile('of-log.json', text, () => ({ names: [] }))
  if (parsed.faults) throw new Error(parsed.faults.map(faultText).join('\n'))
  return { text, report, profile: parsed as Profile, json: profile as unknown as Json }
}
type Json = {
  readonly kinds: readonly { readonly weight: number; readonly facts: object }[]
  readonly common: object
}

/** Every text in a value, names of members left out. */
const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string')
    return /^\s*[[{]/.test(value) ? [value, ...textsIn(tryJson(value))] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** Texts that say nothing of anybody: values of the fact table, and resources that it or rules name. */
const common = new Set<string>([
  ...Object.values(facts as FactTable).flatMap(({ kind }) =>
    kind.kind === 'oneOf' || kind.kind === 'someOf' ? kind.values : [],
  ),
  '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  '00000003-0000-0000-c000-000000000000',
  '00000002-0000-0000-c000-000000000000',
  '00000002-0000-0ff1-ce00-000000000000',
])

describe('a profile of a log', () => {
  test.each<[string, readonly LogFile[], number]>([
    ['of the example logs', examples, 5],
    ['of the example logs, without hiding few among many', examples, 1],
    ['of one person', examples.slice(1), 5],
    ['of a made log', [log(users(20))], 5],
  ])('%s holds no text of its rows', (_, files, usersAtLeast) => {
    const texts = new Set(files.flatMap(({ text }) => textsIn(JSON.parse(text))))
    // Shorter ones (countries, numbers, "none") occur everywhere by chance.
    const telling = [...texts].filter((text) => text.length > 6 && !common.has(text))
    expect(telling.length).toBeGreaterThan(50)
    const { text } = read(files, { usersAtLeast })
    expect(telling.filter((each) => text.toLowerCase().includes(each.toLowerCase()))).toEqual([])
  })

  test('is decided as the log is when nothing had to be given up', async () => {
    const rows: readonly Made[] = [
      ...users(60),
      ...users(20, { clientAppUsed: 'IMAP4' }),
      ...users(15, { resourceId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' }),
      ...users(5, { authenticationProtocol: 'ropc', riskLevelDuringSignIn: 'high' }),
    ]
    const files = [log(rows)]
    const { profile, report } = read(files)
    expect(report).toMatchObject({ rows: 100, signIns: 100, users: 60, kinds: 4, givenUp: [] })
    const { questions } = workloadOf(profile, ruleSets, { seed: 1, questions: 100 })
    const count = (outcome: string) =>
      questions.filter(({ expected }) => expected[pack.ruleSet.revision]![0]!.outcome === outcome)
        .length
    const { flows } = await replayed(
      { ruleSet: pack.ruleSet },
      Object.fromEntries(files.map(({ name, text }) => [name, text])),
    )
    const replayedAs = (outcome: string) =>
      flows.reduce((sum, { after, signIns }) => sum + (after === outcome ? signIns : 0), 0)
    const outcomes = ['allow', 'challenge', 'block']
    expect(outcomes.map(count)).toEqual(outcomes.map(replayedAs))
    expect([count('allow'), count('block')]).toEqual([60, 25])
  })

  /** Weights and facts of the kinds, and what was given up. */
  test.each<[string, readonly Made[], readonly [number, object][], readonly [string, number][]]>([
    [
      'few are like many once they give up their country',
      [...users(9, { location: {} }), ...users(4, { location: { countryOrRegion: 'FR' } }, 9)],
      [[13, { 'device.platform': 'windows' }]],
      [['location.country', 4]],
    ],
    [
      'few and few make enough',
      [
        ...users(3, { location: { countryOrRegion: 'FR' } }),
        ...users(3, { location: { countryOrRegion: 'GB' } }, 3),
      ],
      [[6, { 'device.platform': 'windows' }]],
      [['location.country', 6]],
    ],
    [
      'five are enough',
      users(5),
      [[5, { 'device.platform': 'windows', 'location.country': 'DE' }]],
      [],
    ],
    [
      'many sign-ins of few users are rare',
      [...users(4), ...users(4), ...users(4)],
      [[12, {}]],
      [
        ['location.country', 12],
        ['device.platform', 12],
        ['resource.appId', 12],
      ],
    ],
    [
      'a protocol becomes its class before it is given up',
      [...users(3, { clientAppUsed: 'IMAP4' }), ...users(3, { clientAppUsed: 'POP3' }, 3)],
      [[6, { 'client.clientAppUsed': 'Other clients' }]],
      [
        ['location.country', 6],
        ['device.platform', 6],
        ['client.clientAppUsed', 6],
      ],
    ],
  ])('%s', (_, rows, kinds, givenUp) => {
    const { json, report } = read([log(rows)])
    expect(json.kinds).toHaveLength(kinds.length)
    for (const [index, [weight, own]] of kinds.entries()) {
      const { weight: came, facts: held } = json.kinds[index]!
      expect(came).toBe(weight)
      expect(held).toMatchObject(own)
      expect('location.country' in held).toBe('location.country' in own)
    }
    expect(report.givenUp).toEqual(givenUp.map(([fact, signIns]) => ({ fact, signIns })))
    expect(report.rare.signIns).toBe(givenUp[0]?.[1] ?? 0)
  })

  test('keeps resources that rules name and no others', () => {
    const own = 'bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb'
    const vault = '19db86c3-b2b9-44cc-b339-36da233a3be2' // named by a list of the pack alone
    const files = [log([...users(6, { resourceId: own }), ...users(6, { resourceId: vault })])]
    const { text, report } = read(files)
    expect(text).not.toContain(own)
    expect(text).toContain(vault)
    expect(report.otherResources).toBe(6)
    expect(read(files, { ruleSets: [] }).report.otherResources).toBe(12)
  })

  test('says how often sign-ins came, and what could not be read', () => {
    const files = [
      log([
        ...users(6),
        ...users(6, { minute: 119 }),
        ...users(2, { status: { errorCode: 50126 } }),
        ...users(5, { authenticationProtocol: 'rpoc' }),
      ]),
      { name: 'broken.json', text: '{' },
    ]
    const { profile, report } = read(files, { name: 'ours' })
    expect(profile.name).toBe('ours')
    expect(profile.arrivals).toEqual({ minutes: 120, meanPerMinute: 0.142, peakPerMinute: 11 })
    expect(report).toMatchObject({ rows: 20, signIns: 17, arrivals: profile.arrivals })
    expect(report.unmapped).toEqual([
      { what: expect.stringContaining('50126') as string, rows: 2 },
      { what: 'broken off: it has no end', rows: 1 },
    ])
    expect(report.unrecognised).toEqual([{ what: 'protocol "rpoc"', rows: 5 }])
    expect(report.assumed.find(({ fact }) => fact === 'user.roles')).toMatchObject({ rows: 17 })
  })

  test('of no sign-in at all is none', () => {
    const { profile, report } = profileOfLog([{ name: 'empty.json', text: '[]' }])
    expect(profile).toBe(undefined)
    expect(report).toMatchObject({ rows: 0, signIns: 0, kinds: 0 })
  })
})

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { faultText, inline, parsePack, pooled, type Answer } from '../../engine/index.ts'
import { packOf, shippedPacks } from '../../property-tests/packs.ts'
import type { Expected, Workload } from '../load/workload.ts'
import { apportioned, zipf } from './draw.ts'
import { parseDuration } from './duration.ts'
import {
  parseProfile,
  profileNames,
  readProfile,
  workloadOf,
  type Known,
  type Profile,
} from './index.ts'
import { drawableFacts } from './parse-draw.ts'
import { population } from './people.ts'
import { randomFrom } from '../random.ts'

const ruleSets = shippedPacks.map(({ pack }) => pack.ruleSet)
const cases = shippedPacks[0]!.pack.cases

function mustRead(name: string): Profile {
  const read = readProfile(name)
  if (read.faults) throw new Error(read.faults.map(faultText).join('\n'))
  return read
}

/** The whole workload of seed 1, made once; and one of another seed, with 1,000 sign-ins. */
const whole = new Map<string, Workload>()
function first(name: string): Workload {
  const workload = whole.get(name) ?? workloadOf(mustRead(name), ruleSets, { seed: 1, cases })
  whole.set(name, workload)
  return workload
}
function another(name: string): Workload {
  const { size } = mustRead(name).parts[0].form
  return workloadOf(mustRead(name), ruleSets, {
    seed: 77,
    cases,
    questions: Math.ceil(1_000 / size),
  })
}

const answersOf = ({ questions }: Workload, revision: string): readonly Expected[] =>
  questions.flatMap(({ expected }) => expected[revision]!)

const builtIn: Known = (name) =>
  profileNames().includes(name)
    ? { file: name, text: readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8') }
    : { names: profileNames() }

/** What is wrong with a profile given as a value. */
const faultsOf = (value: unknown): readonly string[] =>
  (parseProfile('mine.json', JSON.stringify(value, null, 2), builtIn).faults ?? []).map(faultText)

const mine = (more: object = {}) => ({
  name: 'mine',
  description: 'Made by a test',
  like: 'office-morning',
  kinds: [{ name: 'all', weight: 1, ...more }],
})

function made(value: object): Profile {
  const read = parseProfile('mine.json', JSON.stringify(value), builtIn)
  if (read.faults) throw new Error(read.faults.map(faultText).join('\n'))
  return read
}

/** Percent of the answers of each outcome, least and most, by the pack of 2024 and by the current one. */
const outcomes = ['allow', 'challenge', 'block', 'refused'] as const
type Shares = readonly (readonly [least: number, most: number])[]
const none = [0, 0] as const
const all = [100, 100] as const
const claims: Readonly<Record<string, readonly [Shares, Shares]>> = {
  'admin-maintenance': [
    [[55, 68], [32, 45], none, none],
    [[55, 68], [32, 45], [0.5, 1.5], none],
  ],
  'all-legacy': [
    [none, none, all, none],
    [none, none, all, none],
  ],
  'grace-cliff': [
    [[50, 50], [50, 50], none, none],
    [none, all, none, none],
  ],
  'large-batch': [
    [
      [80, 90],
      [8, 14],
      [3, 5],
      [0.4, 0.6],
    ],
    [
      [80, 90],
      [8, 14],
      [3, 5],
      [0.4, 0.6],
    ],
  ],
  malformed: [
    [[45, 45], none, [5, 5], [50, 50]],
    [[45, 45], none, [5, 5], [50, 50]],
  ],
  mixed: [
    [
      [85, 94],
      [4, 9],
      [3, 7],
      [0.1, 0.5],
    ],
    [
      [82, 92],
      [5, 11],
      [3, 7],
      [0.1, 0.5],
    ],
  ],
  'mixed-tenants': [
    [[78, 90], [8, 18], [1, 5], none],
    [[75, 88], [11, 21], [1, 5], none],
  ],
  'ndjson-stream': [
    [
      [85, 92],
      [6, 10],
      [2, 4],
      [0.9, 1.1],
    ],
    [
      [85, 92],
      [6, 10],
      [2, 4],
      [0.9, 1.1],
    ],
  ],
  'non-interactive-flood': [
    [[95, 99], [2, 4], none, none],
    [[93, 97], [3, 6], none, none],
  ],
  'office-morning': [
    [[87, 91], [9, 12], [0.4, 0.6], none],
    [[85, 89], [11, 14], [0.4, 0.6], none],
  ],
  'pack-cases': [
    [[20, 40], [40, 60], [15, 30], none],
    [[20, 40], [40, 60], [15, 30], none],
  ],
  'password-spray': [
    [[0.5, 1.5], [2, 4], [95, 97], none],
    [[0.5, 1.5], [2, 4], [95, 97], none],
  ],
}

describe('the profiles that come with Portcullis', () => {
  test('all are claimed something of', () => {
    expect(profileNames()).toEqual(Object.keys(claims).toSorted())
  })

  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, 'profile.schema.json'), 'utf8'),
  ) as { readonly $defs: { readonly facts: { readonly propertyNames: unknown } } }
  const right = ajv.compile(schema)

  test.each(Object.entries(claims))('%s is as it claims', (name, byPack) => {
    const written = JSON.parse(
      readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8'),
    ) as unknown
    right(written)
    expect(right.errors ?? []).toEqual([])
    expect(written).toMatchObject({ $schema: './profile.schema.json', name })
    for (const [seed, workload] of [
      [1, first(name)],
      [77, another(name)],
    ] as const) {
      for (const [at, { revision }] of ruleSets.entries()) {
        const answers = answersOf(workload, revision)
        for (const [index, outcome] of outcomes.entries()) {
          const share =
            (100 * answers.filter((each) => each.outcome === outcome).length) / answers.length
          const [least, most] = byPack[at]![index]!
          const said = `${outcome} by ${ruleSets[at]!.id}, seed ${seed}`
          expect(share, said).toBeGreaterThanOrEqual(least)
          expect(share, said).toBeLessThanOrEqual(most)
        }
      }
    }
  })

  test('the schema names the facts that callers send, and refuses what the reader refuses', () => {
    expect(schema.$defs.facts.propertyNames).toEqual({
      anyOf: [{ enum: drawableFacts }, { type: 'string', pattern: '^custom\\.[a-z][A-Za-z0-9]*$' }],
    })
    expect(right(mine())).toBe(true)
    expect(right(mine({ facts: { 'user.rolls': [] } }))).toBe(false)
    expect(right({ ...mine(), parts: [] })).toBe(false)
    expect(right(mine({ facts: { at: { after: 'soon' } } }))).toBe(false)
  })

  test('the page lists each with the outcomes that were measured', () => {
    const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
    const rows = profileNames().map((name) => {
      const workload = first(name)
      const signIns = workload.questions.flatMap(({ signIns }) => signIns)
      const bytes = signIns.reduce((sum, text) => sum + text.length, 0) / signIns.length
      const shares = ruleSets.map(({ revision }) => {
        const answers = answersOf(workload, revision)
        return outcomes
          .map(
            (outcome) =>
              (100 * answers.filter((each) => each.outcome === outcome).length) / answers.length,
          )
          .map((share) => share.toFixed(1).replace(/\.0$/, ''))
          .join(' / ')
      })
      return [
        name,
        workload.questions.length,
        signIns.length,
        Math.round(bytes),
        ...shares,
        workload.description,
      ].join(' | ')
    })
    expect(page.replaceAll(/ +/g, ' ')).toContain(rows.map((row) => `| ${row} |`).join('\n'))
  })
})

test('the example of the page is a profile', () => {
  const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const example = JSON.parse(/```json\n([^]*?)```/.exec(page)![1]!) as object
  const { questions } = workloadOf(made(example), ruleSets, { seed: 1 })
  expect(questions).toHaveLength(1_000)
})

describe('workloads', () => {
  /** What a decider says must be what the workload expects. */
  function check(answers: readonly Answer[], expected: readonly Expected[]) {
    expect(answers.map((each) => ('json' in each ? each.json : 'refused'))).toEqual(
      expected.map((each) => ('json' in each ? each.json : 'refused')),
    )
  }

  test('are answered as expected by deciders of each rule set', async () => {
    for (const name of profileNames()) {
      const { questions } = another(name)
      const signIns = bodiesOf(questions)
      for (const ruleSet of ruleSets)
        check(
          await inline(ruleSet).decide(signIns, Date.now()),
          questions.flatMap(({ expected }) => expected[ruleSet.revision]!),
        )
    }
  })

  test('are answered as expected by a pool', async () => {
    const [ruleSet] = ruleSets
    const decider = await pooled(ruleSet!, { threads: 1 })
    const { questions } = workloadOf(mustRead('mixed'), [ruleSet!], { seed: 4 })
    const answers = await decider.decide(bodiesOf(questions), Date.now())
    await decider.close()
    check(
      answers,
      questions.flatMap(({ expected }) => expected[ruleSet!.revision]!),
    )
  })

  test('ask each question once a turn, and few are alike', () => {
    for (const name of profileNames()) {
      const { questions, order } = first(name)
      expect(order.toSorted((a, b) => a - b)).toEqual(questions.map((_, index) => index))
      expect(order.length < 5 || order.some((place, index) => place !== index)).toBe(true)
      const texts = questions.flatMap(({ signIns }) => signIns)
      expect(new Set(texts).size).toBeGreaterThan(texts.length * 0.99)
      const uneven = questions.filter(
        ({ form, signIns, expected }) =>
          (form === 'single') !== (signIns.length === 1) ||
          ruleSets.some(({ revision }) => expected[revision]!.length !== signIns.length),
      )
      expect(uneven).toEqual([])
    }
  })

  test('are plain data', () => {
    const workload = workloadOf(mustRead('ndjson-stream'), ruleSets, { seed: 6, questions: 2 })
    expect(JSON.parse(JSON.stringify(workload))).toEqual(workload)
  })

  /** Every way of drawing, so that a change of any of them, or another machine's arithmetic, shows. */
  const drawing = made({
    name: 'drawing',
    description: 'All ways of drawing',
    like: 'office-morning',
    questions: 200,
    people: { tenants: 7, users: 900, addresses: 900, skew: 1.3 },
    refused: 0.1,
    kinds: [
      {
        name: 'one',
        weight: 2,
        facts: {
          'tenant.gracePeriodDays': { integer: [0, 30] },
          'user.roles': { someOf: ['Global Reader', 'User Administrator'], least: 1 },
          'location.country': { zipf: ['DE', 'FR', 'GB'], exponent: 0.7 },
        },
      },
      { name: 'other', weight: 1, facts: { 'user.firstInteractiveSignInAt': { before: '3d 1h' } } },
    ],
  })

  test('of one seed are the same on every machine, of another differ', () => {
    const texts = (seed: number) => {
      const { questions, order } = workloadOf(drawing, ruleSets, { seed })
      return JSON.stringify([questions.map(({ name, signIns }) => [name, signIns]), order])
    }
    expect(createHash('sha256').update(texts(1)).digest('hex')).toBe(
      '6c2c0d10e6362c62a5fde5dc389497bf73c60ab01ba306b49d9fbbb3267aa2c1',
    )
    expect(JSON.stringify(workloadOf(drawing, ruleSets, { seed: 2 }))).toBe(
      JSON.stringify(workloadOf(drawing, ruleSets, { seed: 2 })),
    )
    expect(texts(1)).not.toBe(texts(2))
  })

  test('keep the facts of a tenant', () => {
    const { questions } = workloadOf(mustRead('mixed-tenants'), ruleSets, { seed: 8 })
    const byTenant = Map.groupBy(
      questions.map(
        ({ signIns }) =>
          JSON.parse(signIns[0]!) as {
            readonly tenant: object
            readonly envelope: { readonly tenantId: string }
          },
      ),
      ({ envelope }) => envelope.tenantId,
    )
    expect(byTenant.size).toBeGreaterThan(300)
    const sizes = [...byTenant.values()].map(({ length }) => length).sort((a, b) => b - a)
    expect(sizes[0]).toBeGreaterThan(20 * sizes[Math.floor(sizes.length / 2)]!)
    for (const signIns of byTenant.values())
      expect(new Set(signIns.map(({ tenant }) => JSON.stringify(tenant))).size).toBe(1)
  })

  test('spray from few addresses at many users', () => {
    const { questions } = workloadOf(mustRead('password-spray'), ruleSets, { seed: 9 })
    const envelopes = questions.map(
      ({ signIns }) =>
        (JSON.parse(signIns[0]!) as { envelope: { userId: string; ipAddress: string } }).envelope,
    )
    expect(new Set(envelopes.map(({ ipAddress }) => ipAddress)).size).toBe(6)
    expect(new Set(envelopes.map(({ userId }) => userId)).size).toBeGreaterThan(1_500)
  })

  test('ask a pack’s cases each once, or as often as wanted', () => {
    const names = (questions?: number) =>
      workloadOf(mustRead('pack-cases'), ruleSets, {
        seed: 1,
        cases,
        ...(questions !== undefined && { questions }),
      }).questions.map(({ name }) => name.replace(/ #\d+$/, ''))
    expect(names()).toEqual(cases.map(({ name }) => name))
    expect(names(cases.length + 1).at(-1)).toBe(cases[0]!.name)
  })

  test('say why they can not be', () => {
    const vpn = parsePack(
      packOf({
        'facts.json': {
          'custom.vpn': {
            kind: 'flag',
            description: 'VPN',
          },
        },
        'rules/r.json': {
          name: 'r',
          title: 'R',
          control: 'someControl',
          source: 'some-document#some',
          conditions: { all: [{ fact: 'custom.vpn', operator: 'equal', value: false }] },
          event: { type: 'block', params: { code: 'noVpn', aadsts: 1 } },
        },
      }),
    )
    if (vpn.faults) throw new Error(vpn.faults.map(faultText).join('\n'))
    const of = (profile: Profile, sets = [vpn.ruleSet]) =>
      workloadOf(profile, sets, { seed: 1, questions: 3 })
    expect(() => of(mustRead('all-legacy'))).toThrow(
      /the profile all-legacy does not suit the rule set made: a sign-in of its kind ".*" is refused: \/custom\/vpn: expected true or false/,
    )
    expect(() => of(mustRead('pack-cases'))).toThrow(/the pack has none/)
    expect(() => of(mustRead('mixed'), [])).toThrow(/at least one rule set/)
    const { questions } = of(made(mine({ facts: { 'custom.vpn': { oneOf: [{ value: false }] } } })))
    expect(questions[0]!.expected[vpn.ruleSet.revision]![0]!.outcome).toBe('block')
  })
})

describe('reading a profile says what is wrong with it, and where', () => {
  test.each<[string, unknown, readonly (string | RegExp)[]]>([
    ['nothing', mine(), []],
    [
      'an unknown fact',
      mine({ facts: { 'user.rolls': [] } }),
      [/^mine\.json:10:9: \/kinds\/0\/facts\/user\.rolls: .*did you mean "user\.roles"\?/],
    ],
    [
      'a computed fact',
      mine({ facts: { 'session.revoked': true } }),
      [
        /session\.revoked: expected a fact that callers send, got session\.revoked, which the engine computes/,
      ],
    ],
    [
      'a value that is not of the fact',
      mine({ facts: { 'user.type': 'membr' } }),
      [/facts\/user\.type: expected one of "member".*got "membr" \(did you mean "member"\?\)/],
    ],
    [
      'a value deep in',
      mine({
        facts: { 'user.type': { oneOf: [{ value: 'guest' }, { value: { zipf: ['gest'] } }] } },
      }),
      [/oneOf\/1\/value\/zipf\/0: expected one of .*did you mean "guest"/],
    ],
    [
      'a way that is not one',
      mine({ facts: { 'user.type': { onOf: [] } } }),
      [/user\.type: expected a value, or an object with one of oneOf, .*did you mean "oneOf"/],
    ],
    ['no choices', mine({ facts: { 'user.type': { oneOf: [] } } }), [/at least one choice/]],
    ['no values', mine({ facts: { 'user.type': { zipf: [] } } }), [/at least one value/]],
    [
      'an exponent',
      mine({ facts: { 'user.type': { zipf: ['guest'], exponent: -1 } } }),
      [/exponent: expected a number from 0 to 5, got -1/],
    ],
    [
      'a weight',
      mine({ weight: 0.5 }),
      [/kinds\/0\/weight: expected a whole number greater than 0, got 0\.5/],
    ],
    [
      'ways that do not fit',
      mine({
        facts: {
          'user.type': { before: '1d' },
          'user.risk': { integer: [1, 2] },
          'session.mfa': { someOf: ['none'] },
          'session.issuedAt': { after: '1d' },
          at: { before: '1d' },
        },
      }),
      [
        /"before" for a fact that is a time/,
        /"integer" for/,
        /"someOf" for/,
        /"after" for "at"/,
        /"before" for/,
      ],
    ],
    [
      'durations',
      mine({ facts: { at: { after: '1 day' }, 'session.issuedAt': { before: ['2d', '1d'] } } }),
      [
        /at\/after: expected a duration in d, h, m, s and ms/,
        /issuedAt\/before: expected .* the lesser first/,
      ],
    ],
    [
      'numbers out of range',
      mine({ facts: { 'tenant.gracePeriodDays': { integer: [0, 400] } } }),
      [/integer: expected a whole number from 0 to 365, got 400/],
    ],
    [
      'too many of some',
      mine({ facts: { 'user.roles': { someOf: ['Global Reader'], most: 2 } } }),
      [/most: expected a whole number from 0 to 1, got 2/],
    ],
    ['a share', mine({ refused: 2 }), [/kinds\/0\/refused: expected a share from 0 to 1, got 2/]],
    ['an unknown member', { ...mine(), kind: [] }, [/\/kind: .*did you mean "kinds"/]],
    [
      'kinds and parts',
      { ...mine(), parts: [] },
      [/one of "kinds", "parts" and "from", got kinds and parts/],
    ],
    ['neither', { name: 'a', description: 'b' }, [/one of "kinds", "parts" and "from", got none/]],
    ['no kinds', { ...mine(), kinds: [] }, [/at least one kind of sign-in/]],
    ['a name', { ...mine(), name: 'My profile' }, [/\/name: expected a name in lower case/]],
    [
      'questions',
      { ...mine(), questions: 0 },
      [/\/questions: expected a whole number from 1 to 100000, got 0/],
    ],
    [
      'a form',
      { ...mine(), form: { batch: 0 } },
      [/\/form\/batch: expected a whole number from 1 to 5000/],
    ],
    ['two forms', { ...mine(), form: { batch: 1, stream: 1 } }, [/\/form: expected "single", or/]],
    ['a time', { ...mine(), at: 'Monday' }, [/\/at: expected an ISO 8601 time/]],
    [
      'people',
      { ...mine(), people: { users: -1, skew: 9 } },
      [/skew: expected a number from 0 to 5/, /users: expected a whole/],
    ],
    ['like nothing', { ...mine(), like: 'office' }, [/\/like: expected the name of a profile/]],
    [
      'parts of parts',
      {
        name: 'a',
        description: 'b',
        parts: [
          { profile: 'mixed', weight: 1 },
          { profile: 'mixd', weight: 1 },
        ],
      },
      [
        /parts\/0\/profile: expected a profile that has no parts itself/,
        /parts\/1\/profile: .*did you mean "mixed"/,
      ],
    ],
    [
      'not cases',
      { name: 'a', description: 'b', from: 'case' },
      [/\/from: expected "cases", got "case"/],
    ],
    [
      'arrivals',
      { ...mine(), arrivals: { minutes: 0 } },
      [/arrivals: expected/, /arrivals: expected/, /minutes: expected a number greater/],
    ],
  ])('%s', (_, value, expected) => {
    const faults = faultsOf(value)
    expect(faults).toHaveLength(expected.length)
    for (const [index, each] of expected.entries()) expect(faults[index]).toMatch(each)
  })

  test('a profile that leads back to itself', () => {
    const known: Known = () => ({
      file: 'loop.json',
      text: JSON.stringify({ ...mine(), like: 'loop' }),
    })
    const read = parseProfile('mine.json', JSON.stringify({ ...mine(), like: 'loop' }), known)
    expect(read.faults?.map(faultText)).toEqual([
      expect.stringMatching(/^loop\.json.*does not lead back to this one/),
    ])
  })

  test('a file that is not there, or no JSON', () => {
    expect(readProfile('mixd').faults?.map(faultText)).toEqual([
      expect.stringMatching(/one of the profiles .*got "mixd" \(did you mean "mixed"\?\)/),
    ])
    expect(readProfile('bench').faults).toHaveLength(1)
    expect(parseProfile('x.json', '{', builtIn).faults?.map(faultText)).toEqual([
      expect.stringMatching(/^x\.json:1:\d+: expected JSON/),
    ])
  })
})

describe('drawing', () => {
  test('shares add up to the whole', () => {
    expect(apportioned(10, [1, 1, 1])).toEqual([4, 3, 3])
    expect(apportioned(2, [1, 5, 1])).toEqual([0, 2, 0])
    expect(apportioned(0, [1])).toEqual([0])
  })

  test('weights by Zipf’s law', () => {
    expect(zipf(4, 1)).toEqual([1_000_000, 500_000, 333_333, 250_000])
    expect(zipf(2, 0)).toEqual([1_000_000, 1_000_000])
  })

  test('durations', () => {
    expect(parseDuration('13d 23h 59m 59s 999ms')).toBe(14 * 86_400_000 - 1)
    for (const wrong of ['', '1', '1 d', '-1d', '1w', '1d ', 14])
      expect(parseDuration(wrong)).toBe(undefined)
  })

  test('people of small tenants are few', () => {
    const someone = population({ tenants: 2, users: 12, addresses: 1, skew: 1 })
    const random = randomFrom(1)
    const people = Array.from({ length: 500 }, () => someone(random))
    const users = (tenant: number) =>
      new Set(people.filter((each) => each.tenant === tenant).map(({ user }) => user)).size
    expect([users(0), users(1)]).toEqual([8, 4])
  })
})

const bodiesOf = (questions: readonly { readonly signIns: readonly string[] }[]) =>
  questions.flatMap(({ signIns }) => signIns.map((text) => Buffer.from(text)))

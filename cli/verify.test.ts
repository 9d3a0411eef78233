import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Refutation, RuleOfThose } from '../engine/index.ts'
import { run } from './run.ts'
import type { PackReport, Verified } from './verify/report.ts'
import { verifySchema, whichSchema } from './verify/schema.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-verify-'))
afterAll(() => rmSync(scratch, { recursive: true }))

async function portcullis(...args: readonly string[]) {
  let [out, err] = ['', '']
  const code = await run(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(''),
    env: {},
    now: () => Date.UTC(2026, 0, 1),
    terminal: false,
  })
  return { code, out, err }
}

type Edits = Readonly<Record<string, null | readonly [from: string, to: string]>>

let copies = 0

/** A copy of a built-in pack with texts of its files replaced; null deletes a file. */
function copy(edits: Edits): string {
  const folder = join(scratch, String(copies++), 'security-defaults')
  cpSync(join(import.meta.dirname, '../rules/security-defaults'), folder, { recursive: true })
  for (const [path, edit] of Object.entries(edits)) {
    const file = join(folder, path)
    if (edit === null) rmSync(file)
    else {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
      if (edit[0] !== '' && !text.includes(edit[0])) throw new Error(`${path} has no ${edit[0]}`)
      writeFileSync(file, edit[0] === '' ? edit[1] : text.replace(edit[0], () => edit[1]))
    }
  }
  return folder
}

const legacy = 'rules/block-legacy-authentication.json'
const admins = 'rules/admins-need-mfa-every-sign-in.json'
const needsMfa = '{ "condition": "needsMfaAsAdministrator" }'
const noGuests = '{ "fact": "user.type", "operator": "notEqual", "value": "guest" }'

const breakGlass =
  '{ "fact": "user.roles", "operator": "contains", "value": "11111111-2222-3333-4444-555555555555" }'
const anybody = JSON.stringify({
  name: 'ask-anybody',
  title: 'Everybody does MFA',
  control: 'requireMfaWhenNecessary',
  source: 'security-defaults#everybody',
  conditions: { all: [{ fact: 'session.mfa', operator: 'equal', value: 'none' }] },
  event: { type: 'challenge', params: { requirement: 'mfa', code: 'everybody' } },
})
const hours = {
  'custom.hours': {
    kind: 'integer',
    description: 'hours',
    min: 0,
    max: 1_000_000,
    absence: 0,
  },
}

async function reportOf(code: number, ...args: readonly string[]): Promise<Verified> {
  const ended = await portcullis('verify', '--json', ...args)
  expect(ended).toMatchObject({ code, err: '' })
  const printed = JSON.parse(ended.out) as PackReport[]
  mustBeAsDocumented(printed)
  const [report] = printed
  if (report === undefined || report.faults) throw new Error(ended.out)
  return report
}

const whichDocumented = new Ajv2020({ strict: false }).compile(whichSchema())
const documented = new Ajv2020({ strict: false }).compile(verifySchema())
function mustBeAsDocumented(printed: unknown): void {
  documented(printed)
  expect(documented.errors ?? []).toEqual([])
}

/** What is shown of each invariant that is refuted: its sign-in, the mend, where that stands, and the rule that matters; null where none is shown. */
type Refuted = Readonly<Record<string, ShownAs | null>>
type ShownAs = Readonly<Record<'mend' | 'at' | 'rule', string | undefined>> & { facts: object }

/** What an administrator is promised is said of those whom the rules are for, and of all but those whom it names. */
const both = (shown: ShownAs): Refuted => ({
  'administrators-never-without-mfa': shown,
  'nobody-else-is-let-off': shown,
})

describe('an edit that breaks a promise is shown with the nearest sign-in that it lets through, and what mends it', () => {
  test.each<[string, Edits, Refuted]>([
    [
      'the rule against legacy authentication is deleted',
      { [legacy]: null },
      {
        'legacy-authentication-is-never-allowed': {
          facts: { 'client.app': 'exchangeActiveSync' },
          mend: 'addRule keep-legacy-authentication-is-never-allowed',
          at: 'invariants.json /legacy-authentication-is-never-allowed/when',
          rule: 'block-b2b-direct-connect-without-trust',
        },
        'nobody-else-is-exempt': {
          facts: { 'client.app': 'exchangeActiveSync' },
          mend: 'addRule keep-nobody-else-is-exempt',
          at: 'invariants.json /nobody-else-is-exempt/when',
          rule: 'block-b2b-direct-connect-without-trust',
        },
      },
    ],
    [
      'guests are let off the rule for administrators',
      { [admins]: [needsMfa, `${needsMfa}, ${noGuests}`] },
      both({
        facts: {
          'user.type': 'guest',
          'user.roles': ['62e90394-69f5-4237-9190-012177145e10'],
        },
        mend: 'delete user.type is not "guest"',
        at: `${admins} /conditions/all/2`,
        rule: 'admins-need-mfa-every-sign-in',
      }),
    ],
    [
      'a condition is the wrong way round',
      { [admins]: [needsMfa, `{ "not": ${needsMfa} }`] },
      {
        ...both({
          facts: { 'user.roles': ['62e90394-69f5-4237-9190-012177145e10'] },
          mend: 'negate not needsMfaAsAdministrator',
          at: `${admins} /conditions/all/1`,
          rule: 'admins-need-mfa-every-sign-in',
        }),
        'an-administrator-can-sign-in': null,
      },
    ],
    [
      'the grace period that is assumed grows by a day',
      { 'pack.json': ['"value": 14,', '"value": 15,'] },
      {
        'nobody-unregistered-after-14-days': {
          facts: {
            at: '2026-01-15T00:00:00.000Z',
            'user.registeredMethods': [],
            'user.firstInteractiveSignInAt': '2025-12-31T00:00:00.001Z',
          },
          mend: undefined,
          at: undefined,
          rule: 'register-after-grace-period',
        },
      },
    ],
    [
      'the rule against legacy authentication only reports',
      { [legacy]: ['"control"', '"mode": "report", "control"'] },
      {
        'legacy-authentication-is-never-allowed': {
          facts: { 'client.app': 'exchangeActiveSync' },
          mend: 'enforceRule block-legacy-authentication',
          at: `${legacy} /mode`,
          rule: 'block-b2b-direct-connect-without-trust',
        },
        'nobody-else-is-exempt': {
          facts: { 'client.app': 'exchangeActiveSync' },
          mend: 'enforceRule block-legacy-authentication',
          at: `${legacy} /mode`,
          rule: 'block-b2b-direct-connect-without-trust',
        },
      },
    ],
    [
      'a role is exempt',
      {
        'conditions.json': [
          '{ "condition": "isDirectorySynchronizationAccount" }',
          `{ "condition": "isDirectorySynchronizationAccount" }, ${breakGlass}`,
        ],
      },
      {
        'nobody-else-is-exempt': {
          facts: {
            'user.roles': ['11111111-2222-3333-4444-555555555555'],
            'client.app': 'exchangeActiveSync',
          },
          mend: 'delete user.roles contains "11111111-2222-3333-4444-555555555555"',
          at: 'conditions.json /isExempt/any/2',
          rule: 'block-legacy-authentication',
        },
        'nobody-else-is-let-off': {
          facts: {
            'user.roles': [
              '11111111-2222-3333-4444-555555555555',
              '62e90394-69f5-4237-9190-012177145e10',
            ],
          },
          mend: 'delete user.roles contains "11111111-2222-3333-4444-555555555555"',
          at: 'conditions.json /isExempt/any/2',
          rule: 'admins-need-mfa-every-sign-in',
        },
      },
    ],
  ])('%s', async (_, edits, refuted) => {
    const folder = copy(edits)
    const report = await reportOf(1, folder)
    const shownOf = (each: Refutation) =>
      each.witness
        ? {
            facts: Object.fromEntries(
              each.witness.deviations.map(({ fact, value }) => [fact, value]),
            ),
            mend: each.mend && `${each.mend.edit} ${each.mend.what}`,
            at: each.mend && place(each.mend.at),
            rule: each.letThrough.rules[0]?.rule,
          }
        : null
    const place = ({ file, pointer }: { file: string; pointer: string }) =>
      `${file.slice(file.indexOf('security-defaults/') + 'security-defaults/'.length)} ${pointer}`
    const broken = report.invariants.flatMap((each) =>
      each.verdict === 'refuted' ? [[each.invariant, shownOf(each)] as const] : [],
    )
    expect(Object.fromEntries(broken)).toEqual(refuted)
    const count = Object.keys(refuted).length
    const { length } = report.invariants
    expect(report.counts).toMatchObject({ refuted: count, proved: length - count })

    // The sign-in that is printed is one that portcullis explain takes.
    for (const each of report.invariants) {
      if (each.verdict !== 'refuted' || !each.witness) continue
      const file = join(scratch, 'sign-in.json')
      writeFileSync(file, JSON.stringify(each.witness.signIn))
      const { code, out } = await portcullis('explain', '--json', '--pack', folder, file)
      expect(code).toBe(0)
      const { decision } = JSON.parse(out) as { decision: { outcome: string } }
      expect(decision.outcome).toBe(each.witness.decision.outcome)
    }
  })

  test('an edit that breaks another promise is no mend, where no case tells either', async () => {
    const cases = JSON.parse(
      readFileSync(join(import.meta.dirname, '../rules/security-defaults/cases.json'), 'utf8'),
    ) as object
    const { invariants } = await reportOf(
      1,
      copy({
        'cases.json': ['', JSON.stringify({ ...cases, cases: [] })],
        'conditions.json': [
          '{ "condition": "isDirectorySynchronizationAccount" }',
          `{ "condition": "isDirectorySynchronizationAccount" }, ${breakGlass}`,
        ],
      }),
    )
    // To take "securityDefaultsApply" out of the rule would keep this one, and break that off means off.
    expect(invariants.find(({ invariant }) => invariant === 'nobody-else-is-exempt')).toMatchObject(
      {
        mend: { edit: 'delete', at: { pointer: '/isExempt/any/2' } },
      },
    )
  })

  test('a way in that is closed is shown by no sign-in', async () => {
    const edits: Edits = { [admins]: ['needsMfaAsAdministrator', 'isAdministrator'] }
    const { invariants, counts } = await reportOf(1, copy(edits))
    expect(counts.refuted).toBe(1)
    const broken = invariants.find(({ verdict }) => verdict === 'refuted')
    expect(broken).not.toHaveProperty('witness')
    expect(broken).toMatchObject({ invariant: 'an-administrator-can-sign-in' })
  })

  test('a rule that asks too much is taken out', async () => {
    const report = await reportOf(1, copy({ 'rules/ask-anybody.json': ['', anybody] }))
    const broken = report.invariants.filter(({ verdict }) => verdict === 'refuted')
    expect(broken.map(({ invariant }) => invariant)).toEqual([
      'the-synchronization-account-is-exempt',
      'workload-identities-are-exempt',
      'off-means-off',
    ])
    for (const each of broken)
      expect(each).toMatchObject({
        mend: { edit: 'removeRule', what: 'ask-anybody' },
        letThrough: { rules: [{ rule: 'ask-anybody', applies: true }] },
      })
  })
})

describe('what is not proved is said with its reason and place', () => {
  test('a comparison that is not modelled', async () => {
    const condition =
      '{ "fact": "tenant.ageHours", "operator": "lessThan", "value": { "fact": "custom.hours" } }'
    const report = await reportOf(
      2,
      copy({
        'facts.json': ['', JSON.stringify(hours)],
        'rules/ask-anybody.json': ['', anybody.replace('[{', () => `[${condition}, {`)],
      }),
    )
    expect(report.counts.unsupported).toBe(report.invariants.length)
    expect(report.invariants[0]).toMatchObject({
      notModelled: [
        {
          fact: 'tenant.ageHours',
          operator: 'lessThan',
          otherFact: 'custom.hours',
          at: { line: 1, pointer: '/conditions/all/0' },
        },
      ],
    })
  })

  test('a budget that runs out', async () => {
    const report = await reportOf(1, '--budget', '1', 'security-defaults-current')
    expect(report.counts.unknown).toBeGreaterThan(0)
  })

  test('a pack with faults', async () => {
    const { out } = await portcullis(
      'verify',
      '--json',
      copy({ [legacy]: ['"block",', '"blok",'] }),
    )
    mustBeAsDocumented(JSON.parse(out))
  })

  test.each([
    ['verify', verifySchema],
    ['which', whichSchema],
  ])('the documented schema of %s is that of the table (npm run schemas)', (name, schema) => {
    const file = join(import.meta.dirname, `../docs/${name}.schema.json`)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema())
  })
})

describe('other programs read it', () => {
  const guests = () => copy({ [admins]: [needsMfa, `${needsMfa},\n      ${noGuests}`] })

  test('as JUnit: a test case an invariant', async () => {
    const { code, out } = await portcullis('verify', '--format', 'junit', guests())
    expect(code).toBe(1)
    expect(out.match(/<testcase /g)?.length).toBe(14)
    expect(out).toMatch(/<testsuite name="security-defaults" tests="14" failures="2" errors="0"/)
    expect(out).toMatch(
      /name="administrators-never-without-mfa" file="[^"]*invariants.json" line="17">\n<failure type="refuted"/,
    )
    expect(out).toContain('user.type = &quot;guest&quot;')
    // Every element that is opened is closed, in turn.
    const open: string[] = []
    for (const [, end, name, empty] of out.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g))
      if (end) expect(open.pop()).toBe(name)
      else if (!empty) open.push(name!)
    expect(open).toEqual([])
    const faulty = copy({ [legacy]: ['"block",', '"blok",'] })
    expect((await portcullis('verify', '--format', 'junit', faulty)).out).toMatch(
      /errors="1".*\n.*\n<error type="fault"/,
    )
  })

  test('as SARIF: what is broken, with its places, and the same fingerprint each time', async () => {
    type Sarif = { runs: [{ results: { partialFingerprints: object }[] }] }
    const sarif = async (folder: string) => {
      const { out } = await portcullis('verify', '--format', 'sarif', folder)
      return JSON.parse(out) as Sarif
    }
    const [one, other] = [await sarif(guests()), await sarif(guests())]
    const [result] = one.runs[0].results
    expect(one.runs[0].results.length).toBe(2)
    expect(result).toMatchObject({
      ruleId: 'invariant-refuted',
      locations: [
        {
          physicalLocation: {
            artifactLocation: {
              uri: expect.stringMatching(/admins-need-mfa[^/]*\.json$/) as string,
            },
            region: { startLine: 10, startColumn: 7 },
          },
        },
      ],
    })
    const prints = ({ runs: [{ results }] }: Sarif) =>
      results.map(({ partialFingerprints }) => partialFingerprints)
    expect(prints(one)).toEqual(prints(other))
    const deleted = await sarif(copy({ [legacy]: null }))
    expect(
      new Set([...prints(deleted), ...prints(one)].map((each) => JSON.stringify(each))).size,
    ).toBe(4)
    const proved = await portcullis('verify', '--format', 'sarif', 'security-defaults')
    expect((JSON.parse(proved.out) as Sarif).runs[0].results).toEqual([])
  })
})

describe('portcullis verify', () => {
  test('says of both shipped packs that all is proved', async () => {
    const { code, out } = await portcullis('verify')
    expect(code).toBe(0)
    expect(out.match(/✓ [\w-]+ +PROVED {2}certificate ok\n/g)?.length).toBeGreaterThan(20)
    expect(out).toMatch(/ · 0 refuted .* security-defaults: \d+ conclusions certified/)
    expect(out).toMatch(/ · 0 refuted .* security-defaults-current: \d+ conclusions certified/)
    expect(out).toMatch(/tenant\.gracePeriodDays is left out, 14 is taken: the document/)
  })

  test.each<[string, readonly string[], Edits, number, RegExp]>([
    ['a budget of nothing', ['--budget', '0'], {}, 2, /--budget: expected a whole number/],
    ['a budget in words', ['--budget', 'much'], {}, 2, /--budget: .* got "much"/],
    [
      'an invariant of no sign-in',
      [],
      {
        'invariants.json': [
          '"operator": "notEqual", "value": "enabled"',
          '"operator": "notIn", "value": ["enabled", "disabled"]',
        ],
      },
      1,
      /off-means-off +VACUOUS.*\n.*\n.*there is no sign-in of which it speaks/,
    ],
    [
      'a fault',
      [],
      { [legacy]: ['"block",', '"blok",'] },
      2,
      /did you mean "block"\?[^]*security-defaults: 1 fault; nothing was proved/,
    ],
    [
      'a protocol in lower case in a list',
      [],
      {
        'lists.json': ['{', `{ "protocols": { "description": "some", "values": ["imap4"] },`],
        [legacy]: [
          '{ "condition": "usesLegacyAuthentication" }',
          '{ "fact": "client.clientAppUsed", "operator": "in", "value": { "list": "protocols" } }',
        ],
      },
      2,
      /got one with "imap4"[^]*in a list write "IMAP4"/,
    ],
  ])('%s', async (_, flags, edits, code, said) => {
    const { out, err, ...ended } = await portcullis('verify', ...flags, copy(edits))
    expect(out + err).toMatch(said)
    expect(ended.code).toBe(code)
  })
})

describe('portcullis verify which', () => {
  const condition = (value: unknown) => JSON.stringify(value)
  const type = (value: string) => ({ fact: 'user.type', operator: 'equal', value })
  const bound = {
    all: [{ condition: 'securityDefaultsApply' }, { condition: 'usesLegacyAuthentication' }],
  }

  test.each<[string, string, readonly string[], number, RegExp]>([
    [
      'a rule that applies to all',
      condition(bound),
      [],
      0,
      /^Of sign-ins with securityDefaultsApply and usesLegacyAuthentication, by security-defaults\napplies to all\n {2}block-legacy-authentication \(block\)/,
    ],
    [
      'rules that apply to none',
      condition(type('servicePrincipal')),
      [],
      0,
      /servicePrincipal", by security-defaults\napplies to none\n {2}admins-need-mfa/,
    ],
    [
      'a shared condition by its name, in another pack',
      'isAdministrator',
      ['--pack', 'security-defaults-current'],
      0,
      /by security-defaults-current\n[^]*admins-need-mfa[^]*\(Global Administrator\)/,
    ],
    [
      'a condition of no sign-in',
      condition({ all: [type('guest'), type('member')] }),
      [],
      0,
      /there is no such sign-in/,
    ],
    ['a name that is near', 'isAdministrater', [], 2, /did you mean "isAdministrator"/],
    [
      'a fact that is near',
      condition({ fact: 'user.typ', operator: 'equal', value: 'guest' }),
      [],
      2,
      /--> the condition:1:9\n[^]*did you mean "user\.type"/,
    ],
    ['no JSON', '{"fact"', [], 2, /error.*\n {2}--> the condition:1:/],
    [
      'a form that it has not',
      'isExempt',
      ['--format', 'sarif'],
      2,
      /--format: which prints human or json/,
    ],
    ['a budget of nothing', 'isExempt', ['--budget', '0'], 2, /--budget: expected a whole number/],
  ])('%s', async (_, asked, flags, code, said) => {
    const { out, err, ...ended } = await portcullis('verify', 'which', asked, ...flags)
    expect(out + err).toMatch(said)
    expect(ended.code).toBe(code)
  })

  test.each([
    ['isAdministrator', []],
    ['isAdministrater', []],
    [condition({ all: [type('guest'), type('member')] }), []],
    ['isAdministrator', ['--budget', '1']],
  ])('%s %j is told in JSON as its schema says', async (asked, flags) => {
    const { out } = await portcullis('verify', 'which', '--json', asked, ...flags)
    whichDocumented(JSON.parse(out))
    expect(whichDocumented.errors ?? []).toEqual([])
  })

  test('each rule has sign-ins that show it, as both engines decide them', async () => {
    const { out } = await portcullis('verify', 'which', '--json', 'isAdministrator')
    const { rules } = JSON.parse(out) as { rules: RuleOfThose[] }
    expect(rules.length).toBe(15)
    for (const { rule, applies, effect, example, counterexample } of rules) {
      const may = applies === 'can'
      expect([rule, example !== undefined]).toEqual([rule, may || applies === 'always'])
      expect([rule, counterexample !== undefined]).toEqual([rule, may || applies === 'never'])
      const reasons = (example?.decision.reasons ?? []).map((reason) => reason.rule)
      if (effect === 'block' && example) expect(reasons).toContain(rule)
    }
  })
})

describe('portcullis verify --laws', () => {
  const lowRisk = JSON.stringify({
    name: 'block-low-risk',
    title: 'Low risk is blocked',
    control: 'requireMfaWhenNecessary',
    source: 'security-defaults#x',
    conditions: {
      all: [
        { condition: 'securityDefaultsApply' },
        { fact: 'user.risk', operator: 'equal', value: 'low' },
      ],
    },
    event: { type: 'block', params: { code: 'lowRisk' } },
  })
  const looser = () => copy({ 'rules/block-low-risk.json': ['', lowRisk] })

  test('tells what is proved and what the pack excepts, and ends with 0', async () => {
    const { code, out } = await portcullis('verify', '--laws', 'security-defaults')
    expect(code).toBe(0)
    expect(out).toMatch(/✓ a fact that is left out [^\n]* PROVED {2}15 facts, certificate ok/)
    expect(out).toMatch(/EXCEPTED {2}tenant\.gracePeriodDays\n[^✓]*14 days/)
  })

  test('shows the two sign-ins that break one, at a rule, and ends with 1', async () => {
    const { code, out } = await portcullis('verify', '--laws', looser())
    expect(code).toBe(1)
    expect(out).toMatch(
      /✗ a fact that is left out [^\n]* REFUTED {2}user\.risk\n[^✓✗]*user\.risk = "low"[^✓✗]*by block-low-risk[^✓✗]*the same, but for\n *user\.risk = "high"/,
    )
    const { laws = [] } = await reportOf(1, '--laws', looser())
    const { verdict, ...shown } = laws.find(({ facts }) => facts.includes('user.risk'))!
    expect(verdict).toBe('refuted')
    expect(shown).toMatchObject({
      law: 'leftOut',
      changes: [{ fact: 'user.risk', value: 'high' }],
      decisions: { first: { outcome: 'block', rules: [{ rule: 'block-low-risk' }] } },
      signIns: { first: { user: { risk: 'low' } }, second: { user: { risk: 'high' } } },
    })
    expect(laws.find(({ law }) => law === 'addedRole')).toMatchObject({
      verdict: 'proved',
      certified: expect.any(Number) as number,
    })
  })

  test('is told in JUnit and SARIF too', async () => {
    const junit = await portcullis('verify', '--laws', '--format', 'junit', looser())
    expect(junit.out).toMatch(/name="leftOut user\.risk">\n<failure type="refuted"/)
    expect(junit.out).toMatch(/name="leftOut tenant\.gracePeriodDays"\/>/)
    const { out } = await portcullis('verify', '--laws', '--format', 'sarif', looser())
    const { results } = (JSON.parse(out) as { runs: [{ results: { ruleId: string }[] }] }).runs[0]
    expect(results.filter(({ ruleId }) => ruleId === 'law-refuted')).toMatchObject([
      {
        ruleId: 'law-refuted',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: expect.stringMatching(/block-low-risk\.json$/) as string },
            },
          },
        ],
      },
    ])
  })

  test('is unknown where the budget runs out, and ends with 1', async () => {
    const { laws = [] } = await reportOf(1, '--laws', '--budget', '2', 'security-defaults')
    expect(laws).toContainEqual(
      expect.objectContaining({ verdict: 'unknown', because: 'budget' }) as object,
    )
  })
})

describe('portcullis verify --emit-smt2', () => {
  test('writes a file an invariant, which says what the answers should be', async () => {
    const folder = join(scratch, 'asked')
    const weakened = copy({ [legacy]: null })
    expect(await portcullis('verify', '--emit-smt2', folder, weakened)).toMatchObject({ code: 1 })
    const files = readdirSync(join(folder, 'security-defaults'))
    expect(files).toHaveLength(14)
    const asked = (name: string) =>
      readFileSync(join(folder, 'security-defaults', `${name}.smt2`), 'utf8')
    expect(asked('off-means-off')).toMatch(/PROVED, so that the answers should be unsat, sat\n/)
    expect(asked('legacy-authentication-is-never-allowed')).toMatch(
      /REFUTED, so that[^]*\(check-sat\)\n\(get-model\)\n\(pop 1\)/,
    )
  })

  test('- prints them in place of the report', async () => {
    const { code, out, err } = await portcullis('verify', '--emit-smt2', '-')
    expect([code, err]).toEqual([0, ''])
    expect(out.match(/^; Invariant /gm)).toHaveLength(31)
    expect(out.match(/^\(reset\)$/gm)).toHaveLength(30)
    expect(out).not.toContain('certificate ok')
  })

  test.each<[string, readonly string[], RegExp]>([
    ['a form of the report', ['-', '--json'], /--emit-smt2 -: expected no --format or --json/],
    ['a file in its place', [join(import.meta.dirname, 'run.ts')], /can't write into/],
  ])('has no use for %s', async (_, flags, said) => {
    const { code, err } = await portcullis('verify', '--emit-smt2', ...flags)
    expect([code, err]).toEqual([2, expect.stringMatching(said)])
  })
})

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { run } from './run.ts'

const root = join(import.meta.dirname, '..')
const examples = join(root, 'examples')
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(() => rmSync(scratch, { recursive: true }))

type Wanted = {
  readonly code: number
  readonly out?: RegExp | string
  readonly err?: RegExp | string
  readonly stdin?: string
  readonly env?: Record<string, string>
}

/** Runs a command line in this process, and compares what a terminal would show. */
async function check(args: readonly string[], wanted: Wanted): Promise<string> {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(wanted.stdin ?? ''),
    env: wanted.env ?? {},
    now: () => Date.UTC(2024, 5, 15),
    terminal: false,
  }
  const code = await run(args, io)
  expect({ code, err: code === wanted.code ? '' : err }).toEqual({ code: wanted.code, err: '' })
  if (wanted.out !== undefined) expect(out).toMatch(wanted.out)
  if (wanted.err !== undefined) expect(err).toMatch(wanted.err)
  return out
}

/** Some of the cases of a pack: all are tried where a pack is shipped, and here each costs time. */
function fewer(text: string): string {
  const all = JSON.parse(text) as { readonly cases: readonly { readonly name: string }[] }
  const cases = all.cases.filter(({ name }, at) => at % 10 === 0 || name === 'legacy client: IMAP4')
  return JSON.stringify({ ...all, cases }, null, 2)
}

/** A copy of the built-in pack with fewer cases, and some of its files edited; null deletes. */
function edited(
  name: string,
  edits: Readonly<Record<string, null | ((text: string) => string)>>,
  base = 'security-defaults',
): string {
  const folder = join(scratch, name, base)
  cpSync(join(root, 'rules', base), folder, { recursive: true })
  if (base === 'security-defaults') {
    const cases = join(folder, 'cases.json')
    writeFileSync(cases, fewer(readFileSync(cases, 'utf8')))
  }
  for (const [path, edit] of Object.entries(edits)) {
    const file = join(folder, path)
    if (edit === null) rmSync(file)
    else writeFileSync(file, edit(existsSync(file) ? readFileSync(file, 'utf8') : ''))
  }
  return folder
}

describe('portcullis', () => {
  test.each<[string[], Wanted]>([
    [['--help'], { code: 0, out: /serve .*decide .*check .*packs .*replay .*Exit codes/s }],
    [['--version'], { code: 0, out: /^\d+\.\d+\.\d+\n$/ }],
    [
      ['serve', '--help'],
      { code: 0, out: /--keep-alive-timeout <n>.*PORTCULLIS_KEEP_ALIVE_TIMEOUT/s },
    ],
    [['decide', '--help'], { code: 0, out: /Examples:\n {2}\$ portcullis decide/ }],
    [['dcide'], { code: 2, err: /unknown command 'dcide'.*Did you mean decide/s }],
    [['decide', '--jsn'], { code: 2, err: /unknown option '--jsn'/ }],
    [
      ['serve', '--port', 'http'],
      { code: 2, err: /--port: expected a whole number from 0 to 65535, got "http"/ },
    ],
    [
      ['serve', '--listeners', '0'],
      { code: 2, err: /--listeners: expected a whole number from 1 to 64, got "0"/ },
    ],
    [
      ['serve', '--help'],
      { code: 0, out: /^The rules:\n {2}--pack .*^Where it listens:\n.*--config <config>/ms },
    ],
    [
      ['serve', '--config', 'absent.json', '--port', 'x'],
      {
        code: 2,
        err: /--config: expected a file that can be read.*\nportcullis: --port: expected/,
      },
    ],
    [
      ['serve', '--insecure', '--no-insecure', '--host', '0.0.0.0'],
      { code: 2, err: /beyond loopback.*--insecure/ },
    ],
    [['serve', '--host', '0.0.0.0'], { code: 2, err: /beyond loopback.*--insecure/ }],
    [
      ['serve', '--pack', 'security-default'],
      { code: 2, err: /no pack "security-default".*did you mean "security-defaults"/ },
    ],
  ])('%j', async (args, wanted) => {
    await check(args, wanted)
  })
})

describe('portcullis decide', () => {
  const administrator = join(examples, 'helpdesk-administrator.json')
  const text = readFileSync(administrator, 'utf8')
  test.each<[string, string[], Wanted]>([
    [
      'a file',
      [administrator],
      {
        code: 0,
        out: /^challenge: mfa\n {2}because {2}Administrators do multifactor.*code adminMfaRequired · AADSTS50076/s,
      },
    ],
    ['standard input', [], { code: 0, stdin: text, out: /^challenge: mfa\n/ }],
    [
      'JSON',
      [administrator, '--json'],
      { code: 0, out: /"outcome": "challenge".*"revision": "sha256:/s },
    ],
    [
      'a printer',
      [join(examples, 'printer.json')],
      {
        code: 0,
        out: /^block\n.*legacyAuthentication.*assumed {2}the document of April 2024.*\n {11}tenant\.gracePeriodDays = 14/s,
      },
    ],
    [
      'another pack',
      ['--pack', 'security-defaults-current'],
      {
        code: 0,
        stdin: text.replace('"none" }', '"deviceCode" }'),
        out: /^block\n.*deviceCodeFlow/s,
      },
    ],
    [
      'a pack by the environment',
      [],
      {
        code: 0,
        stdin: text.replace('"none" }', '"deviceCode" }'),
        env: { PORTCULLIS_PACK: 'security-defaults-current' },
        out: /^block\n.*deviceCodeFlow/s,
      },
    ],
    [
      'a misspelt fact',
      [],
      {
        code: 2,
        stdin: '{\n  "user": { "rolls": [] }\n}',
        err: /--> standard input:2:13\n.*did you mean "roles"\?/s,
      },
    ],
    ['half of it', [], { code: 2, stdin: '{"user":', err: /expected JSON.*no decision/s }],
    [
      'a misspelt fact as JSON',
      ['--json'],
      { code: 2, stdin: '{"usr":{}}', out: /"faults".*"\/usr"/s },
    ],
    ['no such file', ['nowhere.json'], { code: 2, err: /can't read nowhere\.json/ }],
  ])('%s', async (_, args, wanted) => {
    await check(['decide', ...args], wanted)
  })
})

describe('portcullis packs', () => {
  test.each<[string[], Wanted]>([
    [
      [],
      { code: 0, out: /^security-defaults .*\d+ rules {2}\d+ cases.*\nsecurity-defaults-current/ },
    ],
    [
      ['security-defaults'],
      {
        code: 0,
        out: /admins-need-mfa-every-sign-in: challenge mfa\n.*Security defaults in Microsoft Entra ID \(2024-04-15\)/s,
      },
    ],
    [
      ['security-defaults-current'],
      {
        code: 0,
        out: /replaces conditions\/securityDefaultsAreEnforced, which loosens the base: .*until 2027/,
      },
    ],
    [['--json'], { code: 0, out: /^\[\n.*"revision": "sha256:/s }],
    [['nowhere'], { code: 2, err: /no pack "nowhere"/ }],
  ])('%j', async (args, wanted) => {
    await check(['packs', ...args], wanted)
  })

  test('--plain prints what json-rules-engine takes: no list is left', async () => {
    const { conditions, rules } = JSON.parse(
      await check(['packs', 'security-defaults', '--plain'], { code: 0 }),
    ) as { conditions: Record<string, object>; rules: object[] }
    const { Engine } = await import('json-rules-engine')
    const engine = new Engine(rules as never)
    for (const [name, condition] of Object.entries(conditions))
      engine.setCondition(name, condition as never)
    expect(JSON.stringify([conditions, rules])).not.toContain('"list"')
  })
})

describe('portcullis explain', () => {
  const administrator = join(examples, 'helpdesk-administrator.json')
  const text = readFileSync(administrator, 'utf8')
  test.each<[string, string[], Wanted]>([
    [
      'a file',
      [administrator],
      {
        code: 0,
        out: /^challenge: mfa\n.*What would change it\n {2}allow {2}with session\.mfa = "thisSignIn" instead of "earlier"\n.*Rules that apply\n {2}admins-need-mfa-every-sign-in: challenge mfa {2}\S+\.json:3\n.*✗ session\.mfa is "thisSignIn" \(it is "earlier"\) {2}conditions\.json:\d+\n.*Rules that do not apply\n.*needsMfaAsAdministrator \(above\)/s,
      },
    ],
    [
      'what was assumed',
      [join(examples, 'printer.json')],
      {
        code: 0,
        out: /tenant\.securityDefaults is "enabled" \(it is "enabled", assumed\)/,
      },
    ],
    [
      'JSON',
      ['--json'],
      {
        code: 0,
        stdin: text,
        out: /^\{\n {2}"decision": \{\n {4}"outcome": "challenge".*"wouldBe"/s,
      },
    ],
    [
      'a misspelt fact',
      [],
      {
        code: 2,
        stdin: '{\n  "user": { "rolls": [] }\n}',
        err: /--> standard input:2:13\n.*did you mean "roles"\?.*no decision/s,
      },
    ],
  ])('%s', async (_, args, wanted) => {
    await check(['explain', ...args], wanted)
  })
})

describe('portcullis check', () => {
  test('says how a pack is compiled, and why', async () => {
    const folder = edited('planned', {})
    await check(['check', '--plan', folder], {
      code: 0,
      out: /compiled as code: with up to 120 rules .*\n.*27 different comparisons on 19 facts/,
    })
    const [report] = JSON.parse(
      await check(['check', '--plan', '--json', folder], { code: 0 }),
    ) as [{ readonly plan: object }]
    expect(report.plan).toMatchObject({ strategy: 'code', rules: 15, comparisons: 27, facts: 19 })
  })

  test('the shipped packs are clean', async () => {
    const out = await check(['check'], { code: 0, out: /^ok security-defaults: / })
    expect(out).not.toMatch(/warning/)
  })

  test.each<[string, Record<string, null | ((text: string) => string)>, RegExp]>([
    [
      'a rule is deleted',
      { 'rules/block-legacy-authentication.json': null },
      /case fails: legacy client: IMAP4\n {2}--> .*cases\.json:\d+:\d+\n.*outcome: expected block, got allow/,
    ],
    [
      'an operator is mistyped',
      { 'conditions.json': (text) => text.replace('"someFact:in"', '"someFact:inn"') },
      /got "someFact:inn"\n {2}--> .*conditions\.json:\d+:\d+\n[^^]*\^{14}\n.*\n.*did you mean "someFact:in"\?/,
    ],
    [
      'a fact is mistyped',
      { 'conditions.json': (text) => text.replace('"client.app"', '"client.ap"') },
      /got "client\.ap"\n {2}--> .*conditions\.json:\d+:\d+\n.*did you mean "client\.app"\?/s,
    ],
    [
      'a value is mistyped',
      {
        'conditions.json': (text) =>
          text.replace('"exchangeActiveSync", "other"', '"exchangeActivSync", "other"'),
      },
      /got "exchangeActivSync"\n {2}--> .*conditions\.json:\d+:\d+\n.*did you mean "exchangeActiveSync"\?/s,
    ],
    [
      'a value has the wrong kind',
      {
        'conditions.json': (text) =>
          text.replace('"greaterThan", "value": 0', '"greaterThan", "value": "0"'),
      },
      /a whole number from 0 to 365/,
    ],
    [
      'an operator does not fit',
      { 'conditions.json': (text) => text.replace('"someFact:in"', '"in"') },
      /an operator that fits user\.roles, which is an array/,
    ],
    [
      'a list is mistyped',
      { 'conditions.json': (text) => text.replace('"azureManagement"', '"azurManagement"') },
      /did you mean "azureManagement"\?/,
    ],
    [
      'a shared condition is mistyped',
      {
        'rules/risk-needs-mfa.json': (text) => text.replace('needsMfaForRisk', 'needsMfaForRisks'),
      },
      /risk-needs-mfa\.json:\d+:\d+.*did you mean "needsMfaForRisk"\?/s,
    ],
    [
      'a condition leads back to itself',
      {
        'conditions.json': (text) =>
          text.replace('{ "condition": "isAdministrator" }', '{ "condition": "mfaIsDemanded" }'),
      },
      /lead back to itself/,
    ],
    [
      'an any is empty',
      {
        'conditions.json': (text) =>
          text.replace(/"mfaIsDemanded": \{\s*"any": \[[^\]]*\]/, '"mfaIsDemanded": {"any": []'),
      },
      /an empty "any" is always true/,
    ],
    [
      'two kinds are in one object',
      {
        'conditions.json': (text) =>
          text.replace(
            '"isExempt": {',
            '"isExempt": { "all": [{ "condition": "isAdministrator" }],',
          ),
      },
      /json-rules-engine would drop one of them/,
    ],
    [
      'a requirement is unknown',
      {
        'rules/risk-needs-mfa.json': (text) =>
          text.replace('"requirement": "mfa"', '"requirement": "mfaa"'),
      },
      /did you mean "mfa"\?/,
    ],
    [
      'a control is unknown',
      {
        'rules/risk-needs-mfa.json': (text) =>
          text.replace('requireMfaWhenNecessary', 'requireMfa'),
      },
      /a control of pack\.json/,
    ],
    [
      'a member is mistyped',
      { 'rules/risk-needs-mfa.json': (text) => text.replace('"title"', '"titel"') },
      /did you mean "title"\?/,
    ],
    [
      'a comma is missing',
      { 'rules/risk-needs-mfa.json': (text) => text.replace('",\n', '"\n') },
      /expected JSON/,
    ],
    [
      'a member is there twice',
      { 'rules/risk-needs-mfa.json': (text) => text.replace('"name"', '"name": "other", "name"') },
      /each member once/,
    ],
    [
      'a file is misplaced',
      { 'pack.json': (text) => text, 'condition.json': () => '{}' },
      /did you mean "conditions\.json"\?/,
    ],
    [
      'the name is not the file’s',
      {
        'rules/risk-needs-mfa.json': (text) =>
          text.replace('"risk-needs-mfa"', '"risk-needs-mfaa"'),
      },
      /the name of the file, "risk-needs-mfa"/,
    ],
    [
      'an assumption is impossible',
      { 'pack.json': (text) => text.replace('"value": 14', '"value": 400') },
      /a whole number from 0 to 365/,
    ],
  ])('%s', async (what, edits, wanted) => {
    const folder = edited(what.replaceAll(' ', '-'), edits)
    await check(['check', folder], { code: 1, out: wanted })
  })

  test('everything that is wrong is said at once', async () => {
    const folder = edited('several', {
      'conditions.json': (text) =>
        text
          .replace('"someFact:in"', '"someFact:inn"')
          .replace('"client.app"', '"client.ap"')
          .replace('"thisSignIn"', '"thisSignin"'),
      'rules/risk-needs-mfa.json': (text) => text.replace('"title"', '"titel"'),
    })
    const out = await check(['check', folder], {
      code: 1,
      out: /security-defaults: 5 faults; its cases were not run/,
    })
    for (const name of ['someFact:inn', 'client.ap', 'thisSignin', 'titel'])
      expect(out).toContain(`got "${name}"`)
  })

  test('an overlay owns up to what it replaces', async () => {
    const silent = edited(
      'silent',
      {
        'pack.json': (text) => text.replace(/"conditions\/mayPutOffRegistration": \{[^}]*\},/, ''),
      },
      'security-defaults-current',
    )
    await check(['check', silent], {
      code: 1,
      out: /"conditions\/mayPutOffRegistration" under "overrides"/,
    })
    const loose = edited(
      'loose',
      { 'pack.json': (text) => text.replaceAll(/"owner": "[^"]*",/g, '') },
      'security-defaults-current',
    )
    await check(['check', loose], { code: 1, out: /"owner", since this override loosens its base/ })
    const expired = edited(
      'expired',
      { 'pack.json': (text) => text.replaceAll('2027-11-30', '2023-11-30') },
      'security-defaults-current',
    )
    await check(['check', expired], {
      code: 0,
      out: /warning: the override of .* expired on 2023-11-30/,
    })
  })

  const base = edited('base', {
    'pack.json': (text) => text.replace('"id": "security-defaults"', '"id": "base"'),
  })
  /** A pack that extends that one. */
  const overlay = (
    name: string,
    files: Readonly<Record<string, unknown>>,
    manifest: object = {},
  ) => {
    const folder = join(scratch, name, 'overlay')
    cpSync(base, join(scratch, name, 'base'), { recursive: true })
    const pack = {
      id: 'overlay',
      extends: 'base',
      title: 'Overlay',
      description: 'Overlay',
      controls: { some: 'Some' },
      sources: { here: { title: 'Here', date: '2026' } },
      ...manifest,
    }
    for (const [path, value] of Object.entries({ 'pack.json': pack, ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), JSON.stringify(value))
    }
    return folder
  }
  const rule = (name: string, condition: object, type = 'block') => ({
    [`rules/${name}.json`]: {
      name,
      title: name,
      control: 'some',
      source: 'here#there',
      conditions: { all: [{ condition: 'securityDefaultsApply' }, condition] },
      event: { type, params: { code: 'some' } },
    },
  })
  const guests = { fact: 'user.type', operator: 'equal', value: 'guest' }
  const never = {
    all: [{ fact: 'registration.graceDaysLeft', operator: 'greaterThan', value: 365 }],
  }
  const exemptCompliant = {
    isExempt: {
      any: [
        { fact: 'user.type', operator: 'in', value: ['servicePrincipal', 'managedIdentity'] },
        { condition: 'isDirectorySynchronizationAccount' },
        { fact: 'device.compliant', operator: 'equal', value: true },
      ],
    },
  }
  const expiring = { loosens: true, reason: 'r', owner: 'o', expires: '2099-01-01' }

  test.each<[string, Readonly<Record<string, unknown>>, object, RegExp]>([
    [
      'assumes what loosens, silently',
      {},
      { assumptions: { 'session.mfa': { value: 'thisSignIn', reason: 'r' } } },
      /an entry "assumptions\/session\.mfa" under "overrides"/,
    ],
    [
      'assumes what is required',
      {},
      { assumptions: { 'user.roles': { value: [], reason: 'r' } } },
      /a fact that callers may leave out/,
    ],
    [
      'assumes a time for the sign-in',
      {},
      { assumptions: { at: { value: '2024-01-01T00:00:00Z', reason: 'r' } } },
      /a fact that callers may leave out/,
    ],
    [
      'gives up a promise, silently',
      { 'invariants.json': { 'off-means-off': { title: 't', when: never, never: 'block' } } },
      {},
      /"invariants\/off-means-off" under "overrides"/,
    ],
    [
      'gives up a promise as if that were nothing',
      { 'invariants.json': { 'off-means-off': { title: 't', when: never, never: 'block' } } },
      { overrides: { 'invariants/off-means-off': { loosens: false, reason: 'r' } } },
      /a promise of the base pack is given up/,
    ],
    [
      'promises nothing',
      { 'invariants.json': { some: { title: 't', when: never, requires: [] } } },
      {},
      /at least one requirement/,
    ],
    [
      'promises that something is possible which is no outcome',
      { 'invariants.json': { some: { title: 't', when: never, possible: 'allowed' } } },
      {},
      /an outcome.*did you mean "allow"/s,
    ],
    [
      'expects less of a case',
      { 'cases.json': { cases: [{ name: 'legacy client: IMAP4', expect: { outcome: 'allow' } }] } },
      {},
      /as strict as in the base pack, or an override that loosens/,
    ],
    [
      'lies about loosening',
      { 'conditions.json': { securityDefaultsAreEnforced: never } },
      { overrides: { 'conditions/securityDefaultsAreEnforced': { loosens: false, reason: 'r' } } },
      /overlay loosens its base: overlay\n.*no override of it says that it loosens/,
    ],
    [
      'loosens behind a fact of its own',
      {
        'conditions.json': exemptCompliant,
        'facts.json': { 'custom.site': { kind: 'oneOf', values: ['a', 'b'], description: 'site' } },
        'cases.json': { baseline: { custom: { site: 'a' } }, cases: [] },
      },
      { overrides: { 'conditions/isExempt': { loosens: false, reason: 'r' } } },
      /overlay loosens its base: overlay\n.*an ordinary sign-in but for device\.compliant true, risk\.signIn "medium" gets allow instead of challenge mfa/,
    ],
    [
      'loosens behind an override that says so',
      { 'conditions.json': exemptCompliant },
      {
        assumptions: { 'user.risk': { value: 'hidden', reason: 'r' } },
        overrides: {
          'assumptions/user.risk': expiring,
          'conditions/isExempt': { loosens: false, reason: 'r' },
        },
      },
      /overlay loosens its base: overlay\n.*an ordinary sign-in but for device\.compliant true, risk\.signIn "medium" gets allow instead of challenge mfa/,
    ],
    [
      'assumes less and says that it does not loosen',
      {},
      {
        assumptions: { 'session.mfa': { value: 'thisSignIn', reason: 'r' } },
        overrides: { 'assumptions/session.mfa': { loosens: false, reason: 'r' } },
      },
      /overlay loosens its base: overlay\n.*without session\.mfa gets allow/,
    ],
    [
      'has a rule of another ending',
      { 'rules/block-guests.JSON': {} },
      {},
      /got "rules\/block-guests\.JSON".*a file of a pack/s,
    ],
    [
      'has a rule in a folder below',
      { 'rules/below/block-guests.json': {} },
      {},
      /a file of a pack/,
    ],
    [
      'singles out what is not the strictest value',
      rule('block-hidden', { fact: 'risk.signIn', operator: 'equal', value: 'hidden' }),
      {},
      /leaving a fact out is looser than sending it: risk\.signIn/,
    ],
    [
      'refers in a long chain',
      {
        'conditions.json': Object.fromEntries(
          Array.from({ length: 12_000 }, (_, at) => [
            `c${at}`,
            at === 0 ? never : { all: [{ condition: `c${at - 1}` }] },
          ]),
        ),
      },
      {},
      /at most 64 deep/,
    ],
    [
      'refers twice over and over',
      {
        'conditions.json': Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [
            `c${at}`,
            at === 0 ? never : { all: [{ condition: `c${at - 1}` }, { condition: `c${at - 1}` }] },
          ]),
        ),
      },
      {},
      /at most 100000 comparisons/,
    ],
    [
      'compares what may never have happened the other way round',
      rule('old-sessions', {
        fact: 'session.issuedAt',
        operator: 'swap:greaterThan',
        value: '2020-01-01T00:00:00Z',
      }),
      {},
      /without swap:/,
    ],
    [
      'names a condition with nothing',
      { 'conditions.json': { '': never } },
      {},
      /a name in camel case/,
    ],
    [
      'leaves out a fact there is not',
      {
        'cases.json': {
          cases: [{ name: 'some', without: ['risks'], expect: { outcome: 'allow' } }],
        },
      },
      {},
      /a fact or an area of facts/,
    ],
    [
      'expires on no day',
      {},
      {
        overrides: {
          'rules/risk-needs-mfa': { ...expiring, removes: true, expires: '2026-99-99' },
        },
      },
      /a date, such as/,
    ],
  ])('an overlay that %s is refused', async (what, files, manifest, wanted) => {
    await check(['check', overlay(what.replaceAll(/\W+/g, '-'), files, manifest)], {
      code: 1,
      out: wanted,
    })
  })

  test('a broken file does not hide what is wrong in the others', async () => {
    const folder = edited('hidden', {
      'cases.json': () => '{',
      'rules/risk-needs-mfa.json': (text) => text.replace('"title"', '"titel"'),
    })
    await check(['check', folder], { code: 1, out: /cases\.json.*did you mean "title"/s })
  })

  test('an honest overlay is clean: a rule more, and advice for everybody', async () => {
    const advice = {
      ...rule('greet', { fact: 'tenant.ageHours', operator: 'greaterThanInclusive', value: 0 }),
    }
    const greet = {
      ...(advice['rules/greet.json'] as object),
      event: { type: 'advise', params: { advice: 'greeting', code: 'greeting' } },
    }
    await check(
      ['check', overlay('honest', { ...rule('block-guests', guests), 'rules/greet.json': greet })],
      { code: 0, out: /^ok overlay/m },
    )
    await check(['check', join(examples, 'our-pack')], { code: 0, out: /^ok our-pack/m })
  })

  test('a rule in report mode is checked as any other, shown, and decides nothing', async () => {
    const inReport = (name: string, condition: object) => {
      const written = rule(name, condition)[`rules/${name}.json`]
      return { [`rules/${name}.json`]: { ...written, mode: 'report' } }
    }
    const folder = overlay('reporting', inReport('block-guests', guests))
    await check(['check', folder], {
      code: 0,
      out: /^ok overlay: 15 rules and 1 that only reports, /m,
    })
    await check(['packs', folder], {
      code: 0,
      out: /block-guests: would block, and only reports it/,
    })
    const plain = await check(['packs', folder, '--plain'], { code: 0 })
    expect(plain).not.toContain('block-guests')
    const guest = readFileSync(join(examples, 'helpdesk-administrator.json'), 'utf8').replace(
      '"member"',
      '"guest"',
    )
    await check(['decide', '--pack', folder], { code: 0, stdin: guest, out: /^challenge: mfa/ })
    await check(
      [
        'check',
        overlay('reporting-never', {
          ...inReport('block-nobody', {
            fact: 'tenant.gracePeriodDays',
            operator: 'lessThan',
            value: 0,
          }),
        }),
      ],
      { code: 0, out: /warning: the rule "block-nobody", which only reports, would decide none/ },
    )
    await check(
      ['check', overlay('reporting-wrong', inReport('block-guests', { ...guests, value: 'gest' }))],
      { code: 1, out: /got "gest"/ },
    )
    const misspelt = edited('misspelt-mode', {
      'rules/risk-needs-mfa.json': (text) => text.replace('{', '{ "mode": "reprot",'),
    })
    await check(['check', misspelt], {
      code: 1,
      out: /\/mode: got "reprot".*left out for a rule that decides, else: "report".*did you mean "report"/s,
    })
  })

  test('a pack whose rules all only report is refused', async () => {
    const folder = edited(
      'all-report',
      Object.fromEntries(
        readdirSync(join(root, 'rules/security-defaults/rules')).map((name) => [
          `rules/${name}`,
          (text: string) => text.replace('{', '{ "mode": "report",'),
        ]),
      ),
    )
    await check(['check', folder], {
      code: 1,
      out: /expected a pack with at least one rule that decides/,
    })
  })

  test('an overlay that turns a rule of its base to report says that it loosens', async () => {
    const base = JSON.parse(
      readFileSync(join(root, 'rules/security-defaults/rules/risk-needs-mfa.json'), 'utf8'),
    ) as object
    const turned = (name: string, override: object) =>
      overlay(
        name,
        { 'rules/risk-needs-mfa.json': { ...base, mode: 'report' } },
        { overrides: { 'rules/risk-needs-mfa': { reason: 'first we look', ...override } } },
      )
    await check(['check', turned('quietly', { loosens: false })], {
      code: 1,
      out: /\/loosens: got false.*expected true, since the rule decides in the base pack and here only reports/s,
    })
    await check(['check', turned('nobody', { loosens: true })], {
      code: 1,
      out: /"owner", since this override loosens its base/,
    })
    const owned = { loosens: true, owner: 'identity team', expires: '2027-01-31' }
    const out = await check(['check', turned('owned', owned)], { code: 1 })
    expect(out).toContain('14 rules and 1 that only reports')
    expect(out).not.toContain('overlay loosens its base') // that it does is said; what fails are promises and cases of the base
  })

  test('what no value is strictest of is required as soon as a rule looks at it', async () => {
    const folder = overlay(
      'countries',
      rule('block-country', { fact: 'location.country', operator: 'in', value: ['RU'] }),
    )
    const stdin = readFileSync(join(examples, 'helpdesk-administrator.json'), 'utf8')
    await check(['decide', '--pack', folder], {
      code: 2,
      stdin,
      err: /\/location\/country: got nothing/,
    })
    const clients = overlay(
      'clients',
      rule('block-imap', { fact: 'client.clientAppUsed', operator: 'equal', value: 'IMAP4' }),
    )
    await check(['decide', '--pack', clients], {
      code: 2,
      stdin,
      err: /\/client\/clientAppUsed: got nothing.*its class does not tell/s,
    })
  })

  test('a pack that fails its own test does not go live', async () => {
    const folder = edited('partial', { 'rules/block-legacy-authentication.json': null })
    await check(['serve', '--port', '0', '--pack', folder], {
      code: 2,
      err: /case fails: .*invariant refuted: legacy-authentication-is-never-allowed.*= allow for an ordinary sign-in but for client\.app "exchangeActiveSync".*fails its own test.* and promises what is not proved of it \(2 invariants\); it does not go live/s,
    })
  })

  test('a pack of which is not proved what it promises does not go live, though its cases hold', async () => {
    const folder = edited('unproved', {
      'rules/block-legacy-authentication.json': (text) =>
        text.replace(
          '"all": [',
          '"all": [{ "fact": "tenant.gracePeriodDays", "operator": "notEqual", "value": 301 },',
        ),
    })
    await check(['serve', '--port', '0', '--pack', folder], {
      code: 2,
      err: /^invariant refuted: legacy-authentication-is-never-allowed\n +--> .*invariants\.json:3:\d+\n.*\n += allow for an ordinary sign-in but for tenant\.gracePeriodDays 301, client\.app "exchangeActiveSync"\n.*promises what is not proved of it \(2 invariants\); it does not go live/s,
    })
  })

  test('portcullis attest signs what was proved, and a service that wants that takes it alone', async () => {
    const folder = edited('attested', {})
    const key = join(folder, '..', 'attesting')
    await check(['bundle', 'keygen', key], { code: 0 })
    const wanting = ['--port', '0', '--require-attestation', '--pack', folder]
    await check(['serve', ...wanting], {
      code: 2,
      err: /--require-attestation: expected a public key/,
    })
    const trusting = [...wanting, '--attestation-key', `${key}.pub`]
    await check(['serve', ...trusting], {
      code: 2,
      err: /the pack is not attested: missing: expected a pack\.attestation, got none; it does not go live/,
    })
    await check(['serve', ...wanting, '--attestation-key', `${key}.key`], {
      code: 2,
      err: /got a private one/,
    })
    const out = join(folder, 'pack.attestation')
    const attesting = ['attest', folder, '--key', `${key}.key`, '--out', out]
    await check([...attesting, '--expires', '1d'], {
      code: 0,
      out: /\d+ invariants proved, signed by [0-9a-f]{16}, until /,
    })
    await check(['check', folder], { code: 0 })
    const gone = /the pack is not attested: expired: .* got 2024-06-16/ // the clock of the test is behind
    await check(['serve', ...trusting], { code: 2, err: gone })
    await check([...attesting, '--expires', 'never'], { code: 0, out: /, for good\n/ })
    await check(['serve', ...trusting, '--state', '/dev/null/no'], { code: 2, err: /\/dev\/null/ })
    writeFileSync(join(folder, 'invariants.json'), '{}')
    await check(['serve', ...trusting], {
      code: 2,
      err: /the pack is not attested: subject: expected invariants sha256:/,
    })
    const refuted = edited('not-attested', { 'rules/block-legacy-authentication.json': null })
    await check(['attest', refuted, '--key', `${key}.key`, '--out', `${out}.none`], {
      code: 1,
      err: /refuted: legacy-authentication-is-never-allowed\n.*nothing to attest/s,
    })
    expect(existsSync(`${out}.none`)).toBe(false)
  })

  test('a pack that fails its own test, or has faults, is not tried in the shadow', async () => {
    const failing = edited('shadowed', { 'rules/block-legacy-authentication.json': null })
    await check(['serve', '--port', '0', '--shadow', failing], {
      code: 2,
      err: /case fails: .*fails its own test.*is not tried in the shadow/s,
    })
    const faulty = edited('shadowed-wrong', {
      'rules/risk-needs-mfa.json': (text) => text.replace('"title"', '"titel"'),
    })
    await check(['serve', '--port', '0', '--shadow', faulty], {
      code: 2,
      err: /did you mean "title".*has 2 faults; nothing was done/s,
    })
    await check(['serve', '--port', '0', '--shadow', 'security-default'], {
      code: 2,
      err: /did you mean "security-defaults"/,
    })
  })

  test('a pack may declare facts of its own', async () => {
    const folder = edited('vpn', {
      'facts.json': () =>
        '{ "custom.onVpn": { "kind": "flag", "description": "whether the address belongs to our VPN", "absence": false } }',
      'conditions.json': (text) =>
        text.replace(
          '{ "fact": "location.trusted"',
          '{ "fact": "custom.onVpn", "operator": "equal", "value": false }, { "fact": "location.trusted"',
        ),
      'cases.json': (text) =>
        text.replace(
          '"cases": [',
          '"cases": [{"name":"unfamiliar, but on our VPN","with":{"location":{"familiarity":"unfamiliar"},"custom":{"onVpn":true}},"expect":{"outcome":"allow"}},',
        ),
    })
    await check(['check', folder], {
      code: 0,
      out: /ok security-defaults: 15 rules, (\d+) of \1 cases/,
    })
  })

  test('an invariant that a case breaks is named', async () => {
    const folder = edited('broken', {
      'invariants.json': (text) => text.replace('"exactly": "block"', '"exactly": "challenge"'),
    })
    await check(['check', folder], {
      code: 1,
      out: /invariant broken: legacy-authentication-is-never-allowed/,
    })
  })

  test('warns of what is written and used by nothing', async () => {
    const folder = edited('unused', {
      'conditions.json': (text) =>
        text.replace(
          '{',
          '{ "isLonely": { "all": [{ "fact": "user.type", "operator": "equal", "value": "guest" }] },',
        ),
      'lists.json': (text) =>
        text.replace(
          '"sensitiveRoles"',
          '"unusedList": { "description": "none", "values": ["a"] }, "sensitiveRoles"',
        ),
    })
    await check(['check', folder], {
      code: 0,
      out: /"isLonely" is used by no rule\n.*"unusedList" is used by no condition/,
    })
  })
})

describe('portcullis replay', () => {
  const logs = ['signins-training-lab.json', 'signins-panther-tests.json'].map((name) =>
    join(examples, 'sign-in-logs', name),
  )

  test('accounts for every row of the example logs', async () => {
    const report = JSON.parse(await check(['replay', '--json', ...logs], { code: 0 })) as Record<
      string,
      number
    > & { unmappedReasons: { rows: number }[]; flows: { after: string; signIns: number }[] }
    expect(report).toMatchObject({ rows: 82, decided: 68, unmapped: 14 })
    expect(report.unmappedReasons.reduce((sum, { rows }) => sum + rows, 0)).toBe(14)
    const after = (outcome: string) =>
      report.flows.reduce((sum, flow) => sum + (flow.after === outcome ? flow.signIns : 0), 0)
    expect(['allow', 'challenge', 'block'].map(after)).toEqual([54, 11, 3])
  })

  test.each<[string, string[], Wanted]>([
    [
      'people read a summary',
      logs,
      {
        code: 0,
        out: /^security-defaults asks more of 9 of 13 users .*: 2 with sign-ins that are blocked, 11 must register, the first by 2021-04-28\n82 rows: 68 decided, 14 unmapped;/,
      },
    ],
    [
      'assumptions can be said',
      ['--assume', 'user.registeredMethods=["softwareOneTimePasscode"]', ...logs],
      {
        code: 0,
        out: /user\.registeredMethods = \["softwareOneTimePasscode"\] +said on the command line/,
      },
    ],
    [
      'a wrong assumption is named',
      ['--assume', 'user.rols=[]', ...logs],
      { code: 2, err: /did you mean "user\.roles"/ },
    ],
    [
      'an impossible assumption is named',
      ['--assume', 'user.risk=huge', ...logs],
      { code: 2, err: /expected one of "none"/ },
    ],
    ['no row decided is a finding', ['-'], { code: 1, stdin: '{"a":1}', out: /not a sign-in/ }],
    ['no such file', ['nowhere.json'], { code: 2, err: /can't read nowhere\.json/ }],
  ])('%s', async (_, args, wanted) => {
    await check(['replay', ...args], wanted)
  })
})

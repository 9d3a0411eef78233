import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { run } from './run.ts'

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(() => rmSync(scratch, { recursive: true }))

type Wanted = { readonly code: number; readonly out?: RegExp; readonly err?: RegExp }
type Edits = Readonly<Record<string, null | ((text: string) => string)>>

async function printed(args: readonly string[], wanted: Wanted): Promise<string> {
  let [out, err] = ['', '']
  const code = await run(['diff', ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    readStdin: () => Promise.resolve(''),
    env: {},
    now: () => Date.UTC(2026, 5, 15),
    terminal: false,
  })
  expect({ code, err: code === wanted.code ? '' : err }).toEqual({ code: wanted.code, err: '' })
  if (wanted.out !== undefined) expect(out).toMatch(wanted.out)
  if (wanted.err !== undefined) expect(err).toMatch(wanted.err)
  return out
}

const check = async (...asked: Parameters<typeof printed>): Promise<void> =>
  void (await printed(...asked))

function edit(folder: string, edits: Edits): void {
  for (const [path, change] of Object.entries(edits)) {
    const file = join(folder, path)
    if (change === null) rmSync(file)
    else writeFileSync(file, change(readFileSync(file, 'utf8')))
  }
}

/** The pack of 2024 with some of its files edited, of the same name; null deletes. */
function edited(name: string, edits: Edits): string {
  const folder = join(scratch, name, 'security-defaults')
  cpSync(join(root, 'rules/security-defaults'), folder, { recursive: true })
  edit(folder, edits)
  return folder
}

function written(name: string, value: unknown): string {
  const file = join(scratch, name)
  writeFileSync(file, JSON.stringify(value))
  return file
}

const withoutLegacy = { 'rules/block-legacy-authentication.json': null }
const exemptGuests: Edits = {
  'rules/admins-need-mfa-every-sign-in.json': (text) =>
    text.replace(
      '{ "condition": "needsMfaAsAdministrator" }',
      '{ "condition": "needsMfaAsAdministrator" },\n      { "fact": "user.type", "operator": "notEqual", "value": "guest" }',
    ),
}

describe('portcullis diff', () => {
  test('the same rules are equivalent, and that is proved', () =>
    check(['security-defaults', 'security-defaults', '--fail-on', 'any'], {
      code: 0,
      out: /^equivalent: PROVED .*\(certificate of \d+ conclusions ok\)$/m,
    }))

  test('a rule that is gone is WEAKER where it decided, by the nearest sign-in, with rule, file and line', () =>
    check(['security-defaults', edited('legacy', withoutLegacy), '--fail-on', 'weaker'], {
      code: 1,
      out: /WEAKER {2}block → challenge\n {2}sign-in {2}client\.app = "exchangeActiveSync"\n.* {2}was {6}block\n +by block-legacy-authentication \(removed\) {2}\S+\.json:3:11\n/s,
    }))

  test('the other way round it is stricter, which only --fail-on any minds', async () => {
    const folder = join(scratch, 'legacy/security-defaults')
    await check([folder, 'security-defaults', '--fail-on', 'weaker'], {
      code: 0,
      out: /stricter {2}challenge → block/,
    })
    await check([folder, 'security-defaults', '--fail-on', 'any'], { code: 1 })
  })

  test('what a shared condition changes is said to be through it', () =>
    check(['security-defaults', 'security-defaults-current'], {
      code: 0,
      out: /Shared conditions that differ\n {2}~ securityDefaultsAreEnforced: 13 rules through it .*\nRules that differ\n.*\+ block-device-code-flow: added.*tenant\.gracePeriodDays: 14 is assumed in security-defaults, 0 is assumed/s,
    }))

  test('a condition of one rule that exempts guests: a challenge less, of an administrator who is one', () =>
    check(['security-defaults', edited('guests', exemptGuests)], {
      code: 0,
      out: /WEAKER {2}challenge: mfa is no longer demanded\n {2}sign-in {2}user\.type = "guest"\n {11}user\.roles = \[.*admins-need-mfa-every-sign-in \(its conditions changed\)/s,
    }))

  const entry = { from: 'challenge', to: 'challenge', reason: 'r', owner: 'o' }
  const accepts = (...accepted: readonly object[]) => written('accepted.json', { accepted })
  const guests = { all: [{ fact: 'user.type', operator: 'equal', value: 'guest' }] }
  const administrators = { condition: 'isAdministrator' }
  const outcomes = ['allow', 'challenge'].map((to) => ({ ...entry, to, expires: '2027-01-01' }))

  test.each<[string, readonly object[], Wanted]>([
    [
      'of just those sign-ins',
      outcomes.map((each) => ({ ...each, when: guests })),
      { code: 0, out: /0 WEAKER .* 2 accepted/ },
    ],
    ['of all', outcomes, { code: 0, out: /accepted {2}challenge → allow/ }],
    [
      'by a shared condition of the pack',
      outcomes.map((each) => ({ ...each, when: administrators })),
      { code: 0 },
    ],
    [
      'of others: the witness is one that is not accepted',
      outcomes.map((each) => ({ ...each, when: { not: guests } })),
      { code: 1, out: /covers nothing: it can go.*2 WEAKER/s },
    ],
    ['of one kind only', outcomes.slice(1), { code: 1, out: /1 WEAKER .* 1 accepted/ }],
    [
      'of another requirement',
      outcomes.map((each) => ({ ...each, dropped: 'mfaRegistration' })),
      { code: 1 },
    ],
    [
      'until a day that has come',
      outcomes.map((each) => ({ ...each, expires: '2026-06-14' })),
      { code: 1, out: /expired on 2026-06-14, and does not count.*2 WEAKER/s },
    ],
    [
      'with a misspelt outcome',
      [{ ...entry, from: 'chalenge', expires: '2027-01-01' }],
      { code: 2, err: /did you mean "challenge"\?.*accepted\.json has 1 fault/s },
    ],
    ['with nobody to answer for it', [{ from: 'block', to: 'allow' }], { code: 2, err: /"owner"/ }],
  ])('a weakening is accepted %s', (_, accepted, wanted) =>
    check(
      [
        'security-defaults',
        edited('accepted', exemptGuests),
        '--fail-on',
        'weaker',
        '--accept',
        accepts(...accepted),
      ],
      wanted,
    ),
  )

  test('facts of one name and other values: nothing can be compared, and that is no success', async () => {
    const facts = (values: readonly string[]) => () =>
      JSON.stringify({ 'custom.shift': { kind: 'oneOf', values, description: 'd' } })
    const [from, to] = [edited('shift-1', {}), edited('shift-2', {})]
    writeFileSync(join(from, 'facts.json'), facts(['day', 'night'])())
    writeFileSync(join(to, 'facts.json'), facts(['day', 'late'])())
    await check([from, to], { code: 1, out: /^unknown: custom\.shift has other values/m })
  })

  test('json has the decisions of both, sarif what a review should look at', async () => {
    const packs = ['security-defaults', join(scratch, 'legacy/security-defaults')]
    const report = JSON.parse(await printed([...packs, '--json'], { code: 0 })) as {
      changes: readonly { label: string; decisions: { from: { outcome: string } } }[]
    }
    expect(report.changes.map(({ label }) => label)).toContain('weaker')
    expect(report.changes[0]!.decisions.from.outcome).toBe('block')
    const log = JSON.parse(await printed([...packs, '--format', 'sarif'], { code: 0 })) as {
      runs: readonly [{ results: readonly { ruleId: string; locations: readonly object[] }[] }]
    }
    expect(log.runs[0].results[0]).toMatchObject({
      ruleId: 'diff-weaker',
      level: 'error',
      locations: [{ physicalLocation: { region: { startLine: 3 } } }],
    })
  })

  test.each<[string[], Wanted]>([
    [[], { code: 2, err: /expected two packs to compare/ }],
    [['security-defaults'], { code: 2, err: /expected two packs to compare/ }],
    [['security-defaults', 'security-default'], { code: 2, err: /did you mean/ }],
    [
      ['security-defaults', 'x', '--fail-on', 'weak'],
      { code: 2, err: /Allowed choices are weaker/ },
    ],
    [['x', 'y', '--against', 'HEAD'], { code: 2, err: /expected one pack/ }],
  ])('portcullis diff %j', check)
})

describe('portcullis diff --against', () => {
  const repository = mkdtempSync(join(scratch, 'repository-'))
  const folder = join(repository, 'packs/security-defaults')
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      stdio: 'pipe',
    })

  test('the pack as it is, compared with what it was', async () => {
    cpSync(join(root, 'rules/security-defaults'), folder, { recursive: true })
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    await check([folder, '--against', 'HEAD'], { code: 0, out: /^equivalent: PROVED/m })
    edit(folder, withoutLegacy)
    await check([folder, '--against', 'HEAD', '--fail-on', 'weaker'], {
      code: 1,
      out: /block-legacy-authentication \(removed\) {2}HEAD:packs\/security-defaults\/rules\/block-legacy-authentication\.json:3/,
    })
  })

  test.each<[string, string[], Wanted]>([
    [
      'a ref that there is not',
      [folder, '--against', 'nope'],
      { code: 2, err: /expected a git ref/ },
    ],
    ['an option for a ref', [folder, '--against=--all'], { code: 2, err: /expected a git ref/ }],
  ])('%s is refused', (_, args, wanted) => check(args, wanted))

  test('a folder in no repository is refused, and so is a pack that was not there', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'portcullis-'))
    cpSync(join(root, 'rules/security-defaults'), join(outside, 'security-defaults'), {
      recursive: true,
    })
    await check([join(outside, 'security-defaults'), '--against', 'HEAD'], {
      code: 2,
      err: /is in no git repository/,
    })
    rmSync(outside, { recursive: true })
    const added = join(repository, 'packs/added')
    cpSync(join(root, 'rules/security-defaults'), added, { recursive: true })
    writeFileSync(
      join(added, 'pack.json'),
      readFileSync(join(added, 'pack.json'), 'utf8').replace(
        '"id": "security-defaults"',
        '"id": "added"',
      ),
    )
    await check([added, '--against', 'HEAD'], { code: 2, err: /no pack in packs\/added at HEAD/ })
  })
})

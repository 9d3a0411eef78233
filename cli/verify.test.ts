import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { run } from './run.ts'
import type { PackReport } from './verify/report.ts'

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

type Refuted = Readonly<Record<string, Readonly<Record<string, unknown>>>>

describe('an edit that breaks a promise is shown with the nearest sign-in that it lets through', () => {
  test.each<[string, Edits, Refuted]>([
    [
      'the rule against legacy authentication is deleted',
      { [legacy]: null },
      {
        'legacy-authentication-is-never-allowed': { 'client.app': 'exchangeActiveSync' },
        'nobody-else-is-exempt': { 'client.app': 'exchangeActiveSync' },
      },
    ],
    [
      'guests are let off the rule for administrators',
      { [admins]: [needsMfa, `${needsMfa}, ${noGuests}`] },
      {
        'administrators-never-without-mfa': {
          'user.type': 'guest',
          'user.roles': ['62e90394-69f5-4237-9190-012177145e10'],
        },
      },
    ],
    [
      'administrators are asked for MFA that they did',
      { [admins]: ['needsMfaAsAdministrator', 'isAdministrator'] },
      { 'an-administrator-can-sign-in': {} }, // no sign-in shows it
    ],
  ])('%s', async (_, edits, refuted) => {
    const { code, out, err } = await portcullis('verify', '--json', copy(edits))
    expect({ code, err }).toEqual({ code: 1, err: '' })
    const [report] = JSON.parse(out) as PackReport[]
    if (report === undefined || report.faults) throw new Error(out)
    const broken = report.invariants.flatMap((each) =>
      each.verdict === 'refuted'
        ? [
            [
              each.invariant,
              Object.fromEntries(
                (each.witness?.deviations ?? []).map(({ fact, value }) => [fact, value]),
              ),
            ],
          ]
        : [],
    )
    expect(Object.fromEntries(broken)).toEqual(refuted)
    const count = Object.keys(refuted).length
    const { length } = report.invariants
    expect(report.counts).toMatchObject({ refuted: count, proved: length - count })
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
  ])('%s', async (_, flags, edits, code, said) => {
    const { out, err, ...ended } = await portcullis('verify', ...flags, copy(edits))
    expect(out + err).toMatch(said)
    expect(ended.code).toBe(code)
  })
})

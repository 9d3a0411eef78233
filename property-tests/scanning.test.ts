import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answer, decisionBody, load, parsePack } from '../engine/index.ts'
import { junk, signInJson, wholeSignInJson } from './arbitraries.ts'
import { packOf, shippedPacks } from './packs.ts'

const now = Date.UTC(2026, 10, 24)

/** Facts of every kind that a pack may declare, looked at by a rule, so that they are listed when assumed. */
const custom = parsePack(
  packOf({
    'facts.json': {
      'custom.onVpn': { kind: 'flag', description: 'on the VPN', absence: false },
      'custom.zone': { kind: 'oneOf', values: ['green', 'grün', 'a"b'], description: 'a zone' },
      'custom.tags': { kind: 'someOf', values: ['a', 'b'], description: 'tags', absence: [] },
      'custom.score': { kind: 'integer', min: -5, max: 100, description: 'a score', absence: 0 },
      'custom.hiredAt': {
        kind: 'timestamp',
        description: 'hired',
        absence: '2020-01-01T00:00:00Z',
      },
      'custom.site': { kind: 'id', description: 'a site', absence: 'x' },
      'custom.groups': { kind: 'ids', description: 'groups', absence: [] },
    },
    'rules/some-rule.json': {
      name: 'some-rule',
      title: 'Some rule',
      control: 'someControl',
      source: 'some-document#here',
      conditions: {
        all: [
          { fact: 'custom.score', operator: 'lessThan', value: 3 },
          { fact: 'location.country', operator: 'equal', value: 'DE' },
        ],
      },
      event: { type: 'block', params: { code: 'someCode' } },
    },
  }),
)
if (custom.faults) throw new Error(JSON.stringify(custom.faults))

const sets = [
  ...shippedPacks.map(({ name, pack }) => ({ name, loaded: load(pack.ruleSet) })),
  { name: 'a pack with facts of its own', loaded: load(custom.ruleSet) },
]
const plainCustom = {
  onVpn: true,
  zone: 'green',
  tags: ['a'],
  score: 7,
  hiredAt: '2020-02-29T23:59:59.999Z',
  site: 'hq-1',
  groups: ['g1', 'g2'],
}
const customJson = fc.record(
  {
    onVpn: fc.boolean(),
    zone: fc.constantFrom('green', 'grün', 'a"b', 'red'),
    tags: fc.uniqueArray(fc.constantFrom('a', 'b')),
    score: fc.oneof(fc.integer({ min: -9, max: 120 }), fc.constantFrom(1.5, -0, 1e3, '7')),
    hiredAt: fc.constantFrom(
      '2020-02-29T23:59:59Z',
      '2021-02-29T00:00:00Z',
      '2020-13-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
      '2020-01-01T00:00:00.1234Z',
      '2020-01-01T24:00:00Z',
      '2020-01-01T00:00:00+14:00',
    ),
    site: fc.constantFrom('HQ', 'hq', 'h q', ''),
    groups: fc.array(fc.constantFrom('g1', 'G1', ' ')),
  },
  { requiredKeys: [] },
)

type Loaded = (typeof sets)[number]['loaded']

/** The same rule set, reading everything the long way: with JSON.parse, a look for duplicate members, and the parser. */
const theLongWay = (loaded: Loaded): Loaded => ({ ...loaded, readPlain: () => undefined })

/** What is read plainly must be what the long way reads; what is not may be anything. True when it was read. */
function check(loaded: Loaded, text: string, now?: number): boolean {
  const plain = loaded.readPlain(text, now)
  const again = loaded.readPlain(text, now)
  expect(again).toStrictEqual(plain)
  if (now !== undefined)
    expect(answer(loaded, text, now)).toEqual(answer(theLongWay(loaded), text, now))
  if (plain === undefined) return false
  const long = loaded.parse(JSON.parse(text), now)
  if (long.faults) throw new Error(`${text} is no sign-in: ${JSON.stringify(long.faults)}`)
  expect(plain).toStrictEqual(long)
  expect(Object.keys(plain.signIn)).toEqual(Object.keys(long.signIn))
  const { ruleSet, print } = loaded
  const decision = loaded.decide(plain.signIn)
  const [given, printed] = [
    [plain.assumed, plain.envelope] as const,
    JSON.stringify(decisionBody(ruleSet, decision, plain.assumed, plain.envelope)),
  ]
  expect([print(decision, ...given), print(decision, ...given)]).toEqual([printed, printed])
  return true
}

describe('what is read plainly is what the long way reads', () => {
  const asked = fc.oneof(signInJson, wholeSignInJson, junk)
  const spaces = fc.constantFrom(undefined, 1, '\t', '\r\n ', '\v')

  test.each(sets)('for sign-ins, however laid out, and junk: $name', ({ loaded }) =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(asked, fc.option(customJson), spaces, fc.option(fc.constant(now))), {
          minLength: 1,
          maxLength: 5,
        }),
        (all) => {
          for (const [json, custom, space, now] of all) {
            const whole = custom === null ? json : { ...(json as object), custom }
            check(loaded, JSON.stringify(whole, null, space), now ?? undefined)
          }
        },
      ),
    ),
  )

  test.each(sets)('for texts with a byte changed, cut off, or said twice: $name', ({ loaded }) => {
    const edit = fc.tuple(
      fc.nat(2_000),
      fc.constantFrom('replace', 'insert', 'cut', 'twice', 'delete'),
      fc.oneof(
        fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', '-', 'é', '\0', '\n'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    )
    fc.assert(
      fc.property(
        wholeSignInJson,
        fc.array(edit, { minLength: 1, maxLength: 2 }),
        (json, edits) => {
          const whole = JSON.stringify({ ...(json as object), custom: plainCustom })
          check(loaded, whole, now) // what is guessed next was right before
          const edited = edits.reduce((text, [place, what, char]) => {
            const at = place % text.length
            const rest = text.slice(at)
            if (what === 'cut') return text.slice(0, at)
            if (what === 'twice') return text.slice(0, at) + rest + rest
            return (
              text.slice(0, at) +
              (what === 'delete' ? '' : char) +
              text.slice(what === 'insert' ? at : at + 1)
            )
          }, whole)
          check(loaded, edited, now)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  /** A whole sign-in with one thing changed. */
  test.each<[string, string]>([
    ...[
      '2000-02-29T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2024-02-29T23:59:59.999Z',
      '2023-02-29T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-01-00T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '2024-01-01T00:00:60Z',
      '2024-01-01T00:00:00.1Z',
      '2024-01-01T00:00:00,000Z',
      '2024-01-01T00:00:0aZ',
      '2024-01-01 00:00:00Z',
      '2024-01-01T00:00:00z',
      '0000-03-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '1969-12-31T23:59:59.999Z',
      '9999-12-31T23:59:59.999Z',
    ].map((time): [string, string] => [
      '"hiredAt":"2020-02-29T23:59:59.999Z"',
      `"hiredAt":"${time}"`,
    ]),
    ['"type":"member"', '"type":"member","type":"member"'],
    ['"type":"member"', '"type":"member","type":"guest"'],
    ['"risk":{"signIn":"none"}', '"risk":{"signIn":"none"},"risk":{"signIn":"none"}'],
    ['"risk":{"signIn":"none"}', '"risk":{"signIn":"none"},"risk":{}'],
    ['"userId":"u1"', '"userId":"u1","userId":"u1"'],
    ['"userId":"u1"', '"userId":"u\\u0031"'],
    ['"userId":"u1"', '"userId":"u\\"1"'],
    ['"userId":"u1"', '"userId":"u\t1"'],
    ['"userId":"u1"', '"userId":"ü1"'],
    ['"userId":"u1"', '"userId":"\u{1F600}"'],
    ['"userId":"u1"', `"userId":"${'u'.repeat(256)}"`],
    ['"userId":"u1"', `"userId":"${'u'.repeat(257)}"`],
    ['"userId":"u1"', '"userId":1'],
    ['"correlationId":"c1"', '"correlationId":"c\\u0031"'],
    ['"correlationId":"c1"', '"correlationId":"c\\n"'],
    ['"correlationId":"c1"', '"correlationId":"\u007F"'],
    ['"correlationId":"c1"', '"correlationId":"a/b</script>"'],
    ['"score":7', '"score":07'],
    ['"score":7', '"score":-0'],
    ['"score":7', '"score":7.0'],
    ['"score":7', '"score":7e0'],
    ['"score":7', '"score":101'],
    ['"score":7', '"score":1000000000000000000000'],
    ['"score":7', '"score":"7"'],
    ['"score":7', '"score":'],
    ['"onVpn":true', '"onVpn":truee'],
    ['"onVpn":true', '"onVpn":null'],
    ['"onVpn":true', '"onVpn": true'],
    ['"onVpn":true', '"onVpn":\u00A0true'],
    ['"zone":"green"', '"zone":"grün"'],
    ['"zone":"green"', '"zone":"a\\"b"'],
    ['"zone":"green"', '"zone":"Green"'],
    ['"zone":"green"', '"zone":"green'],
    ['"tags":["a"]', '"tags":["a","b","a"]'],
    ['"tags":["a"]', '"tags":["a",]'],
    ['"tags":["a"]', '"tags":[,"a"]'],
    ['"tags":["a"]', '"tags":["a" "b"]'],
    ['"tags":["a"]', '"tags":"a"'],
    ['"tags":["a"]', `"tags":[${Array.from({ length: 256 }, () => '"a"').join(',')}]`],
    ['"tags":["a"]', `"tags":[${Array.from({ length: 257 }, () => '"a"').join(',')}]`],
    ['"site":"hq-1"', '"site":"HQ-1"'],
    ['"site":"hq-1"', `"site":"${'h'.repeat(128)}"`],
    ['"site":"hq-1"', `"site":"${'h'.repeat(129)}"`],
    ['"client":{"app":"browser"', '"client":{"app":"browser","clientAppUsed":"Browser"'],
    ['"client":{"app":"browser"', '"client":{"clientAppUsed":"Browser"'],
    ['"client":{"app":"browser"', '"client":{"clientAppUsed":"IMAP4"'],
    ['"client":{"app":"browser"', '"client":{"clientAppUsed":"imap"'],
    ['"client":{"app":"browser"', '"client":{"app":"browser","clientAppUsed":"IMAP4"'],
    ['"client":{"app":"browser",', '"client":{'],
    ['"session":{', '"session":{"revoked":false,'],
    ['"session":{', '"session":{"Mfa":"none",'],
    ['"session":{', '"session":{"__proto__":{},'],
    ['"session":{', '"sessions":{'],
    ['"enabledAt":"2024-05-01T00:00:00Z"', '"enabledAt":"2024-06-15T09:05:00Z"'],
    ['"enabledAt":"2024-05-01T00:00:00Z"', '"enabledAt":"2024-06-15T09:05:01Z"'],
    ['"issuedAt":null', '"issuedAt":nul'],
    [',"platform":"windows"', ''],
    [',"country":"DE"', ''],
    ['{', '\uFEFF{'],
    ['{', '[{'],
    ['{', '\v{'],
    ['{', '\f{'],
    ['{', ' \t\r\n{'],
  ])('with %s as %s', (from, to) => {
    const [{ pack }] = shippedPacks as [(typeof shippedPacks)[number]]
    const envelope = { userId: 'u1', correlationId: 'c1' }
    const whole = JSON.stringify({ ...pack.cases[0]!.signIn, custom: plainCustom, envelope })
    const changed = whole.replace(from, () => to)
    expect(changed).not.toBe(whole)
    const { loaded } = sets.at(-1)!
    for (const end of ['', ' ', '}', '\0', whole]) {
      expect(check(loaded, whole, now)).toBe(true)
      check(loaded, changed + end, now)
      check(loaded, changed.slice(0, -1) + end, now)
    }
  })

  test('a text is not read on into what was read before it', () => {
    const [{ pack, loaded }] = shippedPacks as [(typeof shippedPacks)[number]]
    const whole = JSON.stringify(pack.cases[0]!.signIn)
    for (let length = 0; length < whole.length; length++) {
      expect(check(loaded, whole, now)).toBe(true)
      expect(loaded.readPlain(whole.slice(0, length), now)).toBeUndefined()
    }
  })

  test('what no rule looks at may be left out although nothing is assumed for it', () => {
    const { loaded } = sets.at(-1)!
    const [{ pack }] = shippedPacks as [(typeof shippedPacks)[number]]
    const { device: _, ...others } = pack.cases[0]!.signIn
    expect(check(loaded, JSON.stringify({ ...others, custom: plainCustom }), now)).toBe(true)
  })
})

test.each(shippedPacks)(
  'all cases of $name but those with names to translate are read plainly',
  ({ pack }) => {
    const loaded = load(pack.ruleSet)
    const left = pack.cases.filter(({ signIn }) => !check(loaded, JSON.stringify(signIn)))
    expect(left.map(({ name }) => name)).toEqual([])
  },
)

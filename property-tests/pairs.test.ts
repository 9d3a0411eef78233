import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atLeastAsStrict,
  compile,
  facts,
  factTable,
  pairVerdicts,
  parsePack,
  type FactValue,
  type Pack,
  type PairVerdict,
  type SignIn,
} from '../engine/index.ts'
import { packFolder, packNames, readPack } from '../rules/index.ts'
import { signIn } from './arbitraries.ts'

type Files = Readonly<Record<string, string>>

function packOf(name: string, files: Files = {}): Pack {
  const source = readPack(packFolder(name)!)
  const pack = parsePack({ ...source, files: { ...source.files, ...files } })
  if (pack.faults) throw new TypeError(JSON.stringify(pack.faults))
  return pack
}

/** A rule more, under security defaults. */
const ruleOf = (event: object, ...all: readonly object[]): Files => ({
  'rules/added.json': JSON.stringify({
    name: 'added',
    title: 'Added',
    control: 'requireMfaForAdministrators',
    source: 'security-defaults#x',
    conditions: { all: [{ condition: 'securityDefaultsApply' }, ...all] },
    event,
  }),
})

const is = (fact: string, operator: string, value: unknown) => ({ fact, operator, value })
const block = { type: 'block', params: { code: 'c' } }
const register = { type: 'challenge', params: { requirement: 'mfaRegistration', code: 'c' } }
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10'

const proving = new Map<
  string,
  { readonly pack: Pack; readonly verdicts: readonly PairVerdict[] }
>()
/** A shipped pack, proved once for all tests. */
function shipped(name: string) {
  let proved = proving.get(name)
  if (proved === undefined) {
    const pack = packOf(name)
    proving.set(name, (proved = { pack, verdicts: pairVerdicts(pack) }))
  }
  return proved
}

const named = ({ law, facts, verdict }: PairVerdict) => [law, ...facts, verdict].join(' ')

describe('laws of two sign-ins', () => {
  test.each<[string, readonly string[]]>([
    // The pack says that 14 days are taken; a tenant without them sends 0.
    ['security-defaults', ['leftOut tenant.gracePeriodDays refuted']],
    ['security-defaults-current', []],
  ])('%s keeps them, but for what it says itself', (name, wanted) => {
    const open = shipped(name).verdicts.filter(({ verdict }) => verdict !== 'proved')
    expect(open.map(named)).toEqual(wanted)
    for (const each of open)
      expect(each).toMatchObject({ excepted: expect.stringMatching(/14 days/) as string })
  })

  const planted = [
    [
      'a block that one more administrator role lifts',
      ruleOf(block, is('user.roles', 'doesNotContain', globalAdministrator)),
      'addedRole user.roles refuted',
    ],
    [
      'registration that is due until a day only',
      ruleOf(register, is('at', 'lessThan', '2026-01-01T00:00:00Z')),
      'laterTime at refuted',
    ],
    [
      'a block of a value that is not the one assumed',
      ruleOf(block, is('user.risk', 'equal', 'low')),
      'leftOut user.risk refuted',
    ],
  ] as const
  test.each(planted)('%s is found', (_, files, wanted) => {
    const found = pairVerdicts(packOf('security-defaults-current', files)).find(
      (each) => named(each) === wanted,
    )
    // Two sign-ins that differ in these facts, and in what follows from them, alone.
    if (found?.verdict !== 'refuted') throw new TypeError('not found')
    const [first, second] = [found.pair.first, found.pair.second] as unknown as readonly Readonly<
      Record<string, FactValue>
    >[]
    for (const [fact, { origin }] of Object.entries(factTable({})))
      if (origin.by !== 'engine' && !found.facts.includes(fact))
        expect(second![fact]).toEqual(first![fact])
  })

  test('none of the packs breaks on samples what is proved of it', () => {
    for (const { pack, verdicts } of packNames().map(shipped)) {
      const decide = compile(pack.ruleSet)
      const absent = new Map(pack.ruleSet.assumptions.map(({ fact, value }) => [fact, value]))
      const proved = verdicts.filter(({ verdict }) => verdict === 'proved')
      const check = (first: SignIn, fact: string, to: FactValue) => {
        const values: Record<string, FactValue> = { ...first, [fact]: to }
        for (const [each, { origin }] of Object.entries(factTable({})))
          if (origin.by === 'engine') values[each] = origin.compute(values)
        expect(atLeastAsStrict(decide(values as SignIn), decide(first))).toBe(true)
      }
      fc.assert(
        fc.property(signIn, (first) => {
          for (const each of proved) {
            if (each.law === 'addedRole')
              check(first, 'user.roles', [...first['user.roles'], globalAdministrator])
            const [fact = ''] = each.facts
            if (each.law !== 'leftOut') continue
            const { origin } = facts[fact as keyof typeof facts]
            const assumed = 'value' in origin ? origin.value : undefined
            check(first, fact, absent.get(fact) ?? assumed!)
          }
        }),
        { interruptAfterTimeLimit: 5_000 },
      )
    }
  })
})

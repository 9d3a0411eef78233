import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import {
  clockSkewMs,
  compile,
  facts,
  factsRead,
  interpret,
  keeps,
  printSignIn,
  signInParser,
  verify,
  type Condition,
  type Deciding,
  type FactTable,
  type FactValue,
  type Invariant,
  type SignIn,
  type Witness,
} from '../engine/index.ts'
import { leaveOut, put, type Json } from './arbitraries.ts'
import { shippedPacks } from './packs.ts'
import { declared, near, promising, type Promising } from './promises.ts'

/** How many rule sets, and how many sign-ins are tried on each; PROPERTY_RUNS asks for more of both. */
const runs = fc.readConfigureGlobal()?.numRuns ?? 300
const ruleSets = Math.ceil(runs / 5)
const perRuleSet = Math.min(100, Math.ceil(runs / 10))
const budget = { numRuns: ruleSets, endOnFailure: true }

const count = { proved: 0, refuted: 0, vacuous: 0, unsupported: 0, unknown: 0, probes: 0, freed: 0 }
afterAll(() => console.log('verdicts tried:', JSON.stringify(count)))

/** What is decided and promised of one sign-in, by the compiled rules. */
function judging(pack: Promising, table: FactTable) {
  const { rules, conditions, assumptions } = pack.ruleSet
  const decide = compile(pack.ruleSet)
  const reads = factsRead(pack.ruleSet)
  const parse = signInParser(table, assumptions, reads)
  const speaksOf = new Map(
    pack.invariants.map((invariant) => {
      const holds = compile(asRules(invariant.when, conditions))
      return [invariant, (signIn: SignIn) => holds(signIn).outcome === 'block'] as const
    }),
  )
  const breaks = (invariant: Invariant, signIn: SignIn): boolean =>
    speaksOf.get(invariant)!(signIn) && !keeps(invariant.promise, decide(signIn))
  return { rules: { rules, conditions }, decide, parse, breaks }
}

const asRules = (when: Condition, conditions: Deciding['conditions']): Deciding => ({
  conditions,
  rules: [
    {
      name: 'when',
      title: 'When',
      control: 'someControl',
      source: 'some-document#here',
      conditions: when,
      event: { type: 'block', params: { code: 'holds' } },
    },
  ],
})

type Judging = ReturnType<typeof judging>

/** Tries sign-ins on each verdict: none breaks what is proved, the witness breaks what is refuted, whatever else it is. */
async function check(pack: Promising, table: FactTable, sent: readonly Json[]): Promise<void> {
  const by = judging(pack, table)
  const signIns = sent.flatMap((each) => {
    const parsed = by.parse(each)
    return parsed.faults ? [] : [parsed.signIn]
  })
  for (const verdict of verify(pack).verdicts) {
    count[verdict.verdict]++
    const { invariant } = verdict
    if (verdict.verdict === 'proved' || verdict.verdict === 'vacuous')
      for (const signIn of signIns) {
        count.probes++
        if (by.breaks(invariant, signIn))
          expect.fail(`${verdict.verdict}, and broken: ${JSON.stringify([invariant, signIn])}`)
      }
    if (verdict.verdict === 'refuted')
      await replay(invariant, verdict.witness!, by, table, signIns.slice(0, 10))
  }
}

async function replay(
  invariant: Invariant,
  witness: Witness,
  { rules, decide, parse, breaks }: Judging,
  table: FactTable,
  others: readonly SignIn[],
): Promise<void> {
  // What is after the sign-in, as only what is assumed may be, is left out.
  const at = witness.signIn.at + clockSkewMs
  const assumed = Object.keys(table).filter((fact) => {
    const value = valueIn(witness.signIn, fact)
    return table[fact]!.isPast && typeof value === 'number' && value > at
  })
  const json = assumed.reduce<Json>(leaveOut, printSignIn(witness.signIn, table))
  const parsed = parse(json)
  expect(parsed).toMatchObject({ signIn: witness.signIn })
  expect(breaks(invariant, witness.signIn)).toBe(true)
  expect(await interpret(rules, witness.signIn)).toEqual(decide(witness.signIn))
  for (const other of others) {
    // All else is as in another sign-in, in so far as the parser admits it.
    const freed = witness.forcing.reduce<Json>(
      (changed, fact) => {
        if (assumed.includes(fact)) return leaveOut(changed, fact)
        const [area, member] = fact.split('.') as [string, string | undefined]
        const value = member === undefined ? json[area] : (json[area] as Json)[member]
        return put(changed, fact, value)
      },
      printSignIn(other, table) as Json,
    )
    const admitted = parse(freed)
    if (admitted.faults) continue
    const { signIn } = admitted
    count.freed++
    if (!breaks(invariant, signIn))
      expect.fail(
        `not forced by ${witness.forcing.join(', ')}: ${JSON.stringify([invariant, signIn])}`,
      )
  }
}

const valueIn = (signIn: SignIn, fact: string) =>
  (signIn as Readonly<Record<string, FactValue>>)[fact]

describe('a verdict', () => {
  test('of a made rule set is borne out by sign-ins', async () => {
    await fc.assert(
      fc.asyncProperty(
        promising.chain((pack) =>
          fc.tuple(
            fc.constant(pack),
            fc.array(near(declared, pack), { minLength: perRuleSet, maxLength: perRuleSet }),
          ),
        ),
        ([pack, signIns]) => check(pack, declared, signIns),
      ),
      budget,
    )
    for (const verdict of ['proved', 'refuted', 'unsupported'] as const)
      expect(count[verdict]).toBeGreaterThan(0)
    expect(count.probes).toBeGreaterThan(ruleSets * perRuleSet)
    expect(count.freed).toBeGreaterThan(ruleSets)
  }, 600_000)

  test('has a witness that can be sent, when the time is earlier than that of facts nobody looks at', async () => {
    const before = count.refuted
    const when: Condition = {
      all: [{ fact: 'at', operator: 'lessThan', value: Date.UTC(2024, 4, 1) }],
    }
    const invariant: Invariant = { name: 'n', title: 'N', when, promise: { never: 'allow' } }
    const [pack] = fc.sample(promising, 1)
    const made = withRules({ ...pack!, invariants: [invariant] }, [])
    await check(made, declared, fc.sample(near(declared, made), 10))
    expect(count.refuted).toBe(before + 1)
  })

  test.each(shippedPacks)('of the pack $name is borne out by sign-ins', async ({ pack }) => {
    await check(pack, facts, fc.sample(near(facts, pack), 20 * perRuleSet))
  })
})

/** What makes no difference to a verdict. */
const indifferent: Readonly<Record<string, (pack: Promising) => Promising>> = {
  'the order of rules': (pack) => withRules(pack, pack.ruleSet.rules.toReversed()),
  'a rule that is there twice': (pack) =>
    withRules(pack, [
      ...pack.ruleSet.rules,
      ...pack.ruleSet.rules.map((rule) => ({ ...rule, name: `${rule.name}-again` })),
    ]),
  'a condition denied twice': (pack) => ({
    ...withRules(
      pack,
      pack.ruleSet.rules.map((rule) => ({
        ...rule,
        conditions: { not: { not: rule.conditions } },
      })),
    ),
    invariants: pack.invariants.map((each) => ({ ...each, when: { not: { not: each.when } } })),
  }),
  'other names for countries and applications': (pack) => renamed(pack),
}

const withRules = (pack: Promising, rules: Promising['ruleSet']['rules']): Promising => ({
  ...pack,
  ruleSet: { ...pack.ruleSet, rules },
})

const names = [
  ['"DE"', '"QX"'],
  ['"US"', '"QY"'],
  ['797f4846-ba00-4fd7-ba43-dac1f8f63013', 'b97f4846-ba00-4fd7-ba43-dac1f8f63014'],
  ['00000003-0000-0000-c000-000000000000', 'b0000003-0000-0000-c000-000000000001'],
] as const

function renamed({ ruleSet, invariants, baseline }: Promising): Promising {
  let text = JSON.stringify([ruleSet.rules, invariants, baseline])
  for (const [name, other] of names) text = text.replaceAll(name, other)
  const [rules, ...rest] = JSON.parse(text) as [
    Promising['ruleSet']['rules'],
    Promising['invariants'],
    Json,
  ]
  return { ruleSet: { ...ruleSet, rules }, invariants: rest[0], baseline: rest[1] }
}

const said = (pack: Promising, budgetOfConflicts?: number) =>
  verify(pack, budgetOfConflicts).verdicts.map((verdict) =>
    verdict.verdict === 'refuted'
      ? `refuted, ${verdict.witness!.deviations.length} facts away`
      : verdict.verdict,
  )

describe('verdicts do not depend on', () => {
  test.each(Object.entries(indifferent))('%s', (_, change) => {
    fc.assert(
      fc.property(promising, (pack) => {
        expect(said(change(pack))).toEqual(said(pack))
      }),
      { numRuns: Math.ceil(ruleSets / 4) },
    )
  })
})

describe('a budget that runs out', () => {
  test.each([0, 1, 2, 5])('of %s conflicts leaves a verdict unknown, or as it is', (conflicts) => {
    fc.assert(
      fc.property(promising, (pack) => {
        const right = verify(pack).verdicts
        for (const [index, { verdict }] of verify(pack, conflicts).verdicts.entries())
          expect(['unknown', right[index]!.verdict]).toContain(verdict)
      }),
      { numRuns: Math.ceil(ruleSets / 4) },
    )
  })

  test('proves nothing that takes longer', () => {
    const [pigeons, holes] = [7, 6]
    const fact = (pigeon: number, hole: number): `custom.p${string}` => `custom.p${pigeon}x${hole}`
    const all = Array.from({ length: pigeons }, (_, pigeon) =>
      Array.from({ length: holes }, (__, hole) => fact(pigeon, hole)),
    )
    const is = (name: string) => ({ fact: name, operator: 'equal', value: true })
    const sits = all.map((row) => ({ any: row.map(is) }))
    const alone = Array.from({ length: holes }, (_, hole) =>
      all.flatMap((row, one) =>
        all.slice(0, one).map((other) => ({ not: { all: [is(row[hole]!), is(other[hole]!)] } })),
      ),
    )
    const flag = { kind: 'flag', description: 'whether it sits there' } as const
    const pack: Promising = {
      ruleSet: {
        id: 'pigeons',
        title: 'Pigeons',
        revision: '',
        customFacts: Object.fromEntries(all.flat().map((name) => [name, flag])),
        assumptions: [],
        conditions: {},
        rules: asRules({ not: { all: [...sits, ...alone.flat()] } }, {}).rules,
        reportRules: [],
      },
      invariants: [
        {
          name: 'blocked',
          title: 'Blocked',
          when: { any: [is(all[0]![0]!), { not: is(all[0]![0]!) }] },
          promise: { exactly: 'block' },
        },
      ],
      baseline: {},
    }
    expect(said(pack, 5)).toEqual(['unknown'])
    expect(said(pack)).toEqual(['proved'])
  })
})

import fc from 'fast-check'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  explainer,
  factTable,
  inline,
  parsePack,
  printSignIn,
  tracer,
  Unavailable,
  type ConditionTrace,
  type Explanation,
  type Pack,
  type ShownCondition,
} from '../engine/index.ts'
import { leaveOut, put, signInJson, type Json } from './arbitraries.ts'
import { packOf, shippedPacks } from './packs.ts'

const now = Date.UTC(2024, 5, 15)
const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json))

const made = shippedPacks.map(({ pack, loaded }) => ({
  pack,
  loaded,
  ...inline(pack.ruleSet),
  explain: explainer(pack),
  trace: tracer(pack.ruleSet),
}))

/** Comparisons of a condition in the order in which they are written: what was seen, and whether they hold. */
function* shownIn(condition: ShownCondition, shared: Explanation['conditions']): Generator {
  if ('all' in condition) for (const each of condition.all) yield* shownIn(each, shared)
  else if ('any' in condition) for (const each of condition.any) yield* shownIn(each, shared)
  else if ('not' in condition) yield* shownIn(condition.not, shared)
  else if ('condition' in condition) {
    expect(shared[condition.condition]!.holds).toBe(condition.holds)
    yield* shownIn(shared[condition.condition]!, shared)
  } else yield [condition.fact, condition.operator, condition.holds]
}
function* tracedIn(trace: ConditionTrace): Generator {
  if ('all' in trace) for (const each of trace.all) yield* tracedIn(each)
  else if ('any' in trace) for (const each of trace.any) yield* tracedIn(each)
  else if ('not' in trace) yield* tracedIn(trace.not)
  else yield [trace.fact, trace.operator, trace.result]
}

/** What is explained is what the trace of the compiled rules says; whatever is said to change the outcome does. */
async function check(
  { pack, loaded, explain, trace, decide }: (typeof made)[number],
  json: Json,
): Promise<void> {
  const explained = await explain(decide, bytes(json), now)
  const parsed = loaded.parse(json, now)
  if ('faults' in explained) return expect(explained.faults).toEqual(parsed.faults)
  if (parsed.faults) throw new Error('explained although it has faults')
  const { decision, explanation } = explained
  const { results, failureResults } = trace(parsed.signIn)
  expect(explanation.rules.map(({ rule, applies }) => [rule, applies])).toEqual(
    [...results, ...failureResults].map(({ name, result }) => [name, result]),
  )
  for (const [index, { conditions }] of [...results, ...failureResults].entries())
    expect([...shownIn(explanation.rules[index]!.conditions, explanation.conditions)]).toEqual([
      ...tracedIn(conditions),
    ])
  const table = factTable(pack.ruleSet.customFacts)
  // Its class tells a client, and changes with it.
  const whole = leaveOut(printSignIn(parsed.signIn, table), 'client.clientAppUsed')
  for (const { outcome, requirements, changes } of explanation.wouldBe) {
    expect(outcome).not.toBe(decision.outcome)
    const after = loaded.parse(changes.reduce((each, { fact, to }) => put(each, fact, to), whole))
    if (after.faults) throw new Error('a change makes no sign-in')
    expect(loaded.decide(after.signIn)).toMatchObject({ outcome, requirements })
  }
}

describe('an explanation', () => {
  test('shows what the compiled rules see, and changes that do change the outcome', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...made), signInJson, (each, json) => check(each, json)),
      { numRuns: 100 },
    ))

  test.each(made.map((each) => [each.pack.ruleSet.id, each] as const))(
    'holds for all cases of %s',
    async (_, each) => {
      for (const { signIn } of each.pack.cases) await check(each, signIn)
    },
  )

  test('says where each condition is written', async () => {
    const { pack, explain, decide } = made[0]!
    const explained = await explain(decide, bytes(pack.cases[0]!.signIn), now)
    if ('faults' in explained) throw new Error('it is a sign-in')
    const { rules, conditions } = explained.explanation
    let looked = 0
    const look = (condition: ShownCondition, file: string): void => {
      const line = readFileSync(file, 'utf8').split('\n')[condition.line - 1]!
      if ('all' in condition) condition.all.forEach((each) => look(each, file))
      else if ('any' in condition) condition.any.forEach((each) => look(each, file))
      else if ('not' in condition) look(condition.not, file)
      else if ('condition' in condition) expect(line).toContain(condition.condition)
      // A comparison may begin on a line of its own.
      else if (line.includes('"')) expect(line).toContain(condition.fact)
      looked++
    }
    for (const { rule, file, line, conditions } of rules) {
      expect(existsSync(file)).toBe(true)
      expect(readFileSync(file, 'utf8').split('\n')[line - 1]).toContain(rule)
      look(conditions, file)
    }
    for (const { file, ...condition } of Object.values(conditions)) look(condition, file)
    expect(looked).toBeGreaterThan(80)
  })

  test('finds the same changes always, the nearest first', async () => {
    const { explain, decide } = made[0]!
    const body = readFileSync('examples/helpdesk-administrator.json')
    const [first, second] = await Promise.all([
      explain(decide, body, now),
      explain(decide, body, now),
    ])
    expect(first).toEqual(second)
    expect(first).toMatchObject({
      explanation: {
        wouldBe: [
          {
            outcome: 'allow',
            changes: [{ fact: 'session.mfa', from: 'earlier', to: 'thisSignIn' }],
          },
          {},
          {},
          { outcome: 'block' },
          {},
          {},
        ],
        triedAll: true,
      },
    })
  })

  /** A pack of rules that challenge unless facts are so. */
  function packWith(rules: Readonly<Record<string, unknown>>): Pack {
    const files = Object.entries(rules).map(([name, conditions]) => [
      `rules/${name}.json`,
      {
        name,
        title: name,
        control: 'someControl',
        source: 'some-document#here',
        conditions,
        event: { type: 'block', params: { code: 'blocked' } },
      },
    ])
    const pack = parsePack(packOf(Object.fromEntries(files)))
    if (pack.faults) throw new Error(JSON.stringify(pack.faults))
    return pack
  }
  const differs = (fact: string, value: unknown) => ({ fact, operator: 'notEqual', value })
  const ordinary = made[0]!.pack.cases[0]!.signIn

  test('changes two facts where one does not do', async () => {
    const pack = packWith({
      one: { all: [differs('device.familiarity', 'known')] },
      two: { all: [differs('location.familiarity', 'familiar')] },
    })
    const json = put(
      put(ordinary, 'device.familiarity', 'new'),
      'location.familiarity',
      'unfamiliar',
    )
    const explained = await explainer(pack)(inline(pack.ruleSet).decide, bytes(json), now)
    expect(explained).toMatchObject({
      decision: { outcome: 'block' },
      explanation: {
        wouldBe: [
          {
            outcome: 'allow',
            changes: [
              { fact: 'device.familiarity', from: 'new', to: 'known' },
              { fact: 'location.familiarity', from: 'unfamiliar', to: 'familiar' },
            ],
          },
        ],
        triedAll: true,
      },
    })
  })

  test('of many rules shows those that apply, and says how much it left out', async () => {
    const many = Array.from({ length: 800 }, (_, number) => [
      `rule-${number}`,
      { all: [differs('location.country', number === 799 ? 'ZZ' : 'DE')] },
    ])
    const pack = packWith(Object.fromEntries(many))
    const json = put(ordinary, 'location.country', 'DE')
    const explained = await explainer(pack)(inline(pack.ruleSet).decide, bytes(json), now)
    if ('faults' in explained) throw new Error('it is a sign-in')
    const { rules, rulesNotShown, triedAll } = explained.explanation
    expect(rules.map(({ applies }) => applies).indexOf(false)).toBe(1)
    expect(rules[0]!.rule).toBe('rule-799')
    expect([rules.length, rulesNotShown, triedAll]).toEqual([501, 299, true])
  })

  test('says nothing while another rule set decides', async () => {
    const [{ pack, explain }, other] = [made[0]!, made[1]!]
    await expect(explain(other.decide, bytes(pack.cases[0]!.signIn), now)).rejects.toBeInstanceOf(
      Unavailable,
    )
  })

  test('is refused when the decision is not that of the rules', async () => {
    const { pack, explain, decide } = made[0]!
    const lying: typeof decide = async (...asked) =>
      (await decide(...asked)).map((answer) =>
        'faults' in answer
          ? answer
          : {
              ...answer,
              json: answer.json.replace(/"requirements":\[[^\]]*\]/, '"requirements":[]'),
            },
      )
    const challenged = pack.cases.find(({ expect }) => expect.outcome === 'challenge')!
    await expect(explain(lying, bytes(challenged.signIn), now)).rejects.toThrow('do not give')
  })
})

import fc from 'fast-check'
import { Engine } from 'json-rules-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  combine,
  compile,
  compiler,
  inline,
  interpret,
  pooled,
  strategies,
  tracer,
  Unavailable,
  type Decide,
  type Decider,
  type Deciding,
  type SignIn,
} from '../engine/index.ts'
import { deciding, illTypedSignIn, junk, manyRules, signIn, signInJson } from './arbitraries.ts'
import { counterexamples } from './counterexamples.ts'
import { crossing } from './crossing.ts'
import { shippedPacks } from './packs.ts'

/**
 * Whenever json-rules-engine answers, the compiled rules answer the same. On facts that no parsed sign-in can hold it may
 * fail where we, not looking at what no longer matters, do not; then there is no answer to compare with.
 */
async function check(rules: Deciding, facts: SignIn, ways = compiledBothWays(rules)) {
  const interpreted = await interpret(rules, facts).catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error
    return undefined
  })
  if (interpreted === undefined) return
  for (const decide of ways) expect(decide(facts)).toEqual(interpreted)
}

/** A fact that can't become a number fails on some ways to look at it and not on others. */
function orFails<T>(decide: () => T): T | 'fails' {
  try {
    return decide()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return 'fails'
  }
}

/** A rule set of hundreds takes as long as many of a few. */
const third = Math.ceil((fc.readConfigureGlobal()?.numRuns ?? 300) / 3)

const compiledBothWays = (rules: Deciding): readonly Decide[] =>
  strategies.map((strategy) => compile(rules, strategy))

describe('compiled is interpreted', () => {
  test('for every rule set and every sign-in', () =>
    fc.assert(
      fc.asyncProperty(deciding, signIn, (rules, facts) => check(rules, facts)),
      {
        examples: counterexamples.compiledIsInterpreted,
      },
    ))

  test('for one sign-in after another: what was decided before never shows', () =>
    fc.assert(
      fc.asyncProperty(
        deciding,
        fc.array(signIn, { minLength: 2, maxLength: 5 }),
        async (rules, all) => {
          const ways = compiledBothWays(rules)
          for (const facts of all) await check(rules, facts, ways)
        },
      ),
      { numRuns: 100 },
    ))

  test('for sign-ins whose facts hold anything at all', () =>
    fc.assert(
      fc.asyncProperty(deciding, illTypedSignIn, (rules, facts) => check(rules, facts)),
      {
        examples: counterexamples.compiledIsInterpreted,
      },
    ))

  /** Which rules apply by themselves, each compiled alone; what follows from them is `combine`'s. */
  function oneByOne({ rules, conditions }: Deciding): Decide {
    const holds = compiler(conditions)
    const tests = rules.map((rule) => ({ rule, applies: holds(rule.conditions) }))
    return (facts) => {
      const applying = tests.filter(({ applies }) => applies(facts))
      return combine(
        applying.map(({ rule }) => rule),
        facts,
      )
    }
  }

  test('for as many rules as there may be, as for each of them alone', () =>
    fc.assert(
      fc.property(manyRules, fc.array(signIn, { minLength: 1, maxLength: 8 }), (set, all) => {
        const expected = oneByOne(set)
        for (const decide of compiledBothWays(set))
          for (const facts of all) expect(decide(facts)).toEqual(expected(facts))
      }),
      { numRuns: third },
    ))

  test('for as many rules as there may be: what is remembered of one sign-in is right for all that look alike', () =>
    fc.assert(
      fc.property(
        manyRules,
        signIn,
        signIn,
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 20, maxLength: 20 }),
        (set, one, other, crossings) => {
          const [decide, expected] = [compile(set, 'index'), oneByOne(set)]
          for (const crossing of [...crossings, ...crossings]) {
            const names = Object.keys(one) as (keyof SignIn)[]
            const facts = Object.fromEntries(
              names.map((name, index) => [
                name,
                ((crossing >> BigInt(index)) & 1n) === 0n ? one[name] : other[name],
              ]),
            ) as unknown as SignIn
            expect(decide(facts)).toEqual(expected(facts))
          }
        },
      ),
      { numRuns: third },
    ))

  test('for as many rules as there may be, and facts that hold anything at all', () =>
    fc.assert(
      fc.property(
        manyRules,
        fc.array(illTypedSignIn, { minLength: 1, maxLength: 8 }),
        (set, all) => {
          const [decide, expected] = [compile(set, 'index'), oneByOne(set)]
          for (const facts of all) {
            const [ours, theirs] = [orFails(() => decide(facts)), orFails(() => expected(facts))]
            if (ours !== 'fails' && theirs !== 'fails') expect(ours).toEqual(theirs)
          }
        },
      ),
      { numRuns: third },
    ))

  test('for as many rules as there may be', () =>
    fc.assert(
      fc.asyncProperty(manyRules, signIn, (set, facts) => check(set, facts)),
      { numRuns: 20 },
    ))

  test.each(shippedPacks)('for every sign-in under $name', ({ loaded }) =>
    fc.assert(
      fc.asyncProperty(signIn, (facts) => check(loaded.ruleSet, facts)),
      { numRuns: 100 },
    ),
  )
})

describe('a trace shows what json-rules-engine shows', () => {
  async function oracle({ rules, conditions }: Deciding, facts: SignIn) {
    const engine = new Engine([], { allowUndefinedFacts: true })
    for (const [name, condition] of Object.entries(conditions))
      engine.setCondition(name, structuredClone(condition) as never)
    for (const { name, conditions, event } of rules)
      engine.addRule({ name, conditions: structuredClone(conditions) as never, event })
    const { results, failureResults } = await engine.run(facts as never)
    const shown = (all: typeof results) =>
      all
        .map((result) => result.toJSON(false) as { readonly name: string })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    return { results: shown(results), failureResults: shown(failureResults) }
  }

  const orRejects = async <T>(run: () => Promise<T>): Promise<T | 'fails'> => {
    try {
      return await run()
    } catch {
      return 'fails'
    }
  }

  const shownAlike = async (rules: Deciding, facts: SignIn, trace = tracer(rules)) => {
    const { decision, ...shown } = trace(facts)
    expect(shown).toEqual(await oracle(rules, facts))
    expect(decision).toEqual(compile(rules)(facts))
  }

  test('for every rule set and every sign-in', () =>
    fc.assert(fc.asyncProperty(deciding, signIn, (rules, facts) => shownAlike(rules, facts))))

  test('for one sign-in after another, whatever their facts hold: what is kept of one shows nothing of it in the next', () =>
    fc.assert(
      fc.asyncProperty(
        deciding,
        fc.array(fc.oneof(signIn, illTypedSignIn), { minLength: 2, maxLength: 6 }),
        async (rules, all) => {
          const trace = tracer(rules)
          for (const facts of [...all, ...all])
            if ((await orRejects(() => oracle(rules, facts))) !== 'fails')
              await shownAlike(rules, facts, trace)
        },
      ),
      { numRuns: 100 },
    ))

  test('for as many rules as there may be', () =>
    fc.assert(
      fc.asyncProperty(manyRules, signIn, (rules, facts) => shownAlike(rules, facts)),
      { numRuns: 20 },
    ))
})

describe('pooled is inline', () => {
  const [first] = shippedPacks
  if (first === undefined) throw new Error('no pack')
  const ruleSet = first.loaded.ruleSet
  const onThread = inline(ruleSet)
  let onPool: Decider
  beforeAll(async () => {
    onPool = await pooled(ruleSet, { threads: 2 })
  })
  afterAll(() => onPool.close())

  const bodies = fc.array(
    fc
      .oneof(
        signInJson.map((json) => JSON.stringify(json)),
        junk.map((value) => JSON.stringify(value) ?? ''),
        fc.string(),
      )
      .map((text) => Buffer.from(text)),
    { maxLength: 300 },
  )

  test('for every batch', () =>
    fc.assert(
      fc.asyncProperty(bodies, fc.nat(), async (batch, now) => {
        expect((await onPool.decide(batch, now)).map(crossing)).toEqual(
          (await onThread.decide(batch, now)).map(crossing),
        )
      }),
      { numRuns: 50 },
    ))

  test('a batch is the map of its members, however they come in together', () =>
    fc.assert(
      fc.asyncProperty(bodies, fc.nat(), async (batch, now) => {
        const singles = await Promise.all(batch.map((body) => onPool.decide([body], now)))
        expect(singles.flat().map(crossing)).toEqual(
          (await onThread.decide(batch, now)).map(crossing),
        )
      }),
      { numRuns: 50 },
    ))

  test('a single question does not wait for a whole batch, and closing twice is closing', async () => {
    const one = await pooled(ruleSet, { threads: 1 })
    const body = Buffer.from(JSON.stringify(shippedPacks[0]!.pack.cases[0]!.signIn))
    const order: string[] = []
    const batch = one
      .decide(
        Array.from({ length: 5_000 }, () => body),
        0,
      )
      .then(() => order.push('batch'))
    const single = one.decide([body], 0).then(() => order.push('single'))
    await Promise.all([batch, single, one.close(), one.close()])
    expect(order).toEqual(['single', 'batch'])
  })

  test('a question that no thread takes in time is turned away, never forgotten', async () => {
    const slow = await pooled(ruleSet, { threads: 1, deadlineMs: 1 })
    const body = Buffer.from(JSON.stringify(shippedPacks[0]!.pack.cases[0]!.signIn))
    const asked = Array.from({ length: 200 }, (_, index) =>
      slow.decide(
        Array.from({ length: index % 7 === 0 ? 300 : 1 }, () => body),
        0,
      ),
    )
    for (const each of await Promise.allSettled(asked)) {
      if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(Unavailable)
      else
        expect(each.value.map(crossing)).toEqual(
          (
            await onThread.decide(
              each.value.map(() => body),
              0,
            )
          ).map(crossing),
        )
    }
    await slow.close()
  })

  test.each([
    ['inline', () => Promise.resolve(inline(ruleSet))],
    ['pooled', () => pooled(ruleSet, { threads: 2 })],
  ] as const)('%s: after a swap everything is decided by the new rule set', async (_, make) => {
    const other = shippedPacks[1]!.loaded.ruleSet
    const decider = await make()
    const body = Buffer.from(JSON.stringify(shippedPacks[0]!.pack.cases[0]!.signIn))
    await Promise.all([other, ruleSet, other].map((each) => decider.swap(each)))
    expect(decider.ruleSet).toBe(other)
    const expected = (await inline(other).decide([body], 0)).map(crossing)
    expect(crossing(decider.atOnce(body, 0)!)).toEqual(expected[0])
    expect(
      (await Promise.all(Array.from({ length: 8 }, () => decider.decide([body], 0))))
        .flat()
        .map(crossing),
    ).toEqual(Array.from({ length: 8 }, () => expected[0]))
    await decider.close()
  })

  test('each question is decided at its own time, whatever it travels with', async () => {
    const { at: _, ...timeless } = shippedPacks[0]!.pack.cases[0]!.signIn
    const body = Buffer.from(JSON.stringify(timeless))
    const nows = Array.from({ length: 40 }, (_, index) => Date.UTC(2024, 5, 1 + index))
    const answers = await Promise.all(nows.map((now) => onPool.decide([body], now)))
    const wanted = await Promise.all(nows.map((now) => onThread.decide([body], now)))
    expect(answers.flat().map(crossing)).toEqual(wanted.flat().map(crossing))
  })

  test('the same revision decides the same sign-in alike, on any thread at any time', () =>
    fc.assert(
      fc.asyncProperty(signInJson, fc.nat(), async (json, now) => {
        const body = Buffer.from(JSON.stringify(json))
        const answers = await Promise.all(
          Array.from({ length: 8 }, () => onPool.decide([body], now)),
        )
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      }),
      { numRuns: 50 },
    ))
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atLeastAsStrict,
  combine,
  comparisonsOf,
  compile,
  requirements,
  type Condition,
  type Deciding,
  type Rule,
} from '../engine/index.ts'
import { deciding, factValue, rules, signIn } from './arbitraries.ts'
import { facts } from '../engine/index.ts'
import { packOf } from './packs.ts'
import { faultText, parsePack } from '../engine/index.ts'

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length })

const namesOf = (all: readonly Rule[], effect: string) =>
  all.filter(({ event }) => event.type === effect).map(({ name }) => name)

describe('combining', () => {
  test('a blocking rule that applies blocks, whatever else applies', () => {
    fc.assert(
      fc.property(rules, signIn, (applicable, facts) => {
        fc.pre(namesOf(applicable, 'block').length > 0)
        expect(combine(applicable, facts).outcome).toBe('block')
      }),
    )
  })

  test('requirements and reasons are exactly those of the applicable rules', () => {
    fc.assert(
      fc.property(rules, signIn, (applicable, facts) => {
        const decision = combine(applicable, facts)
        const blocks = namesOf(applicable, 'block')
        const challenges = namesOf(applicable, 'challenge')
        const determining = blocks.length > 0 ? blocks : challenges
        expect(decision.reasons.map(({ rule }) => rule)).toEqual(determining.toSorted())
        expect(decision.advice.map(({ rule }) => rule)).toEqual(
          namesOf(applicable, 'advise').toSorted(),
        )
        const demanded = applicable.flatMap(({ event }) =>
          event.type === 'challenge' ? [event.params.requirement] : [],
        )
        const wanted =
          blocks.length > 0 ? [] : requirements.filter((each) => demanded.includes(each))
        expect(decision.requirements).toEqual(wanted)
        expect(decision.outcome).toBe(
          blocks.length > 0 ? 'block' : wanted.length > 0 ? 'challenge' : 'allow',
        )
      }),
    )
  })

  test('order and duplicates of rules never matter', () => {
    fc.assert(
      fc.property(
        deciding.chain((set) => fc.tuple(fc.constant(set), shuffled([...set.rules, ...set.rules]))),
        signIn,
        ([set, mixed], facts) => {
          expect(compile({ ...set, rules: mixed })(facts)).toEqual(compile(set)(facts))
        },
      ),
    )
  })

  test('adding a rule never loosens', () => {
    fc.assert(
      fc.property(deciding, signIn, (set, facts) => {
        const fewer = { ...set, rules: set.rules.slice(1) }
        expect(atLeastAsStrict(compile(set)(facts), compile(fewer)(facts))).toBe(true)
      }),
    )
  })

  test('a fact that no condition mentions never matters', () => {
    fc.assert(
      fc.property(
        deciding,
        signIn,
        fc
          .constantFrom(...Object.entries(facts))
          .chain(([fact, { kind }]) => fc.tuple(fc.constant(fact), factValue(kind))),
        (set, sent, [fact, value]) => {
          fc.pre(!mentioned(set).has(fact))
          const other = { ...sent, [fact]: value }
          expect(verdict(compile(set)(other))).toEqual(verdict(compile(set)(sent)))
        },
      ),
    )
  })
})

/** What a rule shows is mentioned by the rule, so only what decides is compared. */
const verdict = ({ outcome, requirements, reasons }: ReturnType<ReturnType<typeof compile>>) => ({
  outcome,
  requirements,
  rules: reasons.map(({ rule }) => rule),
})

const mentioned = (set: Deciding) =>
  new Set(
    [...set.rules.map(({ conditions }) => conditions), ...Object.values(set.conditions)].flatMap(
      (condition) =>
        [...comparisonsOf(condition)].flatMap(({ fact, value }) => [
          fact,
          ...(typeof value === 'object' && value !== null && 'fact' in value ? [value.fact] : []),
        ]),
    ),
  )

describe('a pack', () => {
  test('means the same whatever the priority of its rules, and in whatever order it was written', () => {
    fc.assert(
      fc.property(
        deciding,
        fc.array(fc.integer({ min: 1, max: 9 })),
        fc.boolean(),
        (set, priorities, reversed) => {
          const plain = parsed(files(set, []))
          const other = parsed(
            files({ ...set, rules: reversed ? set.rules.toReversed() : set.rules }, priorities),
          )
          expect(other.revision).toBe(plain.revision)
          expect(other.rules).toEqual(plain.rules)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('survives being written down: what is parsed from its files is what was meant', () => {
    fc.assert(
      fc.property(deciding, fc.boolean(), (set, inLists) => {
        const { rules, conditions } = parsed(files(set, [], inLists))
        expect(rules).toEqual(set.rules)
        expect(conditions).toEqual(set.conditions)
      }),
      { numRuns: 100 },
    )
  })
})

function parsed(source: Readonly<Record<string, unknown>>) {
  const pack = parsePack(packOf(source))
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack.ruleSet
}

/** The rule set as its author would have written it: times in ISO 8601, and constants in lists where that is wanted. */
function files(
  set: Deciding,
  priorities: readonly number[],
  inLists = false,
): Readonly<Record<string, unknown>> {
  const lists: Record<string, unknown> = {}
  const written = (condition: Condition): unknown => {
    if ('all' in condition) return { all: condition.all.map(written) }
    if ('any' in condition) return { any: condition.any.map(written) }
    if ('not' in condition) return { not: written(condition.not) }
    if ('condition' in condition) return condition
    const { kind } = facts[condition.fact as keyof typeof facts]
    const isTime = kind.kind === 'timestamp' || kind.kind === 'timestampOrNever'
    const iso = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(iso)
      return isTime && typeof value === 'number' ? new Date(value).toISOString() : value
    }
    const value = iso(condition.value)
    if (!inLists || !Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      return { ...condition, value }
    const list = `list${Object.keys(lists).length}`
    lists[list] = { description: 'a list', values: value.map((each) => ({ value: each })) }
    return { ...condition, value: { list } }
  }
  const ruleFiles = set.rules.map((rule, index) => [
    `rules/${rule.name}.json`,
    {
      ...rule,
      conditions: written(rule.conditions),
      ...(priorities[index] !== undefined && { priority: priorities[index] }),
    },
  ])
  const conditions = Object.entries(set.conditions).map(([name, each]) => [name, written(each)])
  return {
    'conditions.json': Object.fromEntries(conditions),
    'lists.json': lists,
    ...Object.fromEntries(ruleFiles),
  }
}

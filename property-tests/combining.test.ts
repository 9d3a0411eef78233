import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atLeastAsStrict,
  combine,
  comparisonsOf,
  compile,
  requirements,
  type Deciding,
  type Rule,
} from '../engine/index.ts'
import { deciding, factValue, rules, signIn } from './arbitraries.ts'
import { facts } from '../engine/index.ts'
import { files, parsed } from './written.ts'

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

import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { compile, interpret, type Condition, type Deciding, type SignIn } from '../engine/index.ts'

/** Texts that would do harm if they ever stood in code unquoted. */
const hostile = fc.oneof(
  fc.constantFrom(
    '"); globalThis.harmed = true; ("',
    "'); globalThis.harmed = true; ('",
    '`); globalThis.harmed = true; (`',
    '${globalThis.harmed = true}',
    '*/ globalThis.harmed = true /*',
    '// \n globalThis.harmed = true',
    '\u2028globalThis.harmed = true\u2029',
    '\\"); globalThis.harmed = true; //',
    '\nconst globalThis.harmed = true',
    '</script><script>globalThis.harmed = true</script>',
    'signIn',
    'values[0]',
    'x',
    'set',
    'table',
    '\0',
    '\uD800',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const names = hostile.filter((name) => name !== '')

afterEach(() => {
  expect(globalThis).not.toHaveProperty('harmed')
})

const ruleOn = (conditions: Condition, name = 'rule'): Deciding['rules'][number] => ({
  name,
  title: name,
  control: name,
  source: name,
  conditions,
  event: { type: 'block', params: { code: name } },
})

describe('generated code', () => {
  test('takes whatever stands in a rule for text, wherever it stands', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          fact: names,
          shared: names,
          rule: names,
          value: hostile,
          list: fc.uniqueArray(hostile, { minLength: 1, maxLength: 8 }),
        }),
        hostile,
        async ({ fact, shared, rule, value, list }, sent) => {
          const conditions = {
            [shared]: {
              any: [
                { fact, operator: 'equal', value },
                { fact, operator: 'in', value: list },
                { fact, operator: 'someFact:in', value: list },
              ],
            },
          } satisfies Deciding['conditions']
          const set = {
            rules: [
              ruleOn({ condition: shared }, rule),
              ruleOn({ not: { condition: shared } }, `${rule}2`),
            ],
            conditions,
          }
          for (const each of [sent, value, list[0], [sent, list.at(-1)]]) {
            const signIn = { [fact]: each } as unknown as SignIn
            expect(compile(set)(signIn)).toEqual(await interpret(set, signIn))
          }
        },
      ),
    ))

  test('knows the members of a list from all other texts, and from what is no text', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(hostile, fc.uuid(), fc.string()), { minLength: 1, maxLength: 60 }),
        hostile,
        (list, other) => {
          const decide = compile({
            rules: [ruleOn({ all: [{ fact: 'it', operator: 'in', value: list }] })],
            conditions: {},
          })
          const holds = (it: unknown) => decide({ it } as unknown as SignIn).outcome === 'block'
          for (const each of list) {
            expect(holds(each)).toBe(true)
            expect(holds(`${each}x`)).toBe(list.includes(`${each}x`))
            expect(holds(each.slice(1))).toBe(list.includes(each.slice(1)))
            expect(holds([each])).toBe(false)
          }
          for (const each of [other, undefined, null, 0, {}, []])
            expect(holds(each)).toBe(list.includes(each as string))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('tells rules apart however many there are', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 25, max: 95 }),
        fc.integer({ min: 0, max: 100 }),
        async (count, age) => {
          const rules = Array.from({ length: count }, (_, index) =>
            ruleOn(
              { all: [{ fact: 'age', operator: 'greaterThan', value: index }] },
              `rule-${index}`,
            ),
          )
          const set = { rules, conditions: {} }
          const signIn = { age } as unknown as SignIn
          expect(compile(set)(signIn)).toEqual(await interpret(set, signIn))
        },
      ),
      { numRuns: 30 },
    ))

  test('hands out decisions that nobody can change for the others', () => {
    const decide = compile({
      rules: [ruleOn({ all: [{ fact: 'it', operator: 'equal', value: true }] })],
      conditions: {},
    })
    const decision = decide({ it: true } as unknown as SignIn)
    expect(() => (decision.reasons as unknown as unknown[]).pop()).toThrow(TypeError)
    expect(decide({ it: true } as unknown as SignIn)).toEqual(decision)
  })
  test('shows each sign-in its own facts, however many decisions were kept', () => {
    const shows = ['registration.graceDaysLeft', 'user.roles']
    const conditions: Condition = { all: [] }
    const event = { type: 'advise', params: { advice: 'a', code: 'a', shows } } as const
    const decide = compile({ rules: [{ ...ruleOn(conditions), event }], conditions: {} })
    const facts = Array.from({ length: 5_000 }, (_, index) => ({
      'registration.graceDaysLeft': index === 0 ? -0 : index - 1,
      'user.roles': index % 10 === 0 ? [`${index}`] : 'none',
    }))
    for (const each of [...facts, ...facts])
      expect(decide(each as unknown as SignIn).advice[0]!.facts).toStrictEqual(each)
  })
})

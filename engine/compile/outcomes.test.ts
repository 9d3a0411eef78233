import { expect, test } from 'vitest'
import type { Rule, SignIn } from '../index.ts'
import { outcomesOf } from './outcomes.ts'

const shows = 'registration.graceDaysLeft'
const rule: Rule = {
  name: 'rule',
  title: 'A rule',
  control: 'someControl',
  source: 'some-document#here',
  conditions: { all: [] },
  event: { type: 'advise', params: { advice: 'some', code: 'advised', shows: [shows] } },
}
const showing = (value: unknown) => ({ [shows]: value }) as unknown as SignIn

test('a decision is made once for each value of what it shows, and then shared', () => {
  const { decide } = outcomesOf([rule])
  const made = [0, null, 'none', -0].map((value) => decide(1, showing(value)))
  expect(new Set(made).size).toBe(4)
  for (const [index, value] of [0, null, 'none', -0].entries())
    expect(decide(1, showing(value))).toBe(made[index])
})

test('some thousand decisions are kept, of as many values as there may be', () => {
  const { decide, kept } = outcomesOf([rule])
  for (let days = 0; days < 10_000; days++) decide(1, showing(days))
  expect(kept.get(1)!.by!.size).toBe(10_000 % 4_096)
})

test('what shows an array is not kept, since no other array is the same', () => {
  const { decide, kept } = outcomesOf([rule])
  expect(decide(1, showing(['a'])).advice[0]!.facts).toEqual({ [shows]: ['a'] })
  expect(kept.size).toBe(0)
})

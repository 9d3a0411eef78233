import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compile,
  diff,
  labelOf,
  type Compared,
  type Decision,
  type Deciding,
  type RuleSet,
  type SignIn,
} from '../engine/index.ts'
import { deciding, signIn } from './arbitraries.ts'

const packOf = (rules: Deciding) => ({
  ruleSet: { ...rules, customFacts: {}, assumptions: [], reportRules: [] } as unknown as RuleSet,
  baseline: {},
})

/** Whether a change of that kind is what happened from one decision to the other. */
function isOf({ change }: Compared, from: Decision, to: Decision): boolean {
  const advises = ({ advice }: Decision, name: string) =>
    advice.some((each) => each.advice === name)
  if (change.from !== from.outcome || change.to !== to.outcome) return false
  if (change.label !== labelOf(from, to)) return false
  const { dropped, added, given, withdrawn } = change
  const has = ({ requirements }: Decision, name: string) =>
    (requirements as readonly string[]).includes(name)
  return (
    (dropped === undefined || (has(from, dropped) && !has(to, dropped))) &&
    (added === undefined || (!has(from, added) && has(to, added))) &&
    (given === undefined || (!advises(from, given) && advises(to, given))) &&
    (withdrawn === undefined || (advises(from, withdrawn) && !advises(to, withdrawn)))
  )
}

let compared = 0

function check(from: Deciding, to: Deciding, signIns: readonly SignIn[]): void {
  const result = diff(packOf(from), packOf(to))
  if (result.unsupported !== undefined) return
  compared++
  const [was, is] = [compile(from), compile(to)]
  for (const each of result.compared)
    if (each.verdict === 'some')
      expect(isOf(each, was(each.witness.signIn), is(each.witness.signIn))).toBe(true)
  for (const each of signIns) {
    const [before, after] = [was(each), is(each)]
    const found = result.compared.filter((one) => isOf(one, before, after))
    for (const one of found) expect(one.verdict).toBe('some')
    const isOther = labelOf(before, after) !== 'alike'
    if (isOther) expect(found.length).toBeGreaterThan(0)
  }
}

describe('what is said to differ does, and nothing else', () => {
  test('every sign-in that two rule sets decide otherwise is of a kind that is shown, and witnesses are of theirs', () => {
    fc.assert(
      fc.property(
        deciding,
        deciding,
        fc.array(signIn, { minLength: 4, maxLength: 12 }),
        (from, to, signIns) => check(from, to, signIns),
      ),
      { interruptAfterTimeLimit: 10_000 },
    )
    expect(compared).toBeGreaterThan(20)
  })
})

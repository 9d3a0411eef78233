import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compile,
  facts,
  modelOf,
  orUnsupported,
  Unsupported,
  type Deciding,
  type FactTable,
  type FactValue,
  type SignIn,
} from '../engine/index.ts'
import { deciding, signIn } from './arbitraries.ts'

const table: FactTable = facts

/** Ids that nobody mentions are told apart only where they are those of the ordinary sign-in. */
const comparesIds = (rules: Deciding) =>
  /(?:appId|roles)","operator":"[^"]*","value":\{/.test(JSON.stringify(rules))

let modelled = 0

function check(rules: Deciding, ordinary: SignIn, signIns: readonly SignIn[]): void {
  const model = orUnsupported(() => modelOf(table, ordinary, [], [rules]))
  const decided = model instanceof Unsupported ? model : orUnsupported(model.parts[0]!.decided)
  if (model instanceof Unsupported || decided instanceof Unsupported) return
  modelled++
  const { formula } = model
  const { outcome: outcomes, demands } = decided
  const decide = compile(rules)
  for (const each of signIns) {
    const { outcome, requirements } = decide(each)
    const values = each as Readonly<Record<string, FactValue>>
    const given = model.inputs.map((fact) => model.is(fact, values[fact]!))
    // It is in the model, is decided there as it is, and not otherwise.
    expect(formula.solve(given)).toBe('satisfiable')
    expect(formula.isTrue(outcomes[outcome])).toBe(true)
    for (const requirement of requirements) expect(formula.isTrue(demands[requirement])).toBe(true)
    const otherwise = [...given, -outcomes[outcome]]
    expect(formula.solve(otherwise)).toBe('unsatisfiable')
    expect(model.certify(otherwise)).toBeUndefined()
    // And the other way: what the model finds is a sign-in of that kind.
    expect(formula.solve([outcomes[outcome]])).toBe('satisfiable')
    expect(decide(model.signIn()).outcome).toBe(outcome)
  }
}

describe('what is proved is what is decided', () => {
  test('every sign-in is in the model, and is decided there as by the compiled rules', () => {
    fc.assert(
      fc.property(
        deciding,
        signIn,
        fc.array(signIn, { minLength: 1, maxLength: 4 }),
        (rules, ordinary, signIns) =>
          comparesIds(rules)
            ? signIns.forEach((each) => check(rules, each, [each]))
            : check(rules, ordinary, signIns),
      ),
      { interruptAfterTimeLimit: 60_000 },
    )
    expect(modelled).toBeGreaterThan(20)
  })
})

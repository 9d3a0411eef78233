import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compile,
  facts,
  type Deciding,
  type FactTable,
  type FactValue,
  type SignIn,
} from '../engine/index.ts'
import { termMaker } from '../engine/compile/term.ts'
import { deciding as decidedIn } from '../engine/verify/deciding.ts'
import { encoding } from '../engine/verify/encoding.ts'
import { Unsupported } from '../engine/verify/test.ts'
import { deciding, signIn } from './arbitraries.ts'

const table: FactTable = facts

/** The model of a rule set, or undefined where something in it is not modelled. */
function modelOf({ rules, conditions }: Deciding, ordinary: SignIn) {
  const termOf = termMaker(conditions)
  const parts = rules.map((rule) => ({ rule, term: termOf(rule.conditions) }))
  const terms = parts.map(({ term }) => term)
  try {
    const model = encoding(table, terms, ordinary, [])
    return { ...model, ...decidedIn(model, parts) }
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}

/** Ids that nobody mentions are told apart only where they are those of the ordinary sign-in. */
const comparesIds = (rules: Deciding) =>
  /(?:appId|roles)","operator":"[^"]*","value":\{/.test(JSON.stringify(rules))

let modelled = 0

function check(rules: Deciding, ordinary: SignIn, signIns: readonly SignIn[]): void {
  const model = modelOf(rules, ordinary)
  if (model === undefined) return
  modelled++
  const { formula, outcome: outcomes, demands } = model
  const decide = compile(rules)
  for (const each of signIns) {
    const { outcome, requirements } = decide(each)
    const values = each as Readonly<Record<string, FactValue>>
    const given = model.inputs.map((fact) => model.is(fact, values[fact]!))
    // It is in the model, is decided there as it is, and not otherwise.
    expect(formula.solve(given)).toBe('satisfiable')
    expect(formula.isTrue(outcomes[outcome])).toBe(true)
    for (const requirement of requirements) expect(formula.isTrue(demands[requirement])).toBe(true)
    expect(formula.solve([...given, -outcomes[outcome]])).toBe('unsatisfiable')
    // And the other way: what the model finds is a sign-in of that kind.
    expect(formula.solve([outcomes[outcome]])).toBe('satisfiable')
    expect(decide(model.signIn()).outcome).toBe(outcome)
  }
  expect(model.certify()).toBeUndefined()
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

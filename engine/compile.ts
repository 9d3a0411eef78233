import type { Condition } from './condition.ts'
import { combine, type Decide, type Rule } from './decision.ts'
import type { SignIn } from './facts.ts'
import { resolveOperator } from './operators.ts'

type Test = (signIn: SignIn) => boolean

/** The part of a rule set that decides. */
export type Deciding = {
  readonly rules: readonly Rule[]
  /** Shared conditions by name; a rule refers to them with `{"condition": name}`. */
  readonly conditions: Readonly<Record<string, Condition>>
}

/** Turns a rule set into one synchronous function. It means what `interpret` means; a property test holds them together. */
export function compile({ rules, conditions }: Deciding): Decide {
  const compiled = compiler(conditions)
  const tests = rules.map((rule) => [rule, compiled(rule.conditions)] as const)
  return (signIn) => {
    const applicable: Rule[] = []
    for (const [rule, applies] of tests) if (applies(signIn)) applicable.push(rule)
    return combine(applicable, signIn)
  }
}

/** A compiler of conditions over these shared ones, each of which is compiled once. */
export function compiler(conditions: Deciding['conditions']): (condition: Condition) => Test {
  const shared = new Map<string, Test>()
  return test

  function test(condition: Condition): Test {
    if ('all' in condition) {
      const members = condition.all.map(test)
      return (signIn) => members.every((member) => member(signIn))
    }
    if ('any' in condition) {
      const members = condition.any.map(test)
      // json-rules-engine holds an empty `any` to be true; packs can't have one.
      return (signIn) => members.length === 0 || members.some((member) => member(signIn))
    }
    if ('not' in condition) {
      const member = test(condition.not)
      return (signIn) => !member(signIn)
    }
    if ('condition' in condition) return sharedTest(condition.condition)

    const { fact, operator: name, value } = condition
    const operator = resolveOperator(name)
    if (operator === undefined) throw new TypeError(`unknown operator: ${name}`)
    const holds = operator.holds
    if (isReference(value)) {
      const other = value.fact
      return (signIn) => holds(factOf(signIn, fact), factOf(signIn, other))
    }
    return (signIn) => holds(factOf(signIn, fact), value)
  }

  function sharedTest(name: string): Test {
    let found = shared.get(name)
    if (found === undefined) {
      if (!Object.hasOwn(conditions, name)) throw new TypeError(`undefined condition: ${name}`)
      found = test(conditions[name]!)
      shared.set(name, found)
    }
    return found
  }
}

const factOf = (signIn: SignIn, fact: string): unknown =>
  (signIn as Readonly<Record<string, unknown>>)[fact]

const isReference = (value: unknown): value is { readonly fact: string } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

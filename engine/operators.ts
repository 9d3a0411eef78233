import { didYouMean, oneOfThese, show, type Fault } from './fault.ts'
import type { Shape } from './kinds.ts'

/** `fact` is what the sign-in says, `value` what the rule says. */
export type Holds = (fact: unknown, value: unknown) => boolean

/**
 * One entry an operator: what it means and what it may be applied to. The names and meanings are json-rules-engine's to
 * the letter, also for values that the rule checks would refuse (its own table: engine-default-operators.js of 7.3.1).
 */
export type Operator = {
  readonly holds: Holds
  readonly fact: Shape
  readonly value: Shape
  readonly says: string
}

const single: Shape = { depth: 0, ordered: false }
const ordered: Shape = { depth: 0, ordered: true }
const array: Shape = { depth: 1, ordered: false }

/** json-rules-engine compares numbers only when the fact looks like one; the value is not looked at. */
const readsAsNumber = (fact: unknown) => !Number.isNaN(Number.parseFloat(fact as string))

type Ordered = (fact: number, value: number) => boolean
const comparison = (compare: Ordered, says: string): Operator => ({
  holds: (fact, value) => readsAsNumber(fact) && compare(fact as number, value as number),
  fact: ordered,
  value: ordered,
  says,
})

export const operators: Readonly<Record<string, Operator>> = {
  equal: {
    holds: (fact, value) => fact === value,
    fact: single,
    value: single,
    says: 'is',
  },
  notEqual: {
    holds: (fact, value) => fact !== value,
    fact: single,
    value: single,
    says: 'is not',
  },
  in: {
    holds: (fact, value) => (value as unknown[]).indexOf(fact) > -1,
    fact: single,
    value: array,
    says: 'is one of',
  },
  notIn: {
    holds: (fact, value) => (value as unknown[]).indexOf(fact) === -1,
    fact: single,
    value: array,
    says: 'is none of',
  },
  contains: {
    holds: (fact, value) => Array.isArray(fact) && fact.indexOf(value) > -1,
    fact: array,
    value: single,
    says: 'contains',
  },
  doesNotContain: {
    holds: (fact, value) => Array.isArray(fact) && fact.indexOf(value) === -1,
    fact: array,
    value: single,
    says: 'does not contain',
  },
  lessThan: comparison((fact, value) => fact < value, 'is less than'),
  lessThanInclusive: comparison((fact, value) => fact <= value, 'is at most'),
  greaterThan: comparison((fact, value) => fact > value, 'is greater than'),
  greaterThanInclusive: comparison((fact, value) => fact >= value, 'is at least'),
}

/** A decorator stands before an operator (`someFact:in`) and says how it is applied. */
export type Decorator = {
  readonly decorate: (next: Holds) => Holds
  readonly fact: (next: Pick<Operator, 'fact' | 'value'>) => Shape
  readonly value: (next: Pick<Operator, 'fact' | 'value'>) => Shape
  readonly says: string
}

const arrayOf = (shape: Shape): Shape => ({ ...shape, depth: shape.depth + 1 })

/** json-rules-engine's decorators (engine-default-operator-decorators.js of 7.3.1). */
export const decorators: Readonly<Record<string, Decorator>> = {
  someFact: {
    decorate: (next) => (fact, value) =>
      Array.isArray(fact) && fact.some((member) => next(member, value)),
    fact: (next) => arrayOf(next.fact),
    value: (next) => next.value,
    says: 'some member',
  },
  everyFact: {
    decorate: (next) => (fact, value) =>
      Array.isArray(fact) && fact.every((member) => next(member, value)),
    fact: (next) => arrayOf(next.fact),
    value: (next) => next.value,
    says: 'every member',
  },
  someValue: {
    decorate: (next) => (fact, value) => (value as unknown[]).some((member) => next(fact, member)),
    fact: (next) => next.fact,
    value: (next) => arrayOf(next.value),
    says: 'for some of the values',
  },
  everyValue: {
    decorate: (next) => (fact, value) => (value as unknown[]).every((member) => next(fact, member)),
    fact: (next) => next.fact,
    value: (next) => arrayOf(next.value),
    says: 'for all of the values',
  },
  swap: {
    decorate: (next) => (fact, value) => next(value, fact),
    fact: (next) => next.value,
    value: (next) => next.fact,
    says: 'the other way round',
  },
  not: {
    decorate: (next) => (fact, value) => !next(fact, value),
    fact: (next) => next.fact,
    value: (next) => next.value,
    says: 'not',
  },
}

/** Decorators are read from the left, so the leftmost is the outermost: `not:someFact:in` is "no member is in". */
export function resolveOperator(name: string): Operator | undefined {
  if (Object.hasOwn(operators, name)) return operators[name]
  const colon = name.indexOf(':')
  const decorator =
    colon > 0 && Object.hasOwn(decorators, name.slice(0, colon)) && decorators[name.slice(0, colon)]
  if (!decorator) return undefined
  const next = resolveOperator(name.slice(colon + 1))
  return (
    next && {
      holds: decorator.decorate(next.holds),
      fact: decorator.fact(next),
      value: decorator.value(next),
      says: `${decorator.says} ${next.says}`,
    }
  )
}

const mostDecorators = 4

/** The operator of that name, or what is wrong with the name. */
export function parseOperator(name: unknown, pointer: string): Operator | Fault {
  const operator =
    typeof name === 'string' && name.split(':').length <= mostDecorators + 1
      ? resolveOperator(name)
      : undefined
  if (operator !== undefined) return operator
  const names = [...Object.keys(operators), ...usualDecorated]
  return {
    pointer,
    expected: `an operator: ${oneOfThese(names, names.length)}, or one of them behind ${Object.keys(decorators).join(':, ')}:`,
    got: show(name),
    ...didYouMean(name, names),
  }
}

/** Named in help and editors beside the plain operators: the decorated forms that rules on arrays need. */
export const usualDecorated = [
  'someFact:in',
  'not:someFact:in',
  'everyFact:in',
  'someFact:equal',
] as const

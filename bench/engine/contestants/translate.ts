import {
  comparisonsOf,
  facts,
  type Comparison,
  type Condition,
  type Deciding,
  type FactTable,
  type SignIn,
} from '../../../engine/index.ts'

/** What a rule language must be able to say about a sign-in; `E` is an expression in it. */
export type Language<E> = {
  readonly all: (members: readonly E[]) => E
  readonly any: (members: readonly E[]) => E
  readonly not: (member: E) => E
  /** A shared condition by its name. */
  readonly reference: (name: string) => E
  readonly equals: (fact: string, value: Scalar) => E
  readonly isIn: (fact: string, values: readonly Scalar[]) => E
  /** Some member of a fact that is an array is one of these. */
  readonly someIn: (fact: string, values: readonly Scalar[]) => E
  readonly ordered: (fact: string, sign: Sign, value: number) => E
}

export type Scalar = string | number | boolean
export type Sign = '<' | '<=' | '>' | '>='

/**
 * Conditions in another language. It knows the operators that packs use; what it can't say, or what would not mean the
 * same there, is an error that names it.
 */
export function translator<E>(language: Language<E>): (condition: Condition) => E {
  const { all, any, not, reference } = language

  return translate

  function translate(condition: Condition): E {
    if ('all' in condition) return all(condition.all.map(translate))
    if ('any' in condition) return any(condition.any.map(translate))
    if ('not' in condition) return not(translate(condition.not))
    if ('condition' in condition) return reference(condition.condition)
    return comparison(condition)
  }

  function comparison({ fact, operator, value }: Comparison): E {
    const prefix = 'not:'
    if (operator.startsWith(prefix))
      return not(comparison({ fact, operator: operator.slice(prefix.length), value }))
    const sign = signs[operator]
    if (sign !== undefined && typeof value === 'number' && !mayBeNull(fact))
      return language.ordered(fact, sign, value)
    if (isScalar(value)) {
      if (operator === 'equal') return language.equals(fact, value)
      if (operator === 'notEqual') return not(language.equals(fact, value))
      if (operator === 'contains') return language.someIn(fact, [value])
      if (operator === 'doesNotContain') return not(language.someIn(fact, [value]))
    }
    if (Array.isArray(value) && value.every(isScalar)) {
      if (operator === 'in') return language.isIn(fact, value)
      if (operator === 'notIn') return not(language.isIn(fact, value))
      if (operator === 'someFact:in') return language.someIn(fact, value)
    }
    throw new Error(`can not say ${fact} ${operator} ${JSON.stringify(value)}`)
  }
}

const signs: Readonly<Record<string, Sign>> = {
  lessThan: '<',
  lessThanInclusive: '<=',
  greaterThan: '>',
  greaterThanInclusive: '>=',
}

const isScalar = (value: unknown): value is Scalar =>
  ['string', 'number', 'boolean'].includes(typeof value)

/** In json-rules-engine null is neither less nor greater than a number; languages differ about that. */
export const mayBeNull = (fact: string): boolean =>
  (facts as FactTable)[fact]?.kind.kind === 'timestampOrNever'

/** The facts that a rule set compares. */
export function factsCompared({ rules, conditions }: Deciding): readonly (keyof SignIn)[] {
  const roots = [...rules.map((rule) => rule.conditions), ...Object.values(conditions)]
  const compared = roots.flatMap((root) => [...comparisonsOf(root)].map(({ fact }) => fact))
  return [...new Set(compared)] as (keyof SignIn)[]
}

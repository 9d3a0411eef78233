import { isReference } from '../constant.ts'
import type { Literal } from './clauses.ts'

/**
 * What a literal asks of its fact: to be, or to have a member that is, one of some values (`oneOf`, `someOf`), or to be
 * ordered against a bound.
 */
export type Form =
  | {
      readonly form: 'oneOf' | 'someOf'
      readonly holds: boolean
      readonly values: readonly unknown[]
    }
  | { readonly form: Order; readonly holds: boolean; readonly bound: number }

export type Order = keyof typeof orders

const orders = {
  lessThan: (value: number, bound: number) => value < bound,
  lessThanInclusive: (value: number, bound: number) => value <= bound,
  greaterThan: (value: number, bound: number) => value > bound,
  greaterThanInclusive: (value: number, bound: number) => value >= bound,
} as const

/** The form of a literal on one fact, or undefined where it has none that a column knows. */
export function formOf({
  term,
  holds,
}: Literal): { readonly fact: string; readonly form: Form } | undefined {
  if (term.kind !== 'test' || isReference(term.test.value)) return undefined
  const { fact, operator, value } = term.test
  const [, nots, name] = /^((?:not:)*)(.*)$/s.exec(operator)!
  const asked = nots!.length % 'not:not:'.length === 0 ? holds : !holds
  const values = (form: 'oneOf' | 'someOf', asked: boolean, values: readonly unknown[]) =>
    values.every(isPrimitive) ? { fact, form: { form, holds: asked, values } } : undefined
  switch (name) {
    case 'equal':
      return values('oneOf', asked, [value])
    case 'notEqual':
      return values('oneOf', !asked, [value])
    case 'in':
      return Array.isArray(value) ? values('oneOf', asked, value) : undefined
    case 'notIn':
      return Array.isArray(value) ? values('oneOf', !asked, value) : undefined
    case 'contains':
    case 'someFact:equal':
      return values('someOf', asked, [value])
    case 'doesNotContain':
      return values('someOf', !asked, [value])
    case 'someFact:in':
      return Array.isArray(value) ? values('someOf', asked, value) : undefined
    case 'lessThan':
    case 'lessThanInclusive':
    case 'greaterThan':
    case 'greaterThanInclusive':
      return typeof value === 'number' && !Number.isNaN(value)
        ? { fact, form: { form: name, holds: asked, bound: value } }
        : undefined
    default:
      return undefined
  }
}

const isPrimitive = (value: unknown) => typeof value !== 'object' || value === null

/** Whether the order holds; it never does for what is no number. */
export const isOrdered = (order: Order, value: unknown, bound: number): boolean =>
  typeof value === 'number' && orders[order](value, bound)

import type { Comparison } from '../condition.ts'
import { isReference } from '../constant.ts'
import { resolveOperator, type Holds } from '../operators.ts'
import type { Column } from './column.ts'
import type { Formula } from './formula.ts'
import { constantsOf } from './partition.ts'
import { partsOf } from './parts.ts'
import type { Literal } from './solver.ts'

/** Why a comparison is not modelled. */
export class Unsupported extends Error {}

type Columns = (fact: string) => Column
type AtMost = (x: number, y: number, most: number) => Literal

/** Operators that ask about the members of an array one by one: whether some member does, or all do. */
const memberwise = /^(?:contains|doesNotContain|swap:in|swap:notIn|(?:someFact|everyFact):.+)$/
/** The same where the array is the value, and the fact is one. */
const memberwiseValue = /^(?:in|notIn|swap:contains|swap:doesNotContain)$/
const largestEnumerated = 1000

/**
 * The literal of a comparison. What an operator means is asked of the operator table, on one value of each class; only
 * how `not:`, `someValue:` and `everyValue:` join is known here.
 */
export function tester(formula: Formula, columns: Columns, atMost: AtMost) {
  return testOf

  function testOf(test: Comparison): Literal {
    const made = partsOf(test)
    if (made !== undefined) {
      const parts = made.parts.map(testOf)
      return made.joined === 'not'
        ? -parts[0]!
        : made.joined === 'some'
          ? formula.any(parts)
          : formula.all(parts)
    }
    const { fact, operator, value } = test
    const { holds } = resolveOperator(operator)!
    const column = columns(fact)
    if (isReference(value))
      return compared(operator, holds, column, columns(value.fact), value.fact)
    switch (column.holds) {
      case 'one':
        return chosen(column, (given) => holds(given, value))
      case 'many':
        if (!memberwise.test(operator))
          throw new Unsupported(`the prover does not know what "${operator}" asks of an array`)
        return members(column, (given) => holds(given, value))
      case 'number':
        return ordered(column, (given) => holds(given, value), constantsOf(test))
    }
  }

  /** One of the classes of which it holds. */
  function chosen(column: Column & { holds: 'one' }, holds: (value: unknown) => boolean): Literal {
    const wanted = column.of.filter((_, index) => holds(column.classes[index]!.value))
    if (2 * wanted.length <= column.of.length) return formula.any(wanted)
    return -formula.any(column.of.filter((_, index) => !holds(column.classes[index]!.value)))
  }

  /** False of nothing: some member does; true of nothing: all do. */
  function members(
    column: Column & { holds: 'many' },
    holds: (value: unknown) => boolean,
  ): Literal {
    const ofNone = holds([])
    const telling = column.of.filter((_, index) => holds([column.classes[index]!.value]) !== ofNone)
    return ofNone ? -formula.any(telling) : formula.any(telling)
  }

  /** Between two constants nothing changes: one number of each gap stands for all. */
  function ordered(
    column: Column & { holds: 'number' },
    holds: (value: unknown) => boolean,
    constants: readonly unknown[],
  ): Literal {
    // Never, as a constant, counts as 0.
    const numbers = constants.flatMap((each) => (typeof each === 'number' ? [each] : [0]))
    const points = [...new Set(numbers)].sort((one, other) => one - other)
    const starts = [...new Set([column.min, ...points.flatMap((point) => [point, point + 1])])]
      .filter((start) => start >= column.min && start <= column.max)
      .sort((a, b) => a - b)
    const within = starts.flatMap((start, index) => {
      if (!holds(start)) return []
      const end = starts[index + 1]
      const low = start === column.min ? formula.always : -column.atMost(start - 1)
      return [end === undefined ? low : formula.all([low, column.atMost(end - 1)])]
    })
    return orNever(column, holds(null), formula.any(within))
  }

  function orNever(
    { never }: Column & { holds: 'number' },
    ofNever: boolean,
    otherwise: Literal,
  ): Literal {
    return formula.any([
      formula.all([never, formula.truth(ofNever)]),
      formula.all([-never, otherwise]),
    ])
  }

  function compared(
    operator: string,
    holds: Holds,
    column: Column,
    other: Column,
    otherFact: string,
  ): Literal {
    if (column.holds === 'number' && other.holds === 'number')
      return orNever(column, holds(null, 0), numbers(holds, column, other, otherFact))
    if (column.holds !== 'number' && other.holds === 'one') {
      if (column.holds === 'many' && !memberwise.test(operator))
        throw new Unsupported(`the prover does not know what "${operator}" asks of an array`)
      return formula.any(
        other.classes.map(({ value }, index) => {
          const given = (each: unknown) => holds(each, value)
          return formula.all([
            other.of[index]!,
            column.holds === 'one' ? chosen(column, given) : members(column, given),
          ])
        }),
      )
    }
    if (column.holds === 'one' && other.holds === 'many' && memberwiseValue.test(operator))
      return formula.any(
        column.classes.map(({ value }, index) =>
          formula.all([column.of[index]!, members(other, (given) => holds(value, given))]),
        ),
      )
    throw new Unsupported(`the prover does not model "${operator}" with the array ${otherFact}`)
  }

  /** Less, equal, greater: whichever of the three the operator holds for. */
  function numbers(
    holds: Holds,
    column: Column & { holds: 'number' },
    other: Column & { holds: 'number' },
    otherFact: string,
  ): Literal {
    const less = lessThan(column, other, otherFact)
    const greater = lessThan(other, column, otherFact)
    return formula.any([
      ...(holds(1, 2) ? [less] : []),
      ...(holds(2, 1) ? [greater] : []),
      ...(holds(1, 1) ? [formula.all([-less, -greater])] : []),
    ])
  }

  function lessThan(
    a: Column & { holds: 'number' },
    b: Column & { holds: 'number' },
    name: string,
  ): Literal {
    if (a.number !== undefined && b.number !== undefined) return atMost(a.number, b.number, -1)
    // Some whole number is at least the one and less than the other.
    const min = Math.max(a.min, b.min - 1)
    const max = Math.max(min, Math.min(a.max, b.max - 1))
    if (max - min > largestEnumerated)
      throw new Unsupported(`the prover does not compare a computed fact with ${name}`)
    return formula.any(
      Array.from({ length: max - min + 1 }, (_, index) =>
        formula.all([a.atMost(min + index), -b.atMost(min + index)]),
      ),
    )
  }
}

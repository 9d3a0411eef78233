import { expect, test } from 'vitest'
import { parseOperator, resolveOperator } from './operators.ts'

/** Depth of what it is applied to and compared with; `<` where that has to have an order. */
test.each([
  ['equal', '0', '0', 'is'],
  ['notEqual', '0', '0', 'is not'],
  ['in', '0', '1', 'is one of'],
  ['notIn', '0', '1', 'is none of'],
  ['contains', '1', '0', 'contains'],
  ['doesNotContain', '1', '0', 'does not contain'],
  ['lessThan', '0<', '0<', 'is less than'],
  ['lessThanInclusive', '0<', '0<', 'is at most'],
  ['greaterThan', '0<', '0<', 'is greater than'],
  ['greaterThanInclusive', '0<', '0<', 'is at least'],
  ['someFact:in', '1', '1', 'some member is one of'],
  ['everyFact:lessThan', '1<', '0<', 'every member is less than'],
  ['someValue:contains', '1', '1', 'for some of the values contains'],
  ['everyValue:greaterThan', '0<', '1<', 'for all of the values is greater than'],
  ['swap:in', '1', '0', 'the other way round is one of'],
  ['not:someFact:in', '1', '1', 'not some member is one of'],
])('%s takes %s and %s and reads "%s"', (name, fact, value, says) => {
  const found = resolveOperator(name)!
  const shape = ({ depth, ordered }: typeof found.fact) => `${depth}${ordered ? '<' : ''}`
  expect([shape(found.fact), shape(found.value), found.says]).toEqual([fact, value, says])
})

test('at most four decorators stand before an operator', () => {
  expect(parseOperator('not:not:not:not:equal', '/at')).toEqual(
    expect.objectContaining({ says: 'not not not not is' }),
  )
  expect(parseOperator('not:not:not:not:not:equal', '/at')).toHaveProperty('expected')
})

test.each([
  ['someFact:inn', '"someFact:inn"', 'did you mean "someFact:in"?'],
  ['lessThen', '"lessThen"', 'did you mean "lessThan"?'],
  [1, '1', undefined],
])('%j is refused with all that there is', (name, got, hint) => {
  expect(parseOperator(name, '/at')).toEqual({
    pointer: '/at',
    expected:
      'an operator: one of "equal", "notEqual", "in", "notIn", "contains", "doesNotContain", "lessThan", "lessThanInclusive", "greaterThan", "greaterThanInclusive", "someFact:in", "not:someFact:in", "everyFact:in", "someFact:equal", or one of them behind someFact:, everyFact:, someValue:, everyValue:, swap:, not:',
    got,
    ...(hint && { hint }),
  })
})

import type { Comparison } from '../condition.ts'

/** A comparison as others that it is made of. */
export type Parts = {
  readonly joined: 'not' | 'some' | 'every'
  readonly parts: readonly Comparison[]
}

/** What `not:`, `someValue:` and `everyValue:` make of others; undefined where a comparison is made of none. */
export function partsOf({ fact, operator, value }: Comparison): Parts | undefined {
  const [, decorator, next] = /^(not|someValue|everyValue):(.+)$/.exec(operator) ?? []
  if (next === undefined) return undefined
  if (decorator === 'not') return { joined: 'not', parts: [{ fact, operator: next, value }] }
  if (!Array.isArray(value)) return undefined
  return {
    joined: decorator === 'someValue' ? 'some' : 'every',
    parts: value.map((each) => ({ fact, operator: next, value: each })),
  }
}

/** The comparisons at the bottom of it. */
export function* simpleParts(test: Comparison): Generator<Comparison> {
  const made = partsOf(test)
  if (made === undefined) yield test
  else for (const part of made.parts) yield* simpleParts(part)
}

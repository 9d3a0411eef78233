import type { Comparison } from '../condition.ts'
import { isReference } from '../constant.ts'
import type { SignIn } from '../facts.ts'
import { resolveOperator, type Holds } from '../operators.ts'
import { fewTexts, membersMask, valueMask } from './membership.ts'
import { termsIn, type Term } from './term.ts'

/** As many terms as one number has bits that are quick to work with. */
export const mostBits = 30

/**
 * Up to 30 terms as one JavaScript function of the sign-in: bit n of its result says whether term n holds.
 *
 * Every term, and every term that it is made of, is worked out once, as 0 or 1, in straight-line code: what a jump would
 * save is less than what it costs to guess it wrong, since the sign-ins of different people have little in common.
 *
 * Everything that comes from a rule file is either quoted as JSON or handed over as a value; every name in the code is made
 * here. So no rule can put code into it.
 */
export function emit(terms: readonly Term[]): (signIn: SignIn) => number {
  return generate(terms, ({ bitsOf }) => `return ${bitsOf(terms)}`) as (signIn: SignIn) => number
}

/** A function of the sign-in that works these terms out, and ends with the statements of `last`. */
export function generate(
  terms: readonly Term[],
  last: (names: Names) => string,
): (signIn: SignIn) => unknown {
  const { source, values, holds } = codeOf(terms, last)
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('values', 'holds', source) as (
    ...given: unknown[]
  ) => (signIn: SignIn) => unknown
  return make(values, holds)
}

/** What stands for what in the code. */
export type Names = {
  /** 0 or 1. */
  readonly nameOf: (term: Term) => string
  /** A number with a bit for each of these terms. */
  readonly bitsOf: (terms: readonly Term[]) => string
  readonly factName: (fact: string) => string
  readonly valueName: (value: unknown) => string
}

type Code = {
  readonly source: string
  /** What the code refers to as `value7` and `holds7`. */
  readonly values: readonly unknown[]
  readonly holds: readonly Holds[]
}

function codeOf(terms: readonly Term[], last: (names: Names) => string): Code {
  const values: unknown[] = []
  const holds: Holds[] = []
  const facts = new Map<string, string>()
  // Terms are made after their members.
  const all = [...termsIn(terms)].sort((a, b) => a.id - b.id)
  const lookups = lookupsIn(all)
  const nameOf = ({ id }: Term) => `term${id}`

  const statements = all.map((term) => `const ${nameOf(term)} = ${expression(term)}`)
  const end = last({ nameOf, bitsOf, factName, valueName })
  const masks = lookups.map(
    ({ fact }, index) => `const mask${index} = lookup${index}(${factName(fact)})`,
  )
  const source = [
    `'use strict'`,
    'const readsAsNumber = (value) => !Number.isNaN(Number.parseFloat(value))',
    ...lookups.map(
      ({ onMembers, lists }, index) =>
        `const lookup${index} = ${onMembers ? membersMask(lists) : valueMask(lists)}`,
    ),
    ...values.map((_, index) => `const value${index} = values[${index}]`),
    ...holds.map((_, index) => `const holds${index} = holds[${index}]`),
    'return (signIn) => {',
    ...[...facts].map(([fact, name]) => `const ${name} = signIn[${JSON.stringify(fact)}]`),
    ...masks,
    ...statements,
    `${end}\n}`,
  ].join('\n')
  return { source, values, holds }

  function bitsOf(terms: readonly Term[]): string {
    return terms.map((term, bit) => `${nameOf(term)} << ${bit}`).join(' | ') || '0'
  }

  function expression(term: Term): string {
    switch (term.kind) {
      case 'all':
        return term.members.map(nameOf).join(' & ') || '1'
      case 'any':
        return term.members.map(nameOf).join(' | ')
      case 'not':
        return `1 ^ ${nameOf(term.member)}`
      case 'test':
        return comparison(term.test)
    }
  }

  function comparison(test: Comparison): string {
    const { fact, operator, value } = test
    const left = factName(fact)
    const special = isReference(value) ? undefined : specialOf(test, operator, left)
    if (special !== undefined) return special
    const right = isReference(value) ? factName(value.fact) : valueName(value)
    return `${general(operator)}(${left}, ${right}) | 0`
  }

  /** The operator itself, from its table: right for whatever it is given. */
  function general(name: string): string {
    const operator = resolveOperator(name)
    if (operator === undefined) throw new TypeError(`unknown operator: ${name}`)
    return `holds${holds.push(operator.holds) - 1}`
  }

  /** Shorter code for the comparisons that rules mostly consist of; it means what the table's entry means. */
  function specialOf(test: Comparison, operator: string, left: string): string | undefined {
    if (operator.startsWith('not:')) {
      const inner = specialOf(test, operator.slice('not:'.length), left)
      return inner && `1 ^ (${inner})`
    }
    const { value } = test
    switch (operator) {
      case 'equal':
        return isPrimitive(value) ? is(left, value) : undefined
      case 'notEqual':
        return isPrimitive(value) ? `1 ^ ${is(left, value)}` : undefined
      case 'in':
        return among(test, left)
      case 'notIn': {
        const found = among(test, left)
        return found && `1 ^ (${found})`
      }
      case 'someFact:in':
        return bitOf(test)
      case 'lessThan':
        return ordered('<', left, value)
      case 'lessThanInclusive':
        return ordered('<=', left, value)
      case 'greaterThan':
        return ordered('>', left, value)
      case 'greaterThanInclusive':
        return ordered('>=', left, value)
      default:
        return undefined
    }
  }

  function among(test: Comparison, left: string): string | undefined {
    const texts = textsOf(test.value)
    if (texts === undefined) return undefined
    return texts.length <= fewTexts ? texts.map((text) => is(left, text)).join(' | ') : bitOf(test)
  }

  function bitOf(test: Comparison): string | undefined {
    const wanted = lookupOf(test)
    for (const [index, { key, lists }] of lookups.entries()) {
      const bit = key === wanted?.key ? lists.findIndex((list) => isSame(list, wanted.texts)) : -1
      if (bit >= 0) return `(mask${index} >> ${bit}) & 1`
    }
    return undefined
  }

  /** A number needs no looking at; for all else the operator asks whether it reads as one. */
  function ordered(sign: string, left: string, value: Comparison['value']): string | undefined {
    if (typeof value !== 'number') return undefined
    const compared = `${left} ${sign} ${literal(value)}`
    return `(typeof ${left} === 'number' ? ${compared} : readsAsNumber(${left}) && ${compared}) | 0`
  }

  function valueName(value: unknown): string {
    return `value${values.push(value) - 1}`
  }

  function factName(fact: string): string {
    let name = facts.get(fact)
    if (name === undefined) {
      name = `fact${facts.size}`
      facts.set(fact, name)
    }
    return name
  }
}

/** Texts that a fact, or its members, are looked for among; one pass over the fact answers for many lists. */
type Lookup = {
  readonly key: string
  readonly fact: string
  readonly onMembers: boolean
  readonly texts: readonly string[]
}

function lookupOf({ fact, operator, value }: Comparison): Lookup | undefined {
  const texts = textsOf(value)
  const [, name] = /^(?:not:)*(.*)$/s.exec(operator)!
  const onMembers = name === 'someFact:in'
  const isLong =
    (name === 'in' || name === 'notIn') && texts !== undefined && texts.length > fewTexts
  return texts !== undefined && (onMembers || isLong)
    ? { key: `${onMembers} ${fact}`, fact, onMembers, texts }
    : undefined
}

/** The lists that each fact is looked for in, as many as a number has bits. */
function lookupsIn(terms: readonly Term[]) {
  const all = new Map<string, Omit<Lookup, 'texts'> & { readonly lists: (readonly string[])[] }>()
  for (const term of terms) {
    const lookup = term.kind === 'test' ? lookupOf(term.test) : undefined
    if (lookup === undefined) continue
    const known = all.get(lookup.key) ?? { ...lookup, lists: [] }
    all.set(lookup.key, known)
    if (known.lists.length < mostBits && !known.lists.some((list) => isSame(list, lookup.texts)))
      known.lists.push(lookup.texts)
  }
  return [...all.values()]
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((text, index) => text === b[index])

const isPrimitive = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    ? value
    : undefined

const is = (left: string, value: string | number | boolean | null) =>
  `(${left} === ${literal(value)} | 0)`

/** JSON has no infinities and no -0; they compare as themselves. */
const literal = (value: string | number | boolean | null): string =>
  typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : JSON.stringify(value)

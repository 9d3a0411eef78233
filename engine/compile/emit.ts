import type { Comparison } from '../condition.ts'
import { isReference } from '../constant.ts'
import type { SignIn } from '../facts.ts'
import { resolveOperator, type Holds } from '../operators.ts'
import { listsMask, memberOf } from './membership.ts'
import { conjuncts, membersOf, termsIn, type Term } from './term.ts'

/** As many terms as one number has bits that are quick to work with. */
export const mostBits = 30

/**
 * Up to 30 terms as one JavaScript function of the sign-in: bit n of its result says whether term n holds. Conjuncts that
 * several terms share are tested once, above all that they guard; what else is used more than once is worked out once.
 *
 * Everything that comes from a rule file is either quoted as JSON or handed over as a value; every name in the code is made
 * here. So no rule can put code into it.
 */
export function emit(terms: readonly Term[]): (signIn: SignIn) => number {
  const { source, values, holds } = codeOf(terms)
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('values', 'holds', source) as (
    ...given: unknown[]
  ) => (signIn: SignIn) => number
  return make(values, holds)
}

type Code = {
  readonly source: string
  /** What the code refers to as `values[n]` and `holds[n]`. */
  readonly values: readonly unknown[]
  readonly holds: readonly Holds[]
}

/** The bit that a term sets, and its conjuncts that have not been tested yet. */
type Open = { readonly bit: number; readonly left: ReadonlySet<Term> }
/** Names of terms that have been worked out. */
type Known = ReadonlyMap<Term, string>

function codeOf(terms: readonly Term[]): Code {
  const values: unknown[] = []
  const holds: Holds[] = []
  const facts = new Map<string, string>()
  const helpers = new Map<string, { readonly name: string; readonly source: string }>()
  const masks = new Map<string, string>()
  const lists = listsByFact(terms)
  let names = 0

  const body = statements(
    terms.map((term, bit) => ({ bit: 2 ** bit, left: new Set(conjuncts(term)) })),
    new Map(),
  )
  const source = [
    `'use strict'`,
    'const readsAsNumber = (value) => !Number.isNaN(Number.parseFloat(value))',
    ...[...helpers.values()].map((helper) => helper.source),
    'return (signIn) => {',
    ...[...facts].map(([fact, name]) => `const ${name} = signIn[${JSON.stringify(fact)}]`),
    ...[...masks.values()].map((name) => `let ${name}`),
    `let bits = 0\n${body}\nreturn bits\n}`,
  ].join('\n')
  return { source, values, holds }

  function statements(open: readonly Open[], known: Known): string {
    const met = open.filter(({ left }) => left.size === 0)
    if (met.length > 0) {
      const others = open.filter(({ left }) => left.size > 0)
      return `bits |= ${met.reduce((sum, { bit }) => sum + bit, 0)}\n${statements(others, known)}`
    }
    if (open.length === 0) return ''
    const first = mostShared(open)
    const guarded = open.filter(({ left }) => left.has(first))
    const outside = open.filter(({ left }) => !left.has(first))
    // All that these have in common stands guard at once, so that the code nests no deeper than there are terms.
    const guards = [...guarded[0]!.left].filter((term) =>
      guarded.every(({ left }) => left.has(term)),
    )
    const tested = new Set(guards)
    const inside = guarded.map(({ bit, left }) => ({ bit, left: left.difference(tested) }))
    const now = new Map(known)
    const defined = repeated([guards, termsOf(inside), termsOf(outside)], known).map((term) => {
      const source = fresh(term, now)
      const name = `term${names++}`
      now.set(term, name)
      return `const ${name} = ${source}\n`
    })
    const guard = guards.map((term) => expression(term, now)).join(' && ')
    return [
      `{\n${defined.join('')}if (${guard}) {\n`,
      `${statements(inside, now)}}\n${statements(outside, now)}}\n`,
    ].join('')
  }

  function expression(term: Term, known: Known): string {
    return known.get(term) ?? fresh(term, known)
  }

  function fresh(term: Term, known: Known): string {
    const each = (member: Term) => expression(member, known)
    switch (term.kind) {
      case 'all':
        return term.members.length === 0 ? 'true' : `(${term.members.map(each).join(' && ')})`
      case 'any':
        return `(${term.members.map(each).join(' || ')})`
      case 'not':
        return `!${each(term.member)}`
      case 'test':
        return comparison(term.test)
    }
  }

  function comparison(test: Comparison): string {
    const { fact, operator, value } = test
    const left = factName(fact)
    if (isReference(value)) return `${general(operator)}(${left}, ${factName(value.fact)})`
    return (
      special(test, operator, left) ??
      `${general(operator)}(${left}, values[${values.push(value) - 1}])`
    )
  }

  /** The operator itself, from its table: right for whatever it is given. */
  function general(name: string): string {
    const operator = resolveOperator(name)
    if (operator === undefined) throw new TypeError(`unknown operator: ${name}`)
    return `holds[${holds.push(operator.holds) - 1}]`
  }

  /** Shorter code for the comparisons that rules mostly consist of; it means what the table's entry means. */
  function special(test: Comparison, operator: string, left: string): string | undefined {
    if (operator.startsWith('not:')) {
      const inner = special(test, operator.slice('not:'.length), left)
      return inner && `!${inner}`
    }
    const { value } = test
    const texts = textsOf(value)
    switch (operator) {
      case 'equal':
        return isPrimitive(value) ? `(${left} === ${literal(value)})` : undefined
      case 'notEqual':
        return isPrimitive(value) ? `(${left} !== ${literal(value)})` : undefined
      case 'in':
        return texts && `${helper(memberOf(texts))}(${left})`
      case 'notIn':
        return texts && `!${helper(memberOf(texts))}(${left})`
      case 'someFact:in': {
        const all = lists.get(test.fact) ?? []
        const bit = all.findIndex((list) => texts !== undefined && isSame(list, texts))
        return bit < 0 ? undefined : `((${mask(test.fact, left, all)} & ${2 ** bit}) !== 0)`
      }
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

  /** A number needs no looking at; for all else the operator asks whether it reads as one. */
  function ordered(sign: string, left: string, value: Comparison['value']): string | undefined {
    if (typeof value !== 'number') return undefined
    const compared = `${left} ${sign} ${literal(value)}`
    return `(typeof ${left} === 'number' ? ${compared} : readsAsNumber(${left}) && ${compared})`
  }

  /** Worked out where it is first needed. */
  function mask(fact: string, left: string, all: readonly (readonly string[])[]): string {
    const name = masks.get(fact) ?? `mask${masks.size}`
    masks.set(fact, name)
    return `(${name} ??= ${helper(listsMask(all))}(${left}))`
  }

  function factName(fact: string): string {
    let name = facts.get(fact)
    if (name === undefined) {
      name = `fact${facts.size}`
      facts.set(fact, name)
    }
    return name
  }

  /** `expression` evaluates to a function; equal ones are made once. */
  function helper(expression: string): string {
    let found = helpers.get(expression)
    if (found === undefined) {
      const name = `helper${helpers.size}`
      found = { name, source: `const ${name} = ${expression}` }
      helpers.set(expression, found)
    }
    return found.name
  }
}

/** The conjunct that most terms still need; of those the one that an author wrote first. */
function mostShared(open: readonly Open[]): Term {
  const counts = new Map<Term, number>()
  for (const { left } of open)
    for (const term of left) counts.set(term, (counts.get(term) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return [...counts].find(([, count]) => count === most)![0]
}

const termsOf = (open: readonly Open[]) => open.flatMap(({ left }) => [...left])

/**
 * Terms worth a name of their own, parts before wholes: those that are needed by more than one of these parts, or more than
 * once by the first.
 */
function repeated(parts: readonly (readonly Term[])[], known: Known): readonly Term[] {
  const times = new Map<Term, number>()
  for (const [index, part] of parts.entries()) {
    const seen = new Set<Term>()
    const visit = (term: Term): void => {
      if (known.has(term)) return
      if (!seen.has(term) || index === 0) times.set(term, (times.get(term) ?? 0) + 1)
      if (seen.has(term)) return
      seen.add(term)
      membersOf(term).forEach(visit)
    }
    part.forEach(visit)
  }
  return [...times]
    .flatMap(([term, count]) => (count > 1 && isDear(term) ? [term] : []))
    .sort((a, b) => a.id - b.id)
}

/** More than a comparison of two values at hand. */
function isDear(term: Term): boolean {
  if (term.kind === 'not') return isDear(term.member)
  if (term.kind !== 'test') return true
  const { operator, value } = term.test
  return !isPrimitive(value) && !isListed(operator)
}

const isListed = (operator: string) => /^(?:not:)*someFact:in$/.test(operator)

/** Lists that members of one array fact are looked for in: one pass over the array answers for all of them. */
function listsByFact(terms: readonly Term[]): ReadonlyMap<string, readonly (readonly string[])[]> {
  const lists = new Map<string, readonly (readonly string[])[]>()
  for (const term of termsIn(terms)) {
    if (term.kind !== 'test' || !isListed(term.test.operator)) continue
    const texts = textsOf(term.test.value)
    const known = lists.get(term.test.fact) ?? []
    if (texts === undefined || known.length === mostBits) continue
    if (!known.some((list) => isSame(list, texts))) lists.set(term.test.fact, [...known, texts])
  }
  return lists
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((text, index) => text === b[index])

const isPrimitive = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    ? value
    : undefined

/** JSON has no infinities and no -0; they compare as themselves. */
const literal = (value: string | number | boolean | null): string =>
  typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : JSON.stringify(value)

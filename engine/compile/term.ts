import type { Comparison, Condition } from '../condition.ts'
import { isReference } from '../constant.ts'

/**
 * A condition with references followed and equal parts made one: two terms mean the same by construction only when they
 * are the same object, so what many rules have in common can be counted, and evaluated once.
 */
export type Term = { readonly id: number } & (
  | { readonly kind: 'all' | 'any'; readonly members: readonly Term[] }
  | { readonly kind: 'not'; readonly member: Term }
  | { readonly kind: 'test'; readonly test: Comparison }
)

/** Makes terms of conditions over these shared ones. */
export function termMaker(
  conditions: Readonly<Record<string, Condition>>,
): (condition: Condition) => Term {
  const terms = new Map<string, Term>()
  const shared = new Map<string, Term>()
  const keyOf = keysOfConstants()
  return termOf

  function termOf(condition: Condition): Term {
    if ('all' in condition) return joined('all', condition.all.map(termOf))
    // json-rules-engine holds an empty `any` to be true.
    if ('any' in condition)
      return condition.any.length === 0
        ? joined('all', [])
        : joined('any', condition.any.map(termOf))
    if ('not' in condition) return negated(termOf(condition.not))
    if ('condition' in condition) return referred(condition.condition)
    const { fact, operator, value } = condition
    const constant = isReference(value) ? `fact ${value.fact}` : keyOf(operator, value)
    return once(`test ${JSON.stringify([fact, operator, constant])}`, (id) => ({
      id,
      kind: 'test',
      test: condition,
    }))
  }

  function joined(kind: 'all' | 'any', given: readonly Term[]): Term {
    const members = [
      ...new Set(given.flatMap((term) => (term.kind === kind ? term.members : [term]))),
    ]
    if (members.length === 1) return members[0]!
    return once(`${kind} ${members.map(({ id }) => id).join(' ')}`, (id) => ({ id, kind, members }))
  }

  function negated(member: Term): Term {
    if (member.kind === 'not') return member.member
    return once(`not ${member.id}`, (id) => ({ id, kind: 'not', member }))
  }

  function referred(name: string): Term {
    let term = shared.get(name)
    if (term === undefined) {
      if (!Object.hasOwn(conditions, name)) throw new TypeError(`undefined condition: ${name}`)
      term = termOf(conditions[name]!)
      shared.set(name, term)
    }
    return term
  }

  function once(key: string, make: (id: number) => Term): Term {
    let term = terms.get(key)
    if (term === undefined) {
      term = make(terms.size)
      terms.set(key, term)
    }
    return term
  }
}

/** The terms that a term is made of. */
export const membersOf = (term: Term): readonly Term[] =>
  term.kind === 'not' ? [term.member] : term.kind === 'test' ? [] : term.members

/** The terms that these consist of, each once, and themselves. */
export function termsIn(terms: readonly Term[]): ReadonlySet<Term> {
  const found = new Set<Term>()
  const visit = (term: Term): void => {
    if (found.has(term)) return
    found.add(term)
    membersOf(term).forEach(visit)
  }
  terms.forEach(visit)
  return found
}

const isPrimitive = (value: unknown) => typeof value !== 'object' || value === null

/** JSON alone would confuse NaN, the infinities and null, and 0 with -0. */
const primitiveKey = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : Object.is(value, -0) ? '-0' : String(value)

/** Equal for constants that the operator can't tell apart. Objects are compared as objects, so each is its own. */
function keysOfConstants(): (operator: string, value: unknown) => string {
  const objects = new Map<unknown, number>()
  return (operator, value) => {
    if (isPrimitive(value)) return primitiveKey(value)
    if (Array.isArray(value) && looksUp.test(operator) && value.every(isPrimitive))
      return `[${value.map(primitiveKey).join(',')}]`
    let number = objects.get(value)
    if (number === undefined) objects.set(value, (number = objects.size))
    return `object ${number}`
  }
}

/** Operators that look for single values in a constant list, and so never see the list itself. */
const looksUp = /^(?:(?:not|someFact|everyFact):)*(?:in|notIn)$/

import { isReference, type Constant } from '../../constant.ts'
import type { Comparison } from '../../condition.ts'
import type { FactTable } from '../../facts.ts'
import { integer, joined, named, not } from './names.ts'

/** What an operator is applied to: one value, or several of which each may be there. */
export type Operand =
  | { readonly is: 'one'; readonly term: string; readonly never: string }
  | { readonly is: 'list'; readonly members: readonly Operand[] }
  /** Values of a closed list, of which the fact has those for which `has` holds. */
  | { readonly is: 'some'; readonly values: readonly string[]; readonly has: string }
  | { readonly is: 'ids'; readonly has: string }

const one = (term: string, never = 'false'): Operand => ({ is: 'one', term, never })

/** A comparison as SMT-LIB has it: operators once more, by what they mean to people who read rules. */
export function compared({ fact, operator, value }: Comparison, table: FactTable): string {
  const other = isReference(value) ? operandOf(value.fact, table) : constant(fact, value, table)
  return holds(operator, operandOf(fact, table), other)
}

function operandOf(fact: string, table: FactTable): Operand {
  const { kind } = table[fact]!
  const term = named.fact(fact)
  if (kind.kind === 'someOf') return { is: 'some', values: kind.values, has: term }
  if (kind.kind === 'ids') return { is: 'ids', has: term }
  return one(term, kind.kind === 'timestampOrNever' ? named.never(fact) : 'false')
}

function constant(fact: string, value: Constant, table: FactTable): Operand {
  if (Array.isArray(value))
    return { is: 'list', members: value.map((each: Constant) => constant(fact, each, table)) }
  if (value === null) return one('0', 'true')
  if (typeof value === 'number') return one(integer(value))
  if (typeof value === 'boolean') return one(String(value))
  const { kind } = table[fact]!
  const isId = kind.kind === 'id' || kind.kind === 'ids'
  return one((isId ? named.id : named.value)(value as string))
}

const orders: Readonly<Record<string, string>> = {
  lessThan: '<',
  lessThanInclusive: '<=',
  greaterThan: '>',
  greaterThanInclusive: '>=',
}

function holds(operator: string, given: Operand, wanted: Operand): string {
  const [, decorator, next] = /^(\w+):(.+)$/.exec(operator) ?? []
  if (decorator !== undefined && next !== undefined)
    switch (decorator) {
      case 'not':
        return not(holds(next, given, wanted))
      case 'swap':
        return holds(next, wanted, given)
      case 'someFact':
        return some(given, (member) => holds(next, member, wanted))
      case 'everyFact':
        return not(some(given, (member) => not(holds(next, member, wanted))))
      case 'someValue':
        return some(wanted, (member) => holds(next, given, member))
      case 'everyValue':
        return not(some(wanted, (member) => not(holds(next, given, member))))
    }
  switch (operator) {
    case 'equal':
      return equal(given, wanted)
    case 'notEqual':
      return not(equal(given, wanted))
    case 'in':
      return among(given, wanted)
    case 'notIn':
      return not(among(given, wanted))
    case 'contains':
      return among(wanted, given)
    case 'doesNotContain':
      return not(among(wanted, given))
  }
  const order = orders[operator]
  if (order === undefined || given.is !== 'one' || wanted.is !== 'one')
    throw new TypeError(`SMT-LIB has no words for "${operator}"`)
  // Never is neither less nor greater than anything; as a constant of a rule it counts as 0.
  return joined('and', [not(given.never), `(${order} ${given.term} ${wanted.term})`])
}

function equal(a: Operand, b: Operand): string {
  if (a.is !== 'one' || b.is !== 'one') throw new TypeError('arrays are never equal')
  if (a.never === 'true') return b.never
  if (b.never === 'true') return a.never
  const bothNever =
    a.never === 'false' || b.never === 'false' ? 'false' : `(and ${a.never} ${b.never})`
  const same = joined('and', [not(a.never), not(b.never), `(= ${a.term} ${b.term})`])
  return joined('or', [bothNever, same])
}

const among = (value: Operand, several: Operand): string =>
  value.is === 'one' && several.is === 'ids'
    ? `(${several.has} ${value.term})`
    : some(several, (member) => equal(member, value))

/** That it holds of one that is there. */
function some(several: Operand, of: (member: Operand) => string): string {
  switch (several.is) {
    case 'list':
      return joined('or', several.members.map(of))
    case 'some':
      return joined(
        'or',
        several.values.map((value) =>
          joined('and', [`(${several.has} ${named.value(value)})`, of(one(named.value(value)))]),
        ),
      )
    case 'ids':
      return `(exists ((member Id)) (and (${several.has} member) ${of(one('member'))}))`
    case 'one':
      throw new TypeError('one value has no members')
  }
}

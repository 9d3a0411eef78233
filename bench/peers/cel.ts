import { translator, type Scalar } from '../engine/contestants/translate.ts'

/**
 * Conditions in CEL as Cerbos has it: `P.attr` holds what is known of the user, `R.attr` all other facts, each under its
 * area, and `V` the shared conditions, which Cerbos works out once a request.
 */
export const celOf = translator<string>({
  all: (members) => `(${members.join(' && ')})`,
  any: (members) => `(${members.join(' || ')})`,
  not: (member) => `!(${member})`,
  reference: (name) => `V.${name}`,
  equals: (fact, value) => `${attribute(fact)} == ${literal(value)}`,
  isIn: (fact, values) => `${attribute(fact)} in [${values.map(literal).join(', ')}]`,
  someIn: (fact, values) =>
    `hasIntersection(${attribute(fact)}, [${values.map(literal).join(', ')}])`,
  ordered: (fact, sign, value) => `${attribute(fact)} ${sign} ${literal(value)}`,
})

/** Where a fact travels: where the mappings of both protocols put it. */
function attribute(fact: string): string {
  const [area, member] = fact.split('.')
  if (area === 'user') return `P.attr.${member}`
  return area === 'resource' ? `R.attr.${member}` : `R.attr.${fact}`
}

/** JSON's texts are CEL's too, but for halves of surrogate pairs; numbers arrive as doubles, so they are compared as such. */
function literal(value: Scalar): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      throw new Error(`can not quote ${JSON.stringify(value)}: it is no Unicode text`)
    return JSON.stringify(value)
  }
  if (typeof value === 'boolean') return String(value)
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

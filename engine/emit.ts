import type { Comparison, Condition } from './condition.ts'
import { membershipSource } from './membership.ts'
import { resolveOperator, type Holds } from './operators.ts'

/**
 * Conditions as JavaScript. Everything that comes from a rule file is either quoted as JSON or handed over as a value;
 * every name in the code is made here. So no rule can put code into it.
 */
export type Emitter = {
  /** The condition as an expression over `signIn`. */
  readonly expression: (condition: Condition) => string
  /** Statements that must stand before: facts, helpers, and the shared conditions used so far, each evaluated once. */
  readonly prelude: () => { readonly once: string; readonly perSignIn: string }
  /** What the code refers to as `values[n]` and `holds[n]`. */
  readonly values: readonly unknown[]
  readonly holds: readonly Holds[]
}

export function emitter(conditions: Readonly<Record<string, Condition>>): Emitter {
  const values: unknown[] = []
  const holds: Holds[] = []
  const facts = new Map<string, string>()
  const helpers = new Map<string, { readonly name: string; readonly source: string }>()
  const shared = new Map<string, { readonly name: string; readonly source: string }>()

  return { expression, prelude, values, holds }

  function expression(condition: Condition): string {
    if ('all' in condition) return joined(condition.all, ' && ', 'true')
    // json-rules-engine holds an empty `any` to be true; packs can't have one.
    if ('any' in condition) return joined(condition.any, ' || ', 'true')
    if ('not' in condition) return `!${expression(condition.not)}`
    if ('condition' in condition) return sharedName(condition.condition)
    return comparison(condition)
  }

  function joined(members: readonly Condition[], by: string, none: string): string {
    return members.length === 0 ? none : `(${members.map(expression).join(by)})`
  }

  /** Shared conditions have no effects, so each is evaluated before all that refer to it, wanted or not. */
  function sharedName(name: string): string {
    let found = shared.get(name)
    if (found === undefined) {
      if (!Object.hasOwn(conditions, name)) throw new TypeError(`undefined condition: ${name}`)
      const source = expression(conditions[name]!) // those that it refers to come before it
      found = { name: `shared${shared.size}`, source }
      shared.set(name, found)
    }
    return found.name
  }

  function factName(fact: string): string {
    let name = facts.get(fact)
    if (name === undefined) {
      name = `fact${facts.size}`
      facts.set(fact, name)
    }
    return name
  }

  function comparison({ fact, operator: name, value }: Comparison): string {
    const left = factName(fact)
    if (isReference(value)) return `${general(name)}(${left}, ${factName(value.fact)})`
    return (
      special(name, left, value) ?? `${general(name)}(${left}, values[${values.push(value) - 1}])`
    )
  }

  /** The operator itself, from its table: right for whatever it is given. */
  function general(name: string): string {
    const operator = resolveOperator(name)
    if (operator === undefined) throw new TypeError(`unknown operator: ${name}`)
    return `holds[${holds.push(operator.holds) - 1}]`
  }

  /** Shorter code for the comparisons that rules mostly consist of; it means what the table's entry means. */
  function special(name: string, left: string, value: Comparison['value']): string | undefined {
    if (name.startsWith('not:')) {
      const inner = special(name.slice('not:'.length), left, value)
      return inner && `!${inner}`
    }
    const texts = isTexts(value) ? value : undefined
    switch (name) {
      case 'equal':
      case 'notEqual':
        if (!isPrimitive(value)) return undefined
        return `(${left} ${name === 'equal' ? '===' : '!=='} ${literal(value)})`
      case 'in':
        return texts && `${member(texts)}(${left})`
      case 'notIn':
        return texts && `!${member(texts)}(${left})`
      case 'someFact:in':
        return texts && `${some(member(texts))}(${left})`
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
    return `(typeof ${left} === 'number' ? ${left} ${sign} ${literal(value)} : readsAsNumber(${left}) && ${left} ${sign} ${literal(value)})`
  }

  function member(texts: readonly string[]): string {
    const source = membershipSource(texts)
    return helper(source, (name) => {
      const [body, data] = source.split('\nconst ')
      return data === undefined
        ? `const ${name} = (x) => { ${body} }`
        : `const ${name} = (() => { const ${data}; return (x) => { ${body} } })()`
    })
  }

  function some(test: string): string {
    return helper(
      `some ${test}`,
      (name) =>
        `const ${name} = (list) => { if (!Array.isArray(list)) return false; for (let at = 0; at < list.length; at++) if (${test}(list[at])) return true; return false }`,
    )
  }

  function helper(key: string, source: (name: string) => string): string {
    let found = helpers.get(key)
    if (found === undefined) {
      const name = `helper${helpers.size}`
      found = { name, source: source(name) }
      helpers.set(key, found)
    }
    return found.name
  }

  function prelude() {
    const once = [
      'const readsAsNumber = (value) => !Number.isNaN(Number.parseFloat(value))',
      ...[...helpers.values()].map(({ source }) => source),
    ]
    const perSignIn = [
      ...[...facts].map(([fact, name]) => `const ${name} = signIn[${JSON.stringify(fact)}]`),
      ...[...shared.values()].map(({ name, source }) => `const ${name} = ${source}`),
    ]
    return { once: once.join('\n'), perSignIn: perSignIn.join('\n') }
  }
}

const isReference = (value: unknown): value is { readonly fact: string } =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'fact')

const isPrimitive = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')

/** JSON has no infinities and no -0; they compare as themselves. */
const literal = (value: string | number | boolean | null): string =>
  typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : JSON.stringify(value)

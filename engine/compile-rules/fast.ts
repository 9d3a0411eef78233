import { finder, strategyFor } from '../compile/compile.ts'
import { termMaker } from '../compile/term.ts'
import type { Condition } from '../condition.ts'
import type { SignIn } from '../facts.ts'
import { operators } from '../operators.ts'
import { looker, type Look, type Scope } from './lookup.ts'
import type { Branch, Leaf, Node, Read, RuleTree } from './tree.ts'

/**
 * The numbers of the rules that hold, by generated code or an index; undefined for facts with which a comparison might fail,
 * since what then fails depends on the order of evaluation.
 */
export type FastTest = (facts: object) => readonly number[] | undefined

/** Undefined for rules of which a comparison might fail whatever the facts. */
export function fastTest(trees: readonly RuleTree[], scope: Scope): FastTest | undefined {
  const reads = new Map<string, { readonly name: string; readonly look: Look }>()
  const shared: Record<string, Condition> = {}
  const names = new Map<Branch, string>()
  const conditions = trees.map(({ root }) => conditionOf(root))
  if (conditions.includes(undefined)) return undefined
  const termOf = termMaker(shared)
  const terms = conditions.map((condition) => termOf(condition!))
  const find = finder(terms, strategyFor(terms.length))
  const all = [...reads.values()]
  const blank = Object.fromEntries(all.map(({ name }) => [name, undefined as unknown]))
  const numbers = new Int32Array(terms.length)

  return (facts) => {
    const values = { ...blank }
    for (const { name, look } of all) {
      let value: unknown
      try {
        value = look(facts)
      } catch {
        return undefined // whether the fact is reached decides whether that is an error
      }
      if (!isPlain(value)) return undefined
      values[name] = value
    }
    return [...numbers.subarray(0, find(values as unknown as SignIn, numbers))]
  }

  function conditionOf(node: Node): Condition | undefined {
    switch (node.kind) {
      case 'leaf':
        return comparisonOf(node)
      case 'reference':
        return node.target && sharedOf(node.target)
      case 'any':
      case 'all':
      case 'not':
        return branchOf(node)
    }
  }

  function sharedOf(target: Branch): Condition | undefined {
    let name = names.get(target)
    if (name === undefined) {
      const condition = branchOf(target)
      if (condition === undefined) return undefined
      name = `shared${names.size}`
      names.set(target, name)
      shared[name] = condition
    }
    return { condition: name }
  }

  function branchOf({ kind, members }: Branch): Condition | undefined {
    const below = members.map(conditionOf)
    if (below.includes(undefined)) return undefined
    if (kind === 'not') return { not: below[0]! }
    return kind === 'all' ? { all: below as Condition[] } : { any: below as Condition[] }
  }

  function comparisonOf({ left, right, shown: { operator } }: Leaf): Condition | undefined {
    if (typeof operator !== 'string') return undefined
    const name = /^(?:(?:not|someFact|everyFact):)*(\w+)$/.exec(operator)?.[1]
    if (name === undefined || !Object.hasOwn(operators, name)) return undefined
    const searches = name === 'in' || name === 'notIn'
    if ('constant' in right) {
      const { constant } = right
      const isList = Array.isArray(constant) || typeof constant === 'string'
      if (constant === undefined || !isPlain(constant) || (searches && !isList)) return undefined
      return { fact: readOf(left), operator, value: constant as string }
    }
    return searches ? undefined : { fact: readOf(left), operator, value: { fact: readOf(right) } }
  }

  function readOf(read: Read): string {
    const key = JSON.stringify([typeof read.fact, String(read.fact), read.path])
    const known = reads.get(key) ?? { name: `read${reads.size}`, look: looker(read, scope) }
    reads.set(key, known)
    return known.name
  }
}

/** No operator fails on it. */
const isPlain = (value: unknown): boolean =>
  isPrimitive(value) || (Array.isArray(value) && value.every(isPrimitive))

const isPrimitive = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)

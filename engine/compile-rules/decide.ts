import { looker, type Look, type Scope } from './lookup.ts'
import type { Branch, Leaf, Node, Reference } from './tree.ts'

/** Whether a condition holds of the facts of a run. It fails exactly when json-rules-engine's run would. */
export type Test = (facts: object) => boolean

/** Makes tests of conditions; one that several refer to becomes one test. */
export function testMaker(scope: Scope): (node: Node) => Test {
  const made = new Map<Node, Test>()
  return test

  function test(node: Node): Test {
    const known = made.get(node)
    if (known !== undefined) return known
    const fresh = fromScratch(node)
    made.set(node, fresh)
    return fresh
  }

  function fromScratch(node: Node): Test {
    switch (node.kind) {
      case 'leaf':
        return comparison(node, scope)
      case 'reference':
        return node.target === undefined ? missing(node, scope) : test(node.target)
      case 'any':
      case 'all':
      case 'not':
        return branch(node)
    }
  }

  function branch({ kind, members, groups }: Branch): Test {
    const tests = members.map(test)
    const [only, second] = tests
    if (only === undefined) return () => true
    if (kind === 'not') return (facts) => !only(facts)
    if (second === undefined) return only
    const together = groups.map((places) => {
      const group = places.map((place) => tests[place]!)
      return kind === 'all' ? allOf(group) : anyOf(group)
    })
    const [first, next] = together
    if (next === undefined) return first!
    return kind === 'all'
      ? (facts) => together.every((test) => test(facts))
      : (facts) => together.some((test) => test(facts))
  }
}

/** All of them are evaluated, also when one has decided: another may fail. */
function allOf(tests: readonly Test[]): Test {
  return (facts) => {
    let held = true
    for (const test of tests) if (!test(facts)) held = false
    return held
  }
}

function anyOf(tests: readonly Test[]): Test {
  return (facts) => {
    let held = false
    for (const test of tests) if (test(facts)) held = true
    return held
  }
}

function comparison(leaf: Leaf, scope: Scope): Test {
  const { holds } = leaf
  if (holds === undefined) return () => unknownOperator(leaf)
  const left = looker(leaf.left, scope)
  const right = rightOf(leaf, scope)
  return (facts) => {
    const value = right(facts) // first, so that of two facts that are not there the same one is named
    return holds(left(facts), value)
  }
}

export function rightOf({ right }: Leaf, scope: Scope): Look {
  return 'constant' in right ? () => right.constant : looker(right, scope)
}

export function unknownOperator({ shown: { operator } }: Leaf): never {
  if (typeof operator === 'string' || Array.isArray(operator))
    throw new Error(`Unknown operator: ${operator as string}`)
  throw new TypeError('operator is not a string')
}

/** A reference to a condition that is not there: it never holds, or fails. */
export function missing({ evaluated }: Reference, { allowUndefinedConditions }: Scope): Test {
  return () => {
    if (allowUndefinedConditions) return false
    throw new Error(`No condition ${evaluated.condition as string} exists`)
  }
}

import { missing, rightOf, unknownOperator } from './decide.ts'
import { looker, type Scope } from './lookup.ts'
import { showBranch, showLeaf, showReference, showSkipped, type ConditionJson } from './show.ts'
import type { Branch, Leaf, Node, Reference } from './tree.ts'

type Traced = {
  readonly held: boolean
  readonly shows: ConditionJson
}

/** Whether a condition holds, and why: what was compared, and what was skipped since the rest had decided. */
export type Trace = (facts: object) => Traced

/** As `testMaker`, with the same failures and the same order of evaluation. */
export function traceMaker(scope: Scope): (node: Node) => Trace {
  const made = new Map<Branch, (facts: object) => TracedBranch>()
  return trace

  function trace(node: Node): Trace {
    switch (node.kind) {
      case 'leaf':
        return traceLeaf(node, scope)
      case 'reference':
        return traceReference(node)
      case 'any':
      case 'all':
      case 'not': {
        const evaluate = traceBranch(node)
        return (facts) => {
          const { held, members } = evaluate(facts)
          return { held, shows: showBranch(node.kind, node, members) }
        }
      }
    }
  }

  function traceReference(node: Reference): Trace {
    const { target, evaluated } = node
    if (target === undefined) {
      const test = missing(node, scope)
      return (facts) => ({ held: test(facts), shows: showReference(evaluated) })
    }
    const evaluate = traceBranch(target)
    return (facts) => {
      const { held, members } = evaluate(facts)
      const isShown = evaluated.branch === target
      return { held, shows: showReference(evaluated, isShown ? members : undefined) }
    }
  }

  function traceBranch(branch: Branch): (facts: object) => TracedBranch {
    const known = made.get(branch)
    if (known !== undefined) return known
    const fresh = fromScratch(branch)
    made.set(branch, fresh)
    return fresh
  }

  function fromScratch({ kind, members, groups }: Branch): (facts: object) => TracedBranch {
    const traces = members.map(trace)
    return (facts) => {
      const shown = new Map<number, ConditionJson>()
      const evaluateGroup = (places: readonly number[]) => {
        const held = places.map((place) => {
          const traced = traces[place]!(facts)
          shown.set(place, traced.shows)
          return traced.held
        })
        return kind === 'any' ? held.includes(true) : !held.includes(false)
      }
      const none = groups.length === 0
      const some = kind === 'any' ? groups.some(evaluateGroup) : groups.every(evaluateGroup)
      return {
        held: kind === 'not' ? !some : some || none,
        members: members.map((member, place) => shown.get(place) ?? showSkipped(member)),
      }
    }
  }
}

type TracedBranch = {
  readonly held: boolean
  readonly members: readonly ConditionJson[]
}

function traceLeaf(leaf: Leaf, scope: Scope): Trace {
  const { holds } = leaf
  if (holds === undefined) return () => unknownOperator(leaf)
  const left = looker(leaf.left, scope)
  const right = rightOf(leaf, scope)
  return (facts) => {
    const valueResult = right(facts)
    const factResult = left(facts)
    const result = holds(factResult, valueResult)
    return { held: result, shows: showLeaf(leaf, { factResult, valueResult, result }) }
  }
}

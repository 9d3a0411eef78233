import { copy } from './plain.ts'
import type { Leaf, Node, Shown } from './tree.ts'

/** A condition in a result, as `RuleResult.toJSON` of json-rules-engine gives it, with a comparison's outcome where it was evaluated. */
export type ConditionJson = {
  readonly priority?: unknown
  readonly name?: unknown
} & (
  | { readonly any: readonly ConditionJson[] }
  | { readonly all: readonly ConditionJson[] }
  | { readonly not: ConditionJson }
  | { readonly condition: unknown }
  | {
      readonly operator: unknown
      readonly value: unknown
      readonly fact: unknown
      readonly factResult?: unknown
      readonly valueResult?: unknown
      readonly result?: unknown
      readonly params?: unknown
      readonly path?: unknown
    }
)

/** What a comparison came to. */
export type Outcome = {
  readonly factResult: unknown
  /** The constant, or the value of the other fact. */
  readonly valueResult: unknown
  readonly result: unknown
}

export function showSkipped(node: Node): ConditionJson {
  switch (node.kind) {
    case 'leaf':
      return showLeaf(node)
    case 'reference':
      return showReference(node.skipped)
    case 'any':
    case 'all':
    case 'not':
      return showBranch(node.kind, node, node.members.map(showSkipped))
  }
}

/** `members` are those of its list, if it is the list that was evaluated. */
export function showReference(shown: Shown, members?: readonly ConditionJson[]): ConditionJson {
  const { branch, condition } = shown
  if (branch === undefined) return { ...showHead(shown), condition: copy(condition) }
  return showBranch(branch.kind, shown, members ?? branch.members.map(showSkipped))
}

type Head = { readonly priority: unknown; readonly name: unknown }

export function showBranch(
  kind: 'any' | 'all' | 'not',
  head: Head,
  members: readonly ConditionJson[],
): ConditionJson {
  switch (kind) {
    case 'any':
      return { ...showHead(head), any: members }
    case 'all':
      return { ...showHead(head), all: members }
    case 'not':
      return { ...showHead(head), not: members[0]! }
  }
}

function showHead({ priority, name }: Head) {
  return { ...(priority ? { priority } : {}), ...(name ? { name: copy(name) } : {}) }
}

/** Every run shows copies, so that a caller who changes them does not change the rules. */
export function showLeaf({ shown, right }: Leaf, outcome?: Outcome): ConditionJson {
  const value = copy(shown.value)
  const factResult = outcome ? outcome.factResult : copy(shown.factResult)
  const evaluated = 'constant' in right ? value : outcome?.valueResult
  const valueResult = outcome ? evaluated : copy(shown.valueResult)
  const result = outcome ? outcome.result : copy(shown.result)
  return {
    ...showHead(shown),
    operator: copy(shown.operator),
    value,
    fact: copy(shown.fact),
    ...(factResult !== undefined && { factResult }),
    ...(valueResult !== undefined && { valueResult }),
    ...(result !== undefined && { result }),
    ...(shown.params ? { params: copy(shown.params) } : {}),
    ...(shown.path ? { path: copy(shown.path) } : {}),
  }
}

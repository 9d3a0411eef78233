import type { Holds } from '../operators.ts'
import type { Path } from './path.ts'
import type { Priority } from './priority.ts'

/** A rule as it was read: nothing in it is looked up, parsed or checked again. All values are copies and never change. */
export type RuleTree = {
  readonly root: Node
  readonly event: EventTree
  readonly priority: number
  readonly name: unknown
}

export type Node = Branch | Reference | Leaf

type Common = {
  /** Among its siblings: the text of the priority by which it is put into a group. */
  readonly order: string
  /** Levels from here down, through references too. */
  readonly height: number
}

export type Branch = Common & {
  readonly kind: 'any' | 'all' | 'not'
  readonly priority: number
  readonly name: unknown
  /** As written; `not` has one. Nothing in an empty `any` or `all` makes it hold. */
  readonly members: readonly Node[]
  /**
   * Places in `members`, in the order of evaluation. A group is evaluated as a whole, so an error in it is never passed
   * over; the next group only if this one has not decided.
   */
  readonly groups: readonly (readonly number[])[]
}

export type Reference = Common & {
  readonly kind: 'reference'
  /** What decides, behind all the references that lead to it; undefined when there is no such condition. */
  readonly target: Branch | undefined
  /** What is shown of it when it is skipped, and once it has been evaluated. */
  readonly skipped: Shown
  readonly evaluated: Shown
}

/**
 * json-rules-engine copies the members of the target onto the reference, so priority, name and even the list shown may be of
 * either; with no list it is still a reference, by this name.
 */
export type Shown = {
  readonly priority: Priority
  readonly name: unknown
  readonly branch: Branch | undefined
  readonly condition: unknown
}

export type Leaf = Common & {
  readonly kind: 'leaf'
  readonly left: Read
  /** Undefined when there is no operator of that name: evaluating it fails. */
  readonly holds: Holds | undefined
  readonly right: Read | Constant
  readonly shown: {
    readonly priority: Priority
    readonly name: unknown
    readonly operator: unknown
    readonly value: unknown
    readonly fact: unknown
    readonly params: unknown
    readonly path: unknown
    /** What the rule itself claims, shown while nothing was evaluated. */
    readonly factResult: unknown
    readonly valueResult: unknown
    readonly result: unknown
  }
}

/** A fact, or what a path finds in it where it is an object. What is not a text names no fact. */
export type Read = { readonly fact: unknown; readonly path: Path | undefined }

export type Constant = { readonly constant: unknown }

export type EventTree = {
  readonly type: unknown
  /** Undefined when there are none. */
  readonly params: unknown
  /** Members of `params` that are replaced by facts. */
  readonly reads: readonly (Read & { readonly member: string })[]
}

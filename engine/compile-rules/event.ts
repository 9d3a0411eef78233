import { looker, type Scope } from './lookup.ts'
import { copy } from './plain.ts'
import type { EventTree } from './tree.ts'

/** An event as a run gives it: a copy of the rule's own. */
export type RuleEvent = {
  readonly type: unknown
  readonly params?: unknown
}

/** Makes the event of a rule anew for every run, with the facts it refers to in place of the references. */
export function eventMaker({ type, params, reads }: EventTree, scope: Scope) {
  const replaced = reads.map(({ member, ...read }) => [member, looker(read, scope)] as const)
  return (facts: object): RuleEvent => {
    if (!params) return { type }
    const made = copy(params)
    for (const [member, look] of replaced) (made as Record<string, unknown>)[member] = look(facts)
    return { type, params: made }
  }
}

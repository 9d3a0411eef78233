import type { FactValue } from '../../engine/index.ts'

/** Sign-ins that are alike in every fact that a profile keeps, and whose they were. */
export type Group = {
  readonly facts: ReadonlyMap<string, FactValue>
  readonly signIns: number
  readonly users: ReadonlySet<string>
}

/** One thing that may be given up of a sign-in, so that it is like others: a fact, and what it is then. */
export type Step = {
  readonly fact: string
  readonly general: (value: FactValue) => FactValue
}

/** How many sign-ins gave up a fact. */
export type GivenUp = { readonly fact: string; readonly signIns: number }

/**
 * Makes groups of fewer than `usersAtLeast` people less particular, one step after the other and only as far as needed:
 * those that come to be alike are one group. A group that is still of few people after the last step has given up all.
 */
export function generalised(
  groups: readonly Group[],
  steps: readonly Step[],
  usersAtLeast: number,
): { readonly groups: readonly Group[]; readonly givenUp: readonly GivenUp[] } {
  const counts = new Map<string, number>()
  let current = merged(groups)
  for (const { fact, general } of steps) {
    current = merged(
      current.map((group) => {
        const value = group.facts.get(fact)
        if (group.users.size >= usersAtLeast || value === undefined) return group
        const instead = general(value)
        if (keyOf(instead) === keyOf(value)) return group
        counts.set(fact, (counts.get(fact) ?? 0) + group.signIns)
        return { ...group, facts: new Map([...group.facts, [fact, instead]]) }
      }),
    )
  }
  return { groups: current, givenUp: [...counts].map(([fact, signIns]) => ({ fact, signIns })) }
}

const keyOf = (value: FactValue): string => JSON.stringify(value)

/** Groups that are alike as one; most sign-ins first. */
function merged(groups: readonly Group[]): readonly Group[] {
  const byFacts = new Map<string, Group>()
  for (const group of groups) {
    const key = JSON.stringify([...group.facts].sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = byFacts.get(key)
    byFacts.set(key, {
      facts: group.facts,
      signIns: group.signIns + (known?.signIns ?? 0),
      users: known ? known.users.union(group.users) : group.users,
    })
  }
  return [...byFacts]
    .sort(([a, one], [b, other]) => other.signIns - one.signIns || (a < b ? -1 : 1))
    .map(([, group]) => group)
}

import type { Clause } from './clauses.ts'
import { formOf, type Form } from './forms.ts'
import type { Term } from './term.ts'

/** The literal of one clause on the fact of a column. */
export type Entry = { readonly clause: number; readonly form: Form }

/** Clauses of all rules, numbered so that those that go out together stand together. */
export type Layout = {
  /** By the number of a clause: what it asks, and whose it is. */
  readonly clauses: readonly { readonly rule: number; readonly literals: Clause }[]
  /** Literals by the fact that they are on; those on its members apart. Those that rule out most come first. */
  readonly facts: readonly FactEntries[]
  /** Literals that are on several facts, or in no form that a column knows. */
  readonly others: ReadonlyMap<
    Term,
    readonly { readonly clause: number; readonly holds: boolean }[]
  >
}

export type FactEntries = {
  readonly fact: string
  readonly onMembers: boolean
  readonly entries: readonly Entry[]
  /** How many clauses it takes out of the race, were all values alike likely. */
  readonly rulesOut: number
}

type Open = { readonly rule: number; readonly literals: Clause; number: number }

export function layOut(clausesOfRules: readonly (readonly Clause[])[]): Layout {
  const clauses = clausesOfRules.flatMap((clauses, rule) =>
    clauses.map((literals): Open => ({ rule, literals, number: 0 })),
  )
  const byFact = new Map<string, { fact: string; onMembers: boolean; forms: [Open, Form][] }>()
  const others = new Map<Term, { readonly clause: Open; readonly holds: boolean }[]>()
  for (const clause of clauses)
    for (const literal of clause.literals) {
      const found = formOf(literal)
      if (found === undefined) {
        const needed = others.get(literal.term) ?? []
        needed.push({ clause, holds: literal.holds })
        others.set(literal.term, needed)
        continue
      }
      const { fact, form } = found
      const onMembers = form.form === 'someOf'
      const key = `${onMembers} ${fact}`
      const known = byFact.get(key) ?? { fact, onMembers, forms: [] }
      known.forms.push([clause, form])
      byFact.set(key, known)
    }

  const facts = [...byFact.values()]
    .map((each) => ({ ...each, rulesOut: rulesOut(each.forms.map(([, form]) => form)) }))
    .sort((a, b) => b.rulesOut - a.rulesOut)
  const ordered = inNeighbourhoods(
    clauses,
    facts.map(({ forms }) => forms),
  )
  for (const [number, clause] of ordered.entries()) clause.number = number
  return {
    clauses: ordered,
    facts: facts.map(({ fact, onMembers, rulesOut, forms }) => ({
      fact,
      onMembers,
      rulesOut,
      entries: forms.map(([{ number }, form]) => ({ clause: number, form })),
    })),
    others: new Map(
      [...others].map(([term, needed]) => [
        term,
        needed.map(({ clause, holds }) => ({ clause: clause.number, holds })),
      ]),
    ),
  }
}

/** How many of these literals the values of their fact fail, on average over all values that they name and one more. */
function rulesOut(forms: readonly Form[]): number {
  const named = new Set(forms.flatMap((form) => ('values' in form ? form.values : [])))
  const failing = forms.map((form) => {
    if ('bound' in form) return 1 / 2
    const share = form.values.length / (named.size + 1)
    return form.holds ? 1 - share : share
  })
  return failing.reduce((sum, share) => sum + share, 0)
}

/**
 * Clauses that want the same value of the fact that rules out most stand side by side, so that for another value whole
 * words of bits are zero, and the other facts need not be looked at for them.
 */
function inNeighbourhoods(
  clauses: readonly Open[],
  facts: readonly (readonly (readonly [Open, Form])[])[],
): readonly Open[] {
  const ordered = new Set<Open>()
  for (const forms of facts) {
    const values = new Map<unknown, number>()
    const here: { readonly clause: Open; readonly place: number }[] = []
    for (const [clause, form] of forms) {
      if (ordered.has(clause) || !('values' in form && form.holds)) continue
      const [first] = form.values
      if (!values.has(first)) values.set(first, values.size)
      here.push({ clause, place: values.get(first)! })
    }
    here.sort((a, b) => a.place - b.place)
    for (const { clause } of here) ordered.add(clause)
  }
  for (const clause of clauses) ordered.add(clause)
  return [...ordered]
}

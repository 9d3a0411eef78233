import type { Term } from './term.ts'

/** A term that must hold, or must not. */
export type Literal = { readonly term: Term; readonly holds: boolean }

/** Literals that must all be met. */
export type Clause = readonly Literal[]

/** A rule may become this many clauses; what would make more of them stays whole. */
const mostClauses = 12

/**
 * Terms as clauses of which one must be met (their disjunctive normal form). `staysWhole` says which alternatives are not
 * taken apart; those that would make too many clauses stay whole too.
 */
export function clauseMaker(
  staysWhole: (term: Term) => boolean,
): (term: Term) => readonly Clause[] {
  const made = {
    true: new Map<Term, readonly Clause[]>(),
    false: new Map<Term, readonly Clause[]>(),
  }
  return (term) => clausesIf(term, true)

  function clausesIf(term: Term, holds: boolean): readonly Clause[] {
    const known = made[`${holds}`]
    let clauses = known.get(term)
    if (clauses === undefined) {
      clauses = taken(term, holds)
      known.set(term, clauses)
    }
    return clauses
  }

  function taken(term: Term, holds: boolean): readonly Clause[] {
    const whole: readonly Clause[] = [[{ term, holds }]]
    if (term.kind === 'not') return clausesIf(term.member, !holds)
    if (term.kind === 'test') return whole
    // That not all hold means that some do not, and the other way round.
    const isAny = (term.kind === 'any') === holds
    if (isAny && staysWhole(term)) return whole
    const members = term.members.map((member) => ({ member, clauses: clausesIf(member, holds) }))
    if (isAny) {
      const count = members.reduce((sum, { clauses }) => sum + clauses.length, 0)
      return count > mostClauses ? whole : members.flatMap(({ clauses }) => clauses)
    }
    let joined: readonly Clause[] = [[]]
    for (const { member, clauses } of members.sort((a, b) => a.clauses.length - b.clauses.length)) {
      const fits = joined.length * clauses.length <= mostClauses
      const next: readonly Clause[] = fits ? clauses : [[{ term: member, holds }]]
      joined = joined.flatMap((before) => next.map((clause) => [...before, ...clause]))
    }
    return joined
  }
}

import type { SignIn } from '../facts.ts'
import { lowest, markable, wordsFor } from './bits.ts'
import { clauseMaker, type Clause } from './clauses.ts'
import { factColumn, termColumn } from './columns.ts'
import { emit, mostBits } from './emit.ts'
import { evaluator } from './evaluate.ts'
import { narrowing, type Group } from './groups.ts'
import { layOut } from './layout.ts'
import { membersOf, termsIn, type Term } from './term.ts'

/** What one in so many rules needs is worked out for every sign-in. */
const oftenUsed = 64
const leastUses = 8

/** An index over terms, as `--plan` describes it. */
export type Index = {
  readonly clauses: number
  readonly groups: readonly Group[]
  /** Terms on several facts, or in no form that a column knows, that few clauses need: looked at when all else is met. */
  readonly onDemand: readonly Term[]
  /** Writes the numbers of the terms that hold, going up, and says how many they are. */
  readonly holding: Find
  /** Missing where too much has to be looked at on demand to know it beforehand. */
  readonly signature?: Signature
}

/** Writes the numbers of the terms that hold, going up, and says how many they are. */
export type Find = (signIn: SignIn, numbers: Int32Array) => number

/** All that an index sees of a sign-in, as a few numbers: where they are equal, the same terms hold. */
export type Signature = {
  readonly length: number
  /** False where a column can't judge. */
  readonly write: (signIn: SignIn, into: Float64Array) => boolean
  /** `holding`, for the sign-in whose signature was written last. */
  readonly holding: Find
}

/**
 * Finds the terms that hold without looking at each. Terms are cut into clauses. All literals on one fact stand in one
 * column, which tells for any value of the fact which clauses are still possible, as one set of bits; such sets are kept by
 * classes of values, for several facts together where their classes are few. Finding then is a lookup for each group of
 * columns, a pass over the words that have bits left in all of these sets, and a little for each clause that is met.
 *
 * In the spirit of bitmap indexes over boolean expressions (k-index, BE-tree): those count matching predicates by rule; for
 * some thousands of rules a set of all of them is smaller than the lists that would be counted.
 */
export function indexed(terms: readonly Term[]): Index {
  const uses = usesOf(terms)
  const often = Math.max(leastUses, terms.length / oftenUsed)
  const { rules, facts, others } = layOut(
    terms.map(clauseMaker((term) => uses.get(term)! >= often)),
  )
  const size = rules.length
  const testOf = evaluator()
  const columns = facts.map((each) => factColumn(each, size))
  const onDemand = new Set<Term>()
  for (const [term, needed] of neededBy(others))
    if (needed.length < often) onDemand.add(term)
    else columns.push(termColumn([...factsIn(term)].join(' and '), term, testOf(term), needed))
  const { groups, keys, classify, narrow, clauses, live } = narrowing(columns, size)

  const ruleOf = Int32Array.from(rules)
  const checks = others.map((literals) => {
    const found = literals.filter(({ term }) => onDemand.has(term))
    return found.length === 0
      ? undefined
      : found.map(({ term, holds }) => ({ test: testOf(term), holds }))
  })
  const blocks = wordsFor(wordsFor(size))
  const marks = markable(terms.length)

  return {
    clauses: size,
    groups,
    onDemand: [...onDemand],
    holding: (signIn, numbers) =>
      classify(signIn) ? classifiedHolding(signIn, numbers) : oneByOne(signIn, numbers),
    ...(onDemand.size <= mostBits && { signature: signature() }),
  }

  function signature(): Signature {
    const demanded = emit([...onDemand])
    return {
      length: keys.length + 1,
      write: (signIn, into) => {
        if (!classify(signIn)) return false
        for (let at = 0; at < keys.length; at++) into[at] = keys[at]!
        into[keys.length] = demanded(signIn)
        return true
      },
      holding: classifiedHolding,
    }
  }

  function classifiedHolding(signIn: SignIn, numbers: Int32Array): number {
    narrow(signIn)
    let count = 0
    try {
      for (let block = 0; block < blocks; block++) {
        let words = live[0]![block]!
        for (let at = 1; words !== 0 && at < live.length; at++) words &= live[at]![block]!
        for (; words !== 0; words &= words - 1) mark(block * 32 + lowest(words), signIn)
      }
    } finally {
      count = marks.take(numbers) // no mark may outlive its decision, even if a comparison fails
    }
    return count
  }

  /** Marks the terms whose clauses in this word are met. */
  function mark(word: number, signIn: SignIn): void {
    let left = clauses[0]![word]!
    for (let at = 1; left !== 0 && at < clauses.length; at++) left &= clauses[at]![word]!
    for (; left !== 0; left &= left - 1) {
      const clause = word * 32 + lowest(left)
      const more = checks[clause]
      if (more === undefined || isMet(more, signIn)) marks.add(ruleOf[clause]!)
    }
  }

  /** For values that a column can't judge, and a parsed sign-in never has. */
  function oneByOne(signIn: SignIn, numbers: Int32Array): number {
    let count = 0
    for (const [number, term] of terms.entries())
      if (testOf(term)(signIn)) numbers[count++] = number
    return count
  }
}

type Check = { readonly test: (signIn: SignIn) => boolean; readonly holds: boolean }

function isMet(checks: readonly Check[], signIn: SignIn): boolean {
  for (const { test, holds } of checks) if (test(signIn) !== holds) return false
  return true
}

/** Which clauses want each of these terms to hold, or not to. */
function neededBy(clauses: readonly Clause[]) {
  const needed = new Map<Term, { readonly clause: number; readonly holds: boolean }[]>()
  for (const [clause, literals] of clauses.entries())
    for (const { term, holds } of literals) {
      const known = needed.get(term) ?? []
      needed.set(term, known)
      known.push({ clause, holds })
    }
  return needed
}

const factsIn = (term: Term): ReadonlySet<string> =>
  new Set([...termsIn([term])].flatMap((each) => (each.kind === 'test' ? [each.test.fact] : [])))

/** In how many terms each is used, however deep: at most so many, and at least one for each rule that is it. */
function usesOf(terms: readonly Term[]): ReadonlyMap<Term, number> {
  const uses = new Map<Term, number>()
  for (const term of terms) uses.set(term, (uses.get(term) ?? 0) + 1)
  // A term is made after its members, so that those that use it come first here.
  for (const term of [...termsIn(terms)].sort((a, b) => b.id - a.id)) {
    for (const member of membersOf(term))
      uses.set(member, Math.min(terms.length, (uses.get(member) ?? 0) + uses.get(term)!))
  }
  return uses
}

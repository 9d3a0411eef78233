import { combiner, type Decide, type Decision, type Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { fullBits, type Bits } from './bits.ts'
import { clauseMaker } from './clauses.ts'
import { factColumn, termColumn } from './columns.ts'
import { evaluator } from './evaluate.ts'
import { grouped, type Group } from './groups.ts'
import { layOut } from './layout.ts'
import { membersOf, termsIn, type Term } from './term.ts'

/** What one in so many rules needs is worked out for every sign-in. */
const oftenUsed = 64
const leastUses = 8

/** An index over rules, as `--plan` describes it. */
export type Index = {
  readonly clauses: number
  readonly groups: readonly Group[]
  /** Terms on several facts, or in no form that a column knows, that few clauses need: looked at when all else is met. */
  readonly onDemand: readonly Term[]
  readonly decide: Decide
}

/**
 * Finds the rules that apply without looking at each. Rules are cut into clauses. All literals on one fact stand in one
 * column, which tells for any value of the fact which clauses are still possible, as one set of bits; such sets are kept by
 * classes of values, for several facts together where their classes are few. A decision then is a lookup and a pass over
 * (clauses ÷ 32) words for each group of columns, and a little for each clause that is left.
 *
 * In the spirit of bitmap indexes over boolean expressions (k-index, BE-tree): those count matching predicates by rule; for
 * some thousands of rules a set of all of them is smaller than the lists that would be counted.
 */
export function indexed(rules: readonly Rule[], terms: readonly Term[]): Index {
  const uses = usesOf(terms)
  const often = Math.max(leastUses, rules.length / oftenUsed)
  const { clauses, facts, others } = layOut(
    terms.map(clauseMaker((term) => uses.get(term)! >= often)),
  )
  const testOf = evaluator()
  const columns = facts.map((each) => factColumn(each, clauses.length))
  const onDemand = new Set<Term>()
  for (const [term, needed] of others)
    if (needed.length < often) onDemand.add(term)
    else columns.push(termColumn([...factsIn(term)].join(' and '), testOf(term), needed))
  const groups = grouped(columns, clauses.length)
  const combine = combiner(rules)

  const ruleOf = Int32Array.from(clauses, ({ rule }) => rule)
  const checks = clauses.map(({ literals }) => {
    const needed = literals.filter(({ term }) => onDemand.has(term))
    return needed.length === 0
      ? undefined
      : needed.map(({ term, holds }) => ({ test: testOf(term), holds }))
  })
  const sets: Bits[] = groups.length === 0 ? [fullBits(clauses.length)] : groups.map(() => none)
  const applying = fullBits(rules.length)
  const numbers = new Int32Array(rules.length)

  const decide: Decide = (signIn) => {
    for (let at = 0; at < groups.length; at++) {
      const possible = groups[at]!.possible(signIn)
      if (possible === undefined) return oneByOne(signIn)
      sets[at] = possible
    }
    applying.fill(0)
    const words = sets[0]!.length
    for (let word = 0; word < words; word++) {
      let left = sets[0]![word]!
      for (let at = 1; left !== 0 && at < sets.length; at++) left &= sets[at]![word]!
      for (; left !== 0; left &= left - 1) {
        const clause = word * 32 + 31 - Math.clz32(left & -left)
        if (checks[clause] !== undefined && !isMet(checks[clause], signIn)) continue
        const rule = ruleOf[clause]!
        applying[rule >> 5]! |= 1 << (rule & 31)
      }
    }
    let count = 0
    for (let word = 0; word < applying.length; word++)
      for (let left = applying[word]!; left !== 0; left &= left - 1)
        numbers[count++] = word * 32 + 31 - Math.clz32(left & -left)
    return combine(numbers, count, signIn)
  }
  return { clauses: clauses.length, groups, onDemand: [...onDemand], decide }

  /** For values that a column can't judge, and a parsed sign-in never has. */
  function oneByOne(signIn: SignIn): Decision {
    const found = terms.flatMap((term, rule) => (testOf(term)(signIn) ? [rule] : []))
    return combine(found, found.length, signIn)
  }
}

const none: Bits = fullBits(0)

type Check = { readonly test: (signIn: SignIn) => boolean; readonly holds: boolean }

const isMet = (checks: readonly Check[], signIn: SignIn) =>
  checks.every(({ test, holds }) => test(signIn) === holds)

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

import type { Decide, Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { fullBits, remove, selectionOf, wordsFor, type Selection } from './bits.ts'
import { clauseMaker, type Literal } from './clauses.ts'
import { columnOf, formOf, type Column, type Entry } from './columns.ts'
import { emit, mostBits } from './emit.ts'
import { evaluator } from './evaluate.ts'
import { combiner } from './outcomes.ts'
import type { Term } from './term.ts'

/** What many clauses need is worked out for every sign-in: for one in so many of them at least. */
const oftenUsed = 64
const leastUses = 8

/** An index over rules, as `--plan` describes it. */
export type Index = {
  readonly clauses: number
  readonly columns: readonly Column[]
  /** Terms on several facts, or in no form that a column knows: worked out for every sign-in. */
  readonly always: readonly Term[]
  /** Such terms that few clauses need: worked out for clauses that all columns left over. */
  readonly onDemand: readonly Term[]
  readonly decide: Decide
}

/**
 * Finds the rules that apply without looking at each. Rules are cut into clauses, and the literals of all clauses on one
 * fact stand in one column, which tells for any value of the fact by a few lookups which clauses are still possible, as one
 * set of bits. What is left when all columns were asked is looked at one by one. So a decision costs a pass over (clauses ÷
 * 32) words for each column, and a little for each rule that nearly applies.
 *
 * In the spirit of bitmap indexes over boolean expressions (k-index, BE-tree): those count matching predicates by rule; with
 * some thousands of rules a set of all of them is smaller than the lists that would be counted.
 */
export function indexed(rules: readonly Rule[], terms: readonly Term[]): Index {
  const uses = usesOf(terms)
  const often = Math.max(leastUses, rules.length / oftenUsed)
  const clausesOf = clauseMaker((term) => uses.get(term)! >= often)
  const clauses = terms.flatMap((term, rule) =>
    clausesOf(term).map((literals) => ({ rule, literals })),
  )
  const size = clauses.length

  const entries = new Map<string, { readonly fact: string; readonly entries: Entry[] }>()
  const flags = new Map<Term, { readonly true: number[]; readonly false: number[] }>()
  for (const [clause, { literals }] of clauses.entries()) {
    const taken = new Set<string>()
    for (const literal of literals) {
      const form = formOf(literal)
      if (form === undefined) {
        const needed = flags.get(literal.term) ?? { true: [], false: [] }
        needed[`${literal.holds}`].push(clause)
        flags.set(literal.term, needed)
        continue
      }
      // A clause that asks twice for one of some values stands in two columns.
      let key = JSON.stringify([form.fact, form.form, form.holds])
      while (form.holds && taken.has(key)) key += '+'
      taken.add(key)
      const column = entries.get(key) ?? { fact: form.fact, entries: [] }
      column.entries.push({ clause, form })
      entries.set(key, column)
    }
  }
  const columns = [...entries.values()].map(({ fact, entries }) => columnOf(fact, entries, size))

  const always: Flag[] = []
  const onDemand = new Set<Term>()
  for (const [term, needed] of flags) {
    if (needed.true.length + needed.false.length < often) onDemand.add(term)
    else
      always.push({
        term,
        ifTrue: selectionOf(needed.false, wordsFor(size)),
        ifFalse: selectionOf(needed.true, wordsFor(size)),
      })
  }
  const left = clauses.map(({ literals }) => literals.filter(({ term }) => onDemand.has(term)))
  return {
    clauses: size,
    columns,
    always: always.map(({ term }) => term),
    onDemand: [...onDemand],
    decide: decider(
      rules,
      terms,
      clauses.map(({ rule }) => rule),
      columns,
      always,
      left,
    ),
  }
}

/** A term, and the clauses that are out when it holds, and when it does not. */
type Flag = { readonly term: Term; readonly ifTrue: Selection; readonly ifFalse: Selection }

function decider(
  rules: readonly Rule[],
  terms: readonly Term[],
  ruleOf: readonly number[],
  columns: readonly Column[],
  flags: readonly Flag[],
  left: readonly (readonly Literal[])[],
): Decide {
  const combine = combiner()
  const testOf = evaluator()
  const every = fullBits(ruleOf.length)
  const possible = every.slice()
  const flagWords = Array.from({ length: Math.ceil(flags.length / mostBits) }, (_, word) => {
    const here = flags.slice(word * mostBits, (word + 1) * mostBits)
    return { flags: here, bits: emit(here.map(({ term }) => term)) }
  })
  const lookedAt = left.map((literals) =>
    literals.map(({ term, holds }) => ({ test: testOf(term), holds })),
  )

  return (signIn) => {
    possible.set(every)
    for (const { fact, narrow } of columns)
      if (!narrow((signIn as Readonly<Record<string, unknown>>)[fact], possible))
        return combine(oneByOne(signIn), signIn)
    for (const { flags, bits } of flagWords) {
      const holds = bits(signIn)
      for (let bit = 0; bit < flags.length; bit++)
        remove(possible, (holds >> bit) & 1 ? flags[bit]!.ifTrue : flags[bit]!.ifFalse)
    }
    return combine(applying(signIn), signIn)
  }

  function applying(signIn: SignIn): readonly Rule[] {
    const found: Rule[] = []
    let last = -1
    for (let word = 0; word < possible.length; word++) {
      for (let bits = possible[word]!; bits !== 0; bits &= bits - 1) {
        const clause = word * 32 + 31 - Math.clz32(bits & -bits)
        const rule = ruleOf[clause]!
        if (rule === last || !isMet(lookedAt[clause]!, signIn)) continue
        last = rule
        found.push(rules[rule]!)
      }
    }
    return found
  }

  /** For values that a column can't judge, and a parsed sign-in never has. */
  function oneByOne(signIn: SignIn): readonly Rule[] {
    return rules.filter((_, index) => testOf(terms[index]!)(signIn))
  }
}

const isMet = (
  literals: readonly { readonly test: (signIn: SignIn) => boolean; readonly holds: boolean }[],
  signIn: SignIn,
) => literals.every(({ test, holds }) => test(signIn) === holds)

/** In how many terms each is used, however deep: at most so many, and at least one for each rule that is it. */
function usesOf(terms: readonly Term[]): ReadonlyMap<Term, number> {
  const uses = new Map<Term, number>()
  const found = new Set<Term>()
  const find = (term: Term): void => {
    if (found.has(term)) return
    found.add(term)
    membersOf(term).forEach(find)
  }
  terms.forEach(find)
  for (const term of terms) uses.set(term, (uses.get(term) ?? 0) + 1)
  // A term is made after its members, so that those that use it come first here.
  for (const term of [...found].sort((a, b) => b.id - a.id)) {
    for (const member of membersOf(term))
      uses.set(member, Math.min(terms.length, (uses.get(member) ?? 0) + uses.get(term)!))
  }
  return uses
}

const membersOf = (term: Term): readonly Term[] =>
  term.kind === 'not' ? [term.member] : term.kind === 'test' ? [] : term.members

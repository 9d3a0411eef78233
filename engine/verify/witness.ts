import type { SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import type { Side } from './encoding.ts'
import type { Literal } from './solver.ts'

/** A sign-in that shows something, as near to the ordinary one as any that shows it. */
export type Witness = {
  readonly signIn: SignIn
  /** Facts in which it deviates from the ordinary sign-in: no sign-in that shows it deviates in fewer. */
  readonly deviations: readonly string[]
  /** Facts that force it: with these values, and anything for all others, it is so. None of them can be left out. */
  readonly forcing: readonly string[]
}

/** More classes of one fact are not gone through for the first that does. */
const mostTried = 40

/** Looks for witnesses in one encoding. Where a budget of conflicts runs out what was found by then is given. */
export function witnesses(encoding: Side, ordinary: SignIn, budget: number) {
  const { formula, inputs, columns } = encoding
  let made: ReturnType<typeof measure> | undefined

  /** The nearest sign-in with these literals true, or undefined when there is none; `unknown` when the budget ran out. */
  return (shown: readonly Literal[]): Witness | undefined | 'unknown' => {
    let first = formula.solve(shown, budget)
    if (first === 'satisfiable' && made === undefined) {
      made = measure()
      first = formula.solve(shown, budget) // what was found has no values for what was made
    }
    if (first !== 'satisfiable') return first === 'unknown' ? first : undefined
    const { deviates, moreThan } = made!
    let signIn = encoding.signIn()
    const possible = (...more: readonly Literal[]): boolean => {
      if (formula.solve([...shown, ...more], budget) !== 'satisfiable') return false
      signIn = encoding.signIn()
      return true
    }
    const settled: Literal[] = []
    const settle = (literal: Literal): boolean => {
      // The last model that was found keeps to all that is settled.
      const holds = formula.isTrue(literal) || possible(...settled, literal)
      settled.push(holds ? literal : -literal)
      return holds
    }
    let count = 0
    while (count < moreThan.length && !possible(-moreThan[count]!)) count++
    if (count < moreThan.length) settled.push(-moreThan[count]!)
    // Of several the one whose facts come last in the table, so that it is always the same.
    const deviations = inputs.filter((fact) => !settle(-deviates.get(fact)!))
    for (const fact of deviations) plainest(fact, settle)
    possible(...settled)
    const found = deviations.filter((fact) => valueIn(signIn, fact) !== valueIn(ordinary, fact))
    return { signIn, deviations: found, forcing: forcing(shown, signIn, found) }
  }

  /** What it takes to count deviations. It is only made for who looks for a witness, since all proofs would go through it. */
  function measure() {
    const deviates = new Map(inputs.map((fact) => [fact, encoding.deviates(fact)]))
    return { deviates, moreThan: counter([...deviates.values()]) }
  }

  /** The least change of the fact that does: fewest members, the first class. */
  function plainest(fact: string, settle: (literal: Literal) => boolean): void {
    const column = columns.get(fact)!
    if (column.holds === 'number' || column.of.length > mostTried) return
    const usual = encoding.is(fact, (ordinary as Readonly<Record<string, FactValue>>)[fact]!)
    if (column.holds === 'one') column.of.some((literal) => literal !== usual && settle(literal))
    else for (const literal of column.of.toReversed()) settle(-literal)
  }

  /** As few facts of a sign-in as it takes to force it. */
  function forcing(
    shown: readonly Literal[],
    signIn: SignIn,
    deviations: readonly string[],
  ): readonly string[] {
    const values = signIn as Readonly<Record<string, FactValue>>
    const is = new Map(inputs.map((fact) => [fact, encoding.is(fact, values[fact]!)]))
    const otherwise = -formula.all(shown)
    /** Of these facts those that the others need beside them to force it: undefined when more than the budget allows. */
    const enough = (facts: readonly string[]): readonly string[] | undefined => {
      const given = facts.map((fact) => is.get(fact)!)
      if (formula.solve([otherwise, ...given], budget) !== 'unsatisfiable') return undefined
      const core = new Set(formula.core())
      return facts.filter((fact) => core.has(is.get(fact)!))
    }
    // What deviates is kept the longest: it is what people look at first.
    const order = [...inputs.filter((fact) => !deviations.includes(fact)), ...deviations]
    const kept = new Set(needed([], enough(order) ?? order))
    return inputs.filter((fact) => kept.has(fact))

    /** Of `facts`, from the first on, those without which the rest beside `fixed` does not force it. By halves, so that what was fixed before stays so. */
    function needed(fixed: readonly string[], facts: readonly string[]): readonly string[] {
      if (facts.length === 0) return []
      if (facts.length === 1) return enough(fixed) === undefined ? facts : []
      const [first, last] = [facts.slice(0, facts.length >> 1), facts.slice(facts.length >> 1)]
      const early = needed([...fixed, ...last], first)
      return [...early, ...needed([...fixed, ...early], last)]
    }
  }

  /** At place n: that more than n of the literals hold. */
  function counter(literals: readonly Literal[]): readonly Literal[] {
    let row: readonly Literal[] = []
    for (const literal of literals)
      row = [...row, -formula.always].map((more, place) =>
        formula.any([more, formula.all([literal, place === 0 ? formula.always : row[place - 1]!])]),
      )
    return row
  }
}

const valueIn = (signIn: SignIn, fact: string): string =>
  JSON.stringify((signIn as Readonly<Record<string, FactValue>>)[fact])

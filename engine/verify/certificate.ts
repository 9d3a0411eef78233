import { given, ofTheory } from './proof.ts'

/**
 * Goes through a proof on its own: every learnt clause must follow by unit propagation alone from the clauses before it
 * (reverse unit propagation, Goldberg and Novikov 2003), every clause of the theory must be one that `isValid` finds true by
 * itself. It shares no code with the solver on purpose: a mistake there must not be able to vouch for itself.
 */
export function certifier(isValid: (clause: readonly number[]) => boolean) {
  const clauses: Int32Array[] = []
  const watchers = new Map<number, number[]>()
  const truth = new Map<number, boolean>() // by variable
  let assigned: number[] = []
  let next = 0
  let contradiction = false
  let checked = 0
  let wrong: readonly number[] | undefined

  /** Goes on to the end of these steps. The clause that does not follow, or undefined when all do. */
  function certify(steps: Int32Array): readonly number[] | undefined {
    while (next < steps.length && wrong === undefined) {
      const [source, size] = [steps[next]!, steps[next + 1]!]
      const clause = steps.slice(next + 2, next + 2 + size)
      next += 2 + size
      if (source !== given) {
        checked++
        const holds = source === ofTheory ? isValid([...clause]) : follows(clause)
        if (!holds) wrong = [...clause]
      }
      if (wrong === undefined) keep(clause)
    }
    return wrong
  }

  /** Whether the clause follows from those that hold, by unit propagation alone. */
  function follows(clause: Iterable<number>): boolean {
    if (contradiction) return true
    const before = assigned.length
    let refuted = false
    for (const literal of clause) {
      const value = valueOf(literal)
      if (value === true) refuted = true
      else if (value === undefined) assign(-literal)
    }
    refuted ||= !spread(before)
    for (const literal of assigned.slice(before)) truth.delete(Math.abs(literal))
    assigned = assigned.slice(0, before)
    return refuted
  }

  /** Adds a clause to those that hold, and what follows from it for good. */
  function keep(clause: Int32Array): void {
    if (contradiction) return
    const literals = Int32Array.from(new Set(clause))
    if (literals.some((literal) => literals.includes(-literal))) return
    // Two literals that are not false come first, as far as there are any.
    const rank = (literal: number) => (valueOf(literal) === false ? 1 : 0)
    literals.sort((a, b) => rank(a) - rank(b))
    const [first, second] = literals
    if (first === undefined || valueOf(first) === false) {
      contradiction = true
      return
    }
    const number = clauses.push(literals) - 1
    if (second !== undefined) {
      watch(first, number)
      watch(second, number)
    }
    if ((second === undefined || valueOf(second) === false) && valueOf(first) === undefined) {
      const before = assigned.length
      assign(first)
      if (!spread(before)) contradiction = true
    }
  }

  /** Draws the conclusions of what is assigned from there on; false on a contradiction. */
  function spread(from: number): boolean {
    for (let at = from; at < assigned.length; at++) {
      const falsified = -assigned[at]!
      const list = watchers.get(falsified)
      if (list === undefined) continue
      const kept: number[] = []
      for (let index = 0; index < list.length; index++) {
        const number = list[index]!
        const clause = clauses[number]!
        const other = clause[0] === falsified ? clause[1]! : clause[0]!
        const replacement = valueOf(other)
          ? -1
          : clause.findIndex((literal, place) => place > 1 && valueOf(literal) !== false)
        if (replacement > 0) {
          const literal = clause[replacement]!
          clause[replacement] = falsified
          clause[0] = other
          clause[1] = literal
          watch(literal, number)
          continue
        }
        kept.push(number)
        const value = valueOf(other)
        if (value === undefined) assign(other)
        else if (!value) {
          watchers.set(falsified, [...kept, ...list.slice(index + 1)])
          return false
        }
      }
      watchers.set(falsified, kept)
    }
    return true
  }

  function watch(literal: number, clause: number): void {
    const list = watchers.get(literal)
    if (list === undefined) watchers.set(literal, [clause])
    else list.push(clause)
  }

  function assign(literal: number): void {
    truth.set(Math.abs(literal), literal > 0)
    assigned.push(literal)
  }

  function valueOf(literal: number): boolean | undefined {
    const value = truth.get(Math.abs(literal))
    return value === undefined ? undefined : literal > 0 ? value : !value
  }

  return { certify, follows, checked: () => checked }
}

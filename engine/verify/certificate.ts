import { given, ofTheory } from './proof.ts'

/**
 * Goes through a proof on its own: every learnt clause must follow by unit propagation alone from the clauses before it
 * (reverse unit propagation, Goldberg and Novikov 2003), every clause of the theory must be one that `isValid` finds true by
 * itself. It shares no code with the solver on purpose: a mistake there must not be able to vouch for itself.
 */
export function certifier(isValid: (clause: readonly number[]) => boolean) {
  const clauses: Int32Array[] = []
  let room = 0 // variables that there is room for
  let truth = new Int8Array(1) // by literal + room: 1 true, -1 false, 0 open
  let watchers: (number[] | undefined)[] = [undefined] // by literal + room: clauses
  const assigned: number[] = []
  let next = 0
  let contradiction = false
  let checked = 0
  let wrong: readonly number[] | undefined

  /** Goes on to the end of these steps. The clause that does not follow, or undefined when all do. */
  function certify(steps: Int32Array): readonly number[] | undefined {
    while (next < steps.length && wrong === undefined) {
      const [source, size] = [steps[next]!, steps[next + 1]!]
      const clause = steps.subarray(next + 2, next + 2 + size)
      next += 2 + size
      makeRoom(clause)
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
  function follows(clause: ArrayLike<number>): boolean {
    if (contradiction) return true
    makeRoom(clause)
    const before = assigned.length
    let refuted = false
    for (let at = 0; at < clause.length; at++) {
      const value = truth[room + clause[at]!]!
      if (value > 0) refuted = true
      else if (value === 0) assign(-clause[at]!)
    }
    refuted ||= !spread(before)
    for (const literal of assigned.splice(before)) {
      truth[room + literal] = 0
      truth[room - literal] = 0
    }
    return refuted
  }

  /** Adds a clause to those that hold, and what follows from it for good. */
  function keep(clause: Int32Array): void {
    if (contradiction) return
    const literals = Int32Array.from(new Set(clause))
    if (literals.some((literal) => literals.includes(-literal))) return
    // Two literals that are not false come first, as far as there are any.
    for (let at = 0, front = 0; at < literals.length && front < 2; at++) {
      const literal = literals[at]!
      if (truth[room + literal]! < 0) continue
      literals[at] = literals[front]!
      literals[front++] = literal
    }
    const [first, second] = literals
    if (first === undefined || truth[room + first]! < 0) {
      contradiction = true
      return
    }
    if (second !== undefined) {
      const number = clauses.push(literals) - 1
      watch(first, number)
      watch(second, number)
    }
    const isLast = second === undefined || truth[room + second]! < 0
    if (isLast && truth[room + first] === 0) {
      const before = assigned.length
      assign(first)
      if (!spread(before)) contradiction = true
    }
  }

  /** Draws the conclusions of what is assigned from there on; false on a contradiction. */
  function spread(from: number): boolean {
    for (let at = from; at < assigned.length; at++) {
      const falsified = -assigned[at]!
      const list = watchers[room + falsified]
      if (list === undefined) continue
      let kept = 0
      for (let index = 0; index < list.length; index++) {
        const number = list[index]!
        const clause = clauses[number]!
        const other = clause[0] === falsified ? clause[1]! : clause[0]!
        const value = truth[room + other]!
        let place = 2
        if (value <= 0) while (place < clause.length && truth[room + clause[place]!]! < 0) place++
        if (value <= 0 && place < clause.length) {
          const literal = clause[place]!
          clause[place] = falsified
          clause[0] = other
          clause[1] = literal
          watch(literal, number)
          continue
        }
        list[kept++] = number
        if (value === 0) assign(other)
        else if (value < 0) {
          list.splice(kept, index + 1 - kept)
          return false
        }
      }
      list.length = kept
    }
    return true
  }

  function watch(literal: number, clause: number): void {
    const list = watchers[room + literal]
    if (list === undefined) watchers[room + literal] = [clause]
    else list.push(clause)
  }

  function assign(literal: number): void {
    truth[room + literal] = 1
    truth[room - literal] = -1
    assigned.push(literal)
  }

  /** For all variables of the clause. */
  function makeRoom(clause: ArrayLike<number>): void {
    let most = room
    for (let at = 0; at < clause.length; at++) most = Math.max(most, Math.abs(clause[at]!))
    if (most === room) return
    const larger = 2 * most
    const truths = new Int8Array(2 * larger + 1)
    truths.set(truth, larger - room)
    truth = truths
    const before: typeof watchers = Array.from({ length: larger - room })
    watchers = before.concat(watchers, before)
    room = larger
  }

  return { certify, follows, checked: () => checked }
}

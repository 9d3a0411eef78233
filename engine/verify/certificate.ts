import { given, ofTheory } from './proof.ts'

/**
 * Goes through a proof on its own: every learnt clause must follow by unit propagation alone from the clauses before it
 * (reverse unit propagation, Goldberg and Novikov 2003), every clause of the theory must be one that `isValid` finds true by
 * itself. It shares no code with the solver on purpose: a mistake there must not be able to vouch for itself.
 */
export function certifier(isValid: (clause: readonly number[]) => boolean) {
  let clauses = new Int32Array(1024) // one after another: size, literals
  let end = 0
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
    const start = end + 1
    if (start + clause.length > clauses.length) {
      const larger = new Int32Array(2 * (start + clause.length))
      larger.set(clauses)
      clauses = larger
    }
    // Two literals that are not false come first, as far as there are any.
    let stop = start
    let front = start
    for (const literal of clause) {
      if (isAmong(-literal, start, stop)) return
      if (isAmong(literal, start, stop)) continue
      clauses[stop++] = literal
      if (truth[room + literal]! < 0 || front >= start + 2) continue
      clauses[stop - 1] = clauses[front]!
      clauses[front++] = literal
    }
    const first = clauses[start]!
    if (front === start) {
      contradiction = true
      return
    }
    if (stop - start > 1) {
      clauses[end] = stop - start
      watch(first, end)
      watch(clauses[start + 1]!, end)
      end = stop
    }
    if (front === start + 1 && truth[room + first] === 0) {
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
        const clause = list[index]!
        const start = clause + 1
        const stop = start + clauses[clause]!
        const other = clauses[start] === falsified ? clauses[start + 1]! : clauses[start]!
        const value = truth[room + other]!
        let place = start + 2
        if (value <= 0) while (place < stop && truth[room + clauses[place]!]! < 0) place++
        if (value <= 0 && place < stop) {
          const literal = clauses[place]!
          clauses[place] = falsified
          clauses[start] = other
          clauses[start + 1] = literal
          watch(literal, clause)
          continue
        }
        list[kept++] = clause
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

  function isAmong(literal: number, start: number, stop: number): boolean {
    for (let at = start; at < stop; at++) if (clauses[at] === literal) return true
    return false
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

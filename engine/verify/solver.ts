import { mostActive } from './most-active.ts'
import type { Proof } from './proof.ts'

/** A variable as 1, 2, 3…; negative for "not". */
export type Literal = number

export type Answer = 'satisfiable' | 'unsatisfiable' | 'unknown'

/** What clauses can not say. */
export type Theory = {
  /** Looks at an assignment, whole or not, and gives a clause that it breaks. */
  readonly contradiction: (isTrue: (literal: Literal) => boolean) => readonly Literal[] | undefined
  /** Looks at an assignment that breaks none, and tells of each of its variables how all can hold together with it: what is tried next. */
  readonly suggestions: (isTrue: (literal: Literal) => boolean) => (variable: number) => boolean
}

export type Solver = ReturnType<typeof solver>

const none = -1
const restartUnit = 128
const header = 2

/**
 * Conflict-driven clause learning (Marques-Silva and Sakallah 1996; watched literals, activities and learning as in MiniSat
 * 1.14): whether clauses can be met together, under assumptions that hold for one question only. What it learns stays, so a
 * thousand questions on one set of clauses cost little more than one. Each clause it is given or learns goes to `proof`,
 * in that order. It forgets half of that once there are `firstMostLearnt`, and then ever later. Only variables made as choices are guessed; all others must follow from those.
 */
export function solver(proof: Proof, theory?: Theory, firstMostLearnt = 8000) {
  // Literals inside: 2v for v, 2v + 1 for not v.
  let variables = 0
  let values = new Int8Array(1024) // by literal: 1 true, -1 false, 0 open
  let levels = new Int32Array(512)
  let reasons = new Int32Array(512)
  let preferred = new Int8Array(512)
  let phases = new Int8Array(512)
  let seen = new Uint8Array(512)
  let theoretical = new Uint8Array(512)
  let trail = new Int32Array(512)
  let arena = new Int32Array(4096) // clauses one after another: size, whether learnt and how wide, literals
  let arenaEnd = 0
  const watches: number[][] = [[], []] // by literal: clause, some other literal of it, clause, …
  const choices: number[] = []
  const order = mostActive()
  let trailEnd = 0
  let head = 0
  let looked = 0 // up to where the theory has seen the trail
  const limits: number[] = [] // where each level of the trail starts
  let possible = true
  let learnt: number[] = []
  let mostLearnt = firstMostLearnt
  let core: readonly Literal[] = []
  let assumed: readonly number[] = [] // of the last question; those that have a level have one each, the first ones
  let isOver = () => false
  let model = new Int8Array(0)
  let suggested: ((variable: number) => boolean) | undefined // by the theory, once it was asked
  const count = {
    conflicts: 0,
    lemmas: 0,
    decisions: 0,
    propagations: 0,
    questions: 0,
    restarts: 0,
    forgotten: 0,
  }

  return {
    variable,
    add,
    solve,
    isTrue,
    prefer,
    core: () => core,
    /** Asked after every conflict: once this holds, all answers are `unknown`. */
    endWhen: (over: () => boolean) => void (isOver = over),
    count,
    variables: () => variables,
  }

  /** A new variable. One that is no choice must have a value wherever all choices have one; those of the theory are choices. */
  function variable(isChoice = false, isOfTheory = false): Literal {
    const v = ++variables
    if (v >= levels.length) grow()
    reasons[v] = none
    watches.push([], [])
    theoretical[v] = isOfTheory ? 1 : 0
    if (isChoice) {
      choices.push(v)
      order.include(v)
    }
    return v
  }

  function grow(): void {
    const size = levels.length * 2
    const larger = <T extends Int8Array | Uint8Array | Int32Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    values = larger(values, new Int8Array(2 * size))
    levels = larger(levels, new Int32Array(size))
    reasons = larger(reasons, new Int32Array(size))
    preferred = larger(preferred, new Int8Array(size))
    phases = larger(phases, new Int8Array(size))
    seen = larger(seen, new Uint8Array(size))
    theoretical = larger(theoretical, new Uint8Array(size))
    trail = larger(trail, new Int32Array(size))
  }

  /** The value that is tried first for the literal's variable: true of this literal. */
  function prefer(literal: Literal): void {
    preferred[Math.abs(literal)] = literal > 0 ? 1 : -1
  }

  /** Of the last answer that was satisfiable. */
  function isTrue(literal: Literal): boolean {
    const value = model[Math.abs(literal)]!
    return literal > 0 ? value > 0 : value <= 0
  }

  /** Adds a clause: one of these literals holds. */
  function add(clause: readonly Literal[]): void {
    proof.given(clause)
    backTo(0)
    attach(clause)
  }

  function attach(clause: readonly Literal[]): void {
    if (!possible) return
    const literals: number[] = []
    for (const literal of clause) {
      const inner = innerOf(literal)
      if (values[inner]! > 0 || literals.includes(inner ^ 1)) return
      if (values[inner] === 0 && !literals.includes(inner)) literals.push(inner)
    }
    const [first] = literals
    if (first === undefined) possible = false
    else if (literals.length === 1) {
      enqueue(first, none)
      if (propagate() !== none) possible = false
    } else allocate(literals, 0)
  }

  function allocate(literals: ArrayLike<number>, width: number): number {
    const size = literals.length
    if (arenaEnd + size + header > arena.length) {
      const larger = new Int32Array(2 * (arenaEnd + size + header))
      larger.set(arena)
      arena = larger
    }
    const clause = arenaEnd
    arena[clause] = size
    arena[clause + 1] = width
    for (let at = 0; at < size; at++) arena[clause + header + at] = literals[at]!
    arenaEnd += size + header
    watches[literals[0]!]!.push(clause, literals[1]!)
    watches[literals[1]!]!.push(clause, literals[0]!)
    return clause
  }

  function enqueue(literal: number, reason: number): void {
    const v = literal >> 1
    values[literal] = 1
    values[literal ^ 1] = -1
    levels[v] = limits.length
    reasons[v] = reason
    trail[trailEnd++] = literal
  }

  /** Draws all conclusions of single clauses; gives a clause that can not be met any more, or none. */
  function propagate(): number {
    const [vals, mem] = [values, arena]
    while (head < trailEnd) {
      const falsified = trail[head++]! ^ 1
      count.propagations++
      const list = watches[falsified]!
      const end = list.length
      let kept = 0
      for (let at = 0; at < end; at += 2) {
        const clause = list[at]!
        const other = list[at + 1]!
        if (vals[other]! > 0) {
          list[kept++] = clause
          list[kept++] = other
          continue
        }
        const size = mem[clause]!
        if (size === 0) continue // forgotten
        const start = clause + header
        if (mem[start] === falsified) {
          mem[start] = mem[start + 1]!
          mem[start + 1] = falsified
        }
        const first = mem[start]!
        list[kept++] = clause
        list[kept++] = first
        if (vals[first]! > 0) continue
        let place = start + 2
        const stop = start + size
        while (place < stop && vals[mem[place]!]! < 0) place++
        if (place < stop) {
          const next = mem[place]!
          mem[place] = falsified
          mem[start + 1] = next
          watches[next]!.push(clause, first)
          kept -= 2
        } else if (vals[first]! < 0) {
          for (let rest = at + 2; rest < end; rest++) list[kept++] = list[rest]!
          list.length = kept
          head = trailEnd
          return clause
        } else enqueue(first, clause)
      }
      list.length = kept
    }
    return none
  }

  function backTo(level: number): void {
    if (limits.length <= level) return
    const start = limits[level]!
    for (let at = trailEnd - 1; at >= start; at--) {
      const literal = trail[at]!
      const v = literal >> 1
      values[literal] = 0
      values[literal ^ 1] = 0
      // What the theory suggests can hold together; what values it happened to have need not.
      if (!theoretical[v]) phases[v] = literal & 1 ? -1 : 1
      order.insert(v)
    }
    trailEnd = start
    head = start
    looked = Math.min(looked, start)
    limits.length = level
  }

  /** From a clause that can't be met to one that says why: its first literal is what would have followed earlier. */
  function analyse(conflict: number): { readonly clause: number[]; readonly level: number } {
    const clause = [0]
    let open = 0
    let at = trailEnd
    let literal = none
    let reason = conflict
    do {
      const start = reason + header
      const size = arena[reason]!
      for (let place = start; place < start + size; place++) {
        const other = arena[place]!
        const v = other >> 1
        if (other === literal || seen[v] || levels[v] === 0) continue
        seen[v] = 1
        order.touch(v)
        if (levels[v] === limits.length) open++
        else clause.push(other)
      }
      do literal = trail[--at]!
      while (!seen[literal >> 1])
      reason = reasons[literal >> 1]!
      seen[literal >> 1] = 0
      open--
    } while (open > 0)
    clause[0] = literal ^ 1
    const marked = clause.slice(1)
    const needed = marked.filter((each) => !follows(each))
    for (const each of marked) seen[each >> 1] = 0
    needed.unshift(clause[0])
    let level = 0
    for (let place = 1; place < needed.length; place++) {
      const here = levels[needed[place]! >> 1]!
      if (here <= level) continue
      level = here
      const swap = needed[1]!
      needed[1] = needed[place]!
      needed[place] = swap
    }
    return { clause: needed, level }
  }

  /** Whether a literal of the clause follows from the others. */
  function follows(literal: number): boolean {
    const reason = reasons[literal >> 1]!
    if (reason === none) return false
    for (let at = reason + header; at < reason + header + arena[reason]!; at++) {
      const v = arena[at]! >> 1
      if (v !== literal >> 1 && !seen[v] && levels[v]! > 0) return false
    }
    return true
  }

  function learn({ clause, level }: { readonly clause: number[]; readonly level: number }): void {
    proof.learnt(clause.map(outerOf))
    backTo(level)
    if (clause.length === 1) return enqueue(clause[0]!, none)
    const width = new Set(clause.map((literal) => levels[literal >> 1]!)).size
    const made = allocate(clause, width)
    learnt.push(made)
    enqueue(clause[0]!, made)
  }

  /** Forgets half of what was learnt, the widest first; nothing that an open conclusion rests on. */
  function forget(): void {
    const inUse = (clause: number) => reasons[arena[clause + header]! >> 1] === clause
    const widest = learnt.toSorted((a, b) => arena[b + 1]! - arena[a + 1]!)
    const gone = new Set(
      widest
        .slice(0, widest.length >> 1)
        .filter((clause) => arena[clause + 1]! > 2 && !inUse(clause)),
    )
    for (const clause of gone) arena[clause] = 0
    count.forgotten += gone.size
    learnt = learnt.filter((clause) => !gone.has(clause))
    mostLearnt *= 1.1
  }

  /**
   * Whether all clauses can be met with these literals true. After `unsatisfiable`, `core()` is the part of them that was
   * needed; after more than `budget` conflicts the answer is `unknown`.
   */
  function solve(assumptions: readonly Literal[], budget = Infinity): Answer {
    count.questions++
    core = []
    if (!possible) return 'unsatisfiable'
    if (isOver()) return 'unknown'
    assume(assumptions.map(innerOf))
    for (const v of choices) phases[v] = preferred[v]!
    looked = 0
    suggested = undefined
    let left = budget
    let sinceRestart = 0
    let restarts = 0
    for (;;) {
      let conflict = propagate()
      if (conflict === none) {
        const lemma = contradiction()
        if (lemma === undefined) {
          const next = choose()
          if (next === undefined) return satisfied()
          if (next === 'contradiction') return 'unsatisfiable'
          continue
        }
        count.lemmas++
        left--
        proof.theory(lemma)
        conflict = allocateLemma(lemma)
      }
      if (conflict !== none) {
        count.conflicts++
        if (limits.length === 0) return impossible()
        learn(analyse(conflict))
        order.decay()
        sinceRestart++
        if (--left <= 0 || isOver()) return 'unknown'
        if (sinceRestart > restartUnit * luby(restarts)) {
          sinceRestart = 0
          restarts++
          count.restarts++
          backTo(0)
        }
        if (learnt.length > mostLearnt) forget()
      } else if (!possible) return impossible()
    }
  }

  /** Goes back only to where these assumptions part from those before: what the first ones lead to stands. */
  function assume(assumptions: readonly number[]): void {
    let shared = 0
    while (shared < assumptions.length && assumptions[shared] === assumed[shared]) shared++
    backTo(shared)
    assumed = assumptions
  }

  function impossible(): Answer {
    possible = false
    proof.learnt([])
    return 'unsatisfiable'
  }

  function satisfied(): Answer {
    model = new Int8Array(variables + 1)
    for (let v = 1; v <= variables; v++) model[v] = values[2 * v]!
    return 'satisfiable'
  }

  function isTrueNow(literal: Literal): boolean {
    return values[innerOf(literal)]! > 0
  }

  /**
   * Asks the theory where one of its literals came out otherwise than it suggested: as long as all are as suggested they
   * can hold together. Then it suggests anew.
   */
  function contradiction(): readonly Literal[] | undefined {
    let isNew = false
    for (; looked < trailEnd; looked++) {
      const v = trail[looked]! >> 1
      if (theoretical[v] && values[2 * v] !== phaseOf(v)) isNew = true
    }
    if (!isNew || theory === undefined) return undefined
    const lemma = theory.contradiction(isTrueNow)
    if (lemma !== undefined) return lemma
    suggested = theory.suggestions(isTrueNow)
    return undefined
  }

  /** What is tried first. */
  function phaseOf(v: number): number {
    if (!theoretical[v] || suggested === undefined) return phases[v]!
    return suggested(v) ? 1 : -1
  }

  /** A clause of the theory that the assignment breaks: goes back to where it is a conflict, or a conclusion. */
  function allocateLemma(lemma: readonly Literal[]): number {
    for (const literal of lemma) order.touch(Math.abs(literal))
    const literals = lemma.map(innerOf).toSorted((a, b) => levels[b >> 1]! - levels[a >> 1]!)
    const [first, second] = literals
    if (first === undefined || levels[first >> 1] === 0) {
      backTo(0)
      possible = false
      return none
    }
    if (second === undefined) {
      backTo(0)
      enqueue(first, none)
      return none
    }
    const [deepest, next] = [levels[first >> 1]!, levels[second >> 1]!]
    backTo(deepest === next ? deepest : next)
    const clause = allocate(literals, 0)
    if (deepest === next) return clause
    enqueue(first, clause)
    return none
  }

  /** The next guess: an assumption, else the open choice that conflicts were most about. Undefined when all have values. */
  function choose(): true | 'contradiction' | undefined {
    while (limits.length < assumed.length) {
      const literal = assumed[limits.length]!
      if (values[literal]! < 0) {
        conclude(literal)
        return 'contradiction'
      }
      limits.push(trailEnd)
      if (values[literal] === 0) {
        enqueue(literal, none)
        return true
      }
    }
    for (let v = order.take(); v !== undefined; v = order.take()) {
      if (values[2 * v] !== 0) continue
      count.decisions++
      limits.push(trailEnd)
      enqueue(phaseOf(v) > 0 ? 2 * v : 2 * v + 1, none)
      return true
    }
    return undefined
  }

  /** Which assumptions make this one false. */
  function conclude(literal: number): void {
    const needed = [outerOf(literal)]
    seen[literal >> 1] = 1
    for (let at = trailEnd - 1; at >= (limits[0] ?? trailEnd); at--) {
      const v = trail[at]! >> 1
      if (!seen[v]) continue
      const reason = reasons[v]!
      if (reason === none) needed.push(outerOf(trail[at]!))
      else
        for (let place = reason + header; place < reason + header + arena[reason]!; place++)
          if (levels[arena[place]! >> 1]! > 0) seen[arena[place]! >> 1] = 1
      seen[v] = 0
    }
    seen[literal >> 1] = 0
    core = [...new Set(needed)]
    proof.learnt(core.map((each) => -each))
  }
}

const innerOf = (literal: Literal) => (literal > 0 ? 2 * literal : -2 * literal + 1)
const outerOf = (inner: number): Literal => (inner & 1 ? -(inner >> 1) : inner >> 1)

/** 1 1 2 1 1 2 4 …: how long to go on before a restart (Luby, Sinclair and Zuckerman 1993). */
function luby(index: number): number {
  let size = 1
  let power = 0
  while (size < index + 1) {
    size = 2 * size + 1
    power++
  }
  let at = index
  while (size - 1 !== at) {
    size = (size - 1) >> 1
    power--
    at %= size
  }
  return 2 ** power
}

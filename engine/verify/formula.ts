import { proof } from './proof.ts'
import { solver, type Literal, type Theory } from './solver.ts'

export type Formula = ReturnType<typeof formula>

/** Gates with more inputs than this are made of smaller ones, since the solver goes through a clause from its start. */
const widest = 8

/** Boolean formulas as clauses (Tseitin 1968), both ways, equal gates once. */
export function formula(theory?: Theory) {
  const log = proof()
  const sat = solver(log, theory)
  const gates = new Map<string, Literal>()
  const always = sat.variable()
  sat.add([always])

  return {
    ...sat,
    log,
    always,
    choice: () => sat.variable(true),
    bound: () => sat.variable(true, true),
    all,
    any,
    same,
    truth,
  }

  /** Holds where all of these do. */
  function all(literals: Iterable<Literal>): Literal {
    return -any([...literals].map((literal) => -literal))
  }

  /** Holds where one of these does. */
  function any(literals: Iterable<Literal>): Literal {
    const open = new Set<Literal>()
    for (const literal of literals) {
      if (literal === always || open.has(-literal)) return always
      if (literal !== -always) open.add(literal)
    }
    const inputs = [...open].sort((a, b) => Math.abs(a) - Math.abs(b))
    if (inputs.length === 0) return -always
    if (inputs.length === 1) return inputs[0]!
    if (inputs.length > widest) {
      const size = Math.ceil(inputs.length / Math.min(widest, Math.ceil(inputs.length / widest)))
      const parts = Array.from({ length: Math.ceil(inputs.length / size) }, (_, index) =>
        any(inputs.slice(index * size, (index + 1) * size)),
      )
      return any(parts)
    }
    const key = inputs.join(' ')
    const known = gates.get(key)
    if (known !== undefined) return known
    const gate = sat.variable()
    gates.set(key, gate)
    sat.add([-gate, ...inputs])
    for (const input of inputs) sat.add([gate, -input])
    return gate
  }

  /** Holds where both do or neither does. */
  function same(a: Literal, b: Literal): Literal {
    return all([any([-a, b]), any([a, -b])])
  }

  function truth(value: boolean): Literal {
    return value ? always : -always
  }
}

import { combiner, type Decision, type Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'

/** Decisions kept per rule set, before it starts anew. */
const mostKept = 4_096

/** A decision; or, where the rules show a fact, what is kept for each value of it. */
export type Kept = {
  readonly decision: Decision | undefined
  readonly fact: string
  readonly by: Map<Key, Kept> | undefined
}
type Key = FactValue | typeof minusZero

/**
 * Decisions by the bits that say which of these rules apply, and by the values of the facts that they show: each is worked
 * out once, frozen, and shared by all who get it. The generated code looks into `kept` itself, and asks `decide` for what
 * is not there at once.
 */
export type Outcomes = {
  readonly kept: ReadonlyMap<Key, Kept>
  readonly decide: (bits: number, signIn: SignIn) => Decision
}

export function outcomesOf(rules: readonly Rule[]): Outcomes {
  const combine = combiner(rules)
  const kept = new Map<Key, Kept>()
  let count = 0
  return { kept, decide }

  function decide(bits: number, signIn: SignIn): Decision {
    let known = kept.get(bits)
    while (known?.by !== undefined) known = known.by.get(keyOf(signIn, known.fact))
    return known?.decision ?? decideAnew(bits, signIn)
  }

  function decideAnew(bits: number, signIn: SignIn): Decision {
    const applying = rules.flatMap((_, index) => ((bits & (2 ** index)) === 0 ? [] : [index]))
    const decision = combine(applying, applying.length, signIn)
    const shown = [...new Set(applying.flatMap((index) => rules[index]!.event.params.shows ?? []))]
    // Two equal arrays are two keys, and would never be found again.
    if (shown.some((fact) => isObject(keyOf(signIn, fact)))) return decision
    if (count === mostKept) {
      kept.clear()
      count = 0
    }
    count++
    let [map, key]: [Map<Key, Kept>, Key] = [kept, bits]
    for (const fact of shown) {
      const by: Map<Key, Kept> = map.get(key)?.by ?? new Map()
      map.set(key, { decision: undefined, fact, by })
      ;[map, key] = [by, keyOf(signIn, fact)]
    }
    map.set(key, { decision: frozen(decision), fact: '', by: undefined })
    return decision
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null

const minusZero = Symbol('-0')

/** What a map finds the value of a fact by; it would take -0 for 0. */
const keyOf = (signIn: SignIn, fact: string): Key => {
  const value = (signIn as Readonly<Record<string, FactValue>>)[fact]!
  return Object.is(value, -0) ? minusZero : value
}

/** Kept decisions are shared by all who get them. */
export function frozen<T>(value: T): T {
  if (isObject(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value as object).forEach(frozen)
  }
  return value
}

import {
  combine,
  type Decision,
  type FactValue,
  type Rule,
  type SignIn,
} from '../../../engine/index.ts'

/** Rules that apply to a sign-in. */
export type Applying = {
  readonly and: (rule: number) => Applying
  readonly decision: (signIn: SignIn) => Decision
}

/**
 * No rule yet. Sets grown in the same order are the same object, so that what follows from one is worked out once:
 * other engines tell which rules apply, and are not to pay for what we make of it.
 */
export function noneOf(rules: readonly Rule[], applying: readonly Rule[] = []): Applying {
  const grown = new Map<number, Applying>()
  const decisions = new Map<string, Decision>()
  const shown = applying.flatMap(({ event }) => event.params.shows ?? [])
  return {
    and: (rule) => {
      let more = grown.get(rule)
      if (more === undefined) {
        more = noneOf(rules, [...applying, rules[rule]!])
        grown.set(rule, more)
      }
      return more
    },
    decision: (signIn) => {
      const facts = signIn as Readonly<Record<string, FactValue>>
      const key = shown.length === 0 ? '' : shown.map((fact) => String(facts[fact])).join()
      let decision = decisions.get(key)
      if (decision === undefined) {
        decision = combine(applying, signIn)
        decisions.set(key, decision)
      }
      return decision
    },
  }
}

import type { Condition } from './condition.ts'
import { combine, type Decide, type Decision, type Rule } from './decision.ts'
import { emitter, type Emitter } from './emit.ts'
import type { SignIn } from './facts.ts'

type Test = (signIn: SignIn) => boolean

/** The part of a rule set that decides. */
export type Deciding = {
  readonly rules: readonly Rule[]
  /** Shared conditions by name; a rule refers to them with `{"condition": name}`. */
  readonly conditions: Readonly<Record<string, Condition>>
}

/** Rules whose applying is told by the bits of one number; a larger rule set has several such numbers. */
const bits = 30
/** Decisions kept per rule set; a rule set has at most as many as there are sets of rules that apply together. */
const mostKept = 4_096

/**
 * Turns a rule set into one synchronous function: JavaScript generated from its conditions says which rules apply, as bits,
 * and what follows from them is `combine`'s, worked out once for each set of rules. It means what `interpret` means; a
 * property test holds them together.
 */
export function compile({ rules, conditions }: Deciding): Decide {
  const emit = emitter(conditions)
  const words: string[] = []
  for (let from = 0; from < rules.length; from += bits) {
    const tests = rules
      .slice(from, from + bits)
      .map((rule, bit) => `(${emit.expression(rule.conditions)} ? ${2 ** bit} : 0)`)
    words.push(tests.join(' | '))
  }
  if (words.length <= 1) {
    const applying = generate(emit, `return ${words[0] ?? '0'}`) as (signIn: SignIn) => number
    const kept = keeper(rules)
    return (signIn) => kept(applying(signIn), signIn)
  }
  const applying = generate(emit, `return [${words.join(', ')}]`) as (
    signIn: SignIn,
  ) => readonly number[]
  return (signIn) => combine(rulesOf(rules, applying(signIn)), signIn)
}

/** A compiler of conditions over these shared ones. */
export function compiler(conditions: Deciding['conditions']): (condition: Condition) => Test {
  return (condition) => {
    const emit = emitter(conditions)
    return generate(emit, `return ${emit.expression(condition)}`) as Test
  }
}

/** A function of the sign-in with this body. */
function generate(emit: Emitter, body: string): (signIn: SignIn) => unknown {
  const { once, perSignIn } = emit.prelude()
  const source = `'use strict'\n${once}\nreturn (signIn) => {\n${perSignIn}\n${body}\n}`
  // The emitter quotes all that comes from rule files, and names everything itself.
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('values', 'holds', source) as (
    ...given: unknown[]
  ) => (signIn: SignIn) => unknown
  return make(emit.values, emit.holds)
}

/** Decisions by which rules apply. One that shows facts of the sign-in is made anew each time. */
function keeper(rules: readonly Rule[]): (mask: number, signIn: SignIn) => Decision {
  const kept = new Map<number, Decision>()
  const showing = rules.reduce(
    (mask, { event }, bit) => (event.params.shows ? mask | (2 ** bit) : mask),
    0,
  )
  return (mask, signIn) => {
    const known = kept.get(mask)
    if (known !== undefined) return known
    const decision = combine(rulesOf(rules, [mask]), signIn)
    if ((mask & showing) === 0 && kept.size < mostKept) kept.set(mask, frozen(decision))
    return decision
  }
}

function rulesOf(rules: readonly Rule[], words: readonly number[]): readonly Rule[] {
  return rules.filter(
    (_, index) => ((words[Math.floor(index / bits)]! >> (index % bits)) & 1) === 1,
  )
}

/** Kept decisions are shared by all who get them. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

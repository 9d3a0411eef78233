import type { Condition } from '../condition.ts'
import { combiner, inOrder, type Decide, type Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { emit, mostBits } from './emit.ts'
import { indexed } from './indexed.ts'
import { keeper } from './outcomes.ts'
import { termMaker } from './term.ts'

/** The part of a rule set that decides. */
export type Deciding = {
  readonly rules: readonly Rule[]
  /** Shared conditions by name; a rule refers to them with `{"condition": name}`. */
  readonly conditions: Readonly<Record<string, Condition>>
}

/** `code` looks at every rule, in one generated function; `index` at those only that the facts of the sign-in lead to. */
export const strategies = ['code', 'index'] as const
export type Strategy = (typeof strategies)[number]

/** Up to this many rules, looking at each of them takes less than the index. */
export const mostForCode = mostBits

export const strategyFor = (rules: number): Strategy => (rules <= mostForCode ? 'code' : 'index')

/**
 * Turns a rule set into one synchronous function. It means what `interpret` means, whatever the strategy; property tests
 * hold them together.
 */
export function compile(
  { rules, conditions }: Deciding,
  strategy: Strategy = strategyFor(rules.length),
): Decide {
  if (strategy === 'code' && rules.length > mostForCode)
    throw new RangeError(`code is for at most ${mostForCode} rules, got ${rules.length}`)
  const ordered = inOrder(rules)
  const termOf = termMaker(conditions)
  const terms = ordered.map((rule) => termOf(rule.conditions))
  if (strategy === 'index') {
    const { holding } = indexed(terms)
    const combine = combiner(ordered)
    const numbers = new Int32Array(terms.length)
    return (signIn) => combine(numbers, holding(signIn, numbers), signIn)
  }
  const applying = emit(terms)
  const decisionFor = keeper(ordered)
  return (signIn) => decisionFor(applying(signIn), signIn)
}

/** A compiler of conditions over these shared ones. */
export function compiler(
  conditions: Deciding['conditions'],
): (condition: Condition) => (signIn: SignIn) => boolean {
  const termOf = termMaker(conditions)
  return (condition) => {
    const bits = emit([termOf(condition)])
    return (signIn) => bits(signIn) === 1
  }
}

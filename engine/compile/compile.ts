import type { Condition } from '../condition.ts'
import { combiner, inOrder, type Decide, type Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { lowest } from './bits.ts'
import { emit, generate, mostBits } from './emit.ts'
import { indexed, type Find } from './indexed.ts'
import { outcomesOf } from './outcomes.ts'
import { decideByIndex } from './remembered.ts'
import { termMaker, type Term } from './term.ts'

/** The part of a rule set that decides. */
export type Deciding = {
  readonly rules: readonly Rule[]
  /** Shared conditions by name; a rule refers to them with `{"condition": name}`. */
  readonly conditions: Readonly<Record<string, Condition>>
}

/**
 * `code` looks at every rule, in generated functions; `index` at those only that the facts of the sign-in lead to. Which is
 * chosen is told by how many rules there are.
 */
export const strategies = ['code', 'index'] as const
export type Strategy = (typeof strategies)[number]

/** Up to this many rules looking at each takes less than the index; they break even between 120 and 180 (`npm run bench`). */
export const mostForCode = 120

export const strategyFor = (rules: number): Strategy => (rules <= mostForCode ? 'code' : 'index')

/**
 * Turns a rule set into one synchronous function. It means what `interpret` means, whatever the strategy; property tests
 * hold them together.
 */
export function compile(
  { rules, conditions }: Deciding,
  strategy: Strategy = strategyFor(rules.length),
): Decide {
  const ordered = inOrder(rules)
  const termOf = termMaker(conditions)
  const terms = ordered.map((rule) => termOf(rule.conditions))
  if (strategy === 'code' && terms.length <= mostBits) {
    const { kept, decide } = outcomesOf(ordered)
    return generate(terms, ({ bitsOf, valueName }) =>
      [
        `const bits = ${bitsOf(terms)}`,
        `const known = ${valueName(kept)}.get(bits)`,
        'if (known !== undefined && known.decision !== undefined) return known.decision',
        `return ${valueName(decide)}(bits, signIn)`,
      ].join('\n'),
    ) as Decide
  }
  if (strategy === 'index') return decideByIndex(ordered, indexed(terms))
  const find = oneAfterTheOther(terms)
  const combine = combiner(ordered)
  const numbers = new Int32Array(terms.length)
  return (signIn) => combine(numbers, find(signIn, numbers), signIn)
}

export function finder(terms: readonly Term[], strategy: Strategy): Find {
  return strategy === 'index' ? indexed(terms).holding : oneAfterTheOther(terms)
}

function oneAfterTheOther(terms: readonly Term[]): Find {
  const words: ((signIn: SignIn) => number)[] = []
  for (let from = 0; from < terms.length; from += mostBits)
    words.push(emit(terms.slice(from, from + mostBits)))
  return (signIn, numbers) => {
    let count = 0
    for (let word = 0; word < words.length; word++)
      for (let bits = words[word]!(signIn); bits !== 0; bits &= bits - 1)
        numbers[count++] = word * mostBits + lowest(bits)
    return count
  }
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

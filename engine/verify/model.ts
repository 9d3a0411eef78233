import type { Deciding as RuleSetPart } from '../compile/compile.ts'
import { termMaker, type Term } from '../compile/term.ts'
import type { Condition } from '../condition.ts'
import type { FactTable, SignIn } from '../facts.ts'
import type { Assumption } from '../sign-in.ts'
import { deciding, type Deciding } from './deciding.ts'
import { encoding, type Encoding, type Side } from './encoding.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'

/** Rules to prove something of, and the conditions that are asked about beside them, which may refer to the same shared ones. */
export type Part = {
  readonly rules: RuleSetPart['rules']
  readonly conditions: RuleSetPart['conditions']
  readonly asked?: readonly Condition[]
}

/** All sign-ins at once, and what the parts say of them. */
export type Model = Omit<Encoding, 'twin'> & {
  readonly parts: readonly Modelled[]
  /**
   * A second sign-in, which differs from the first in these facts alone, and in what follows from them. Of it the same is assumed
   * unless that is said.
   */
  readonly twin: (
    differing: readonly string[],
    assumed?: readonly Assumption[],
  ) => Side & { readonly parts: readonly Modelled[] }
}

export type Modelled = {
  /** Throws `Unsupported` where a rule is not modelled. */
  readonly decided: () => Deciding
  /** Of a condition that was asked about. Throws `Unsupported`. */
  readonly holds: (condition: Condition) => Literal
}

/** One model of several rule sets, whose sign-ins are the same. Throws `Unsupported` where a fact is not modelled. */
export function modelOf(
  table: FactTable,
  ordinary: SignIn,
  assumptions: readonly Assumption[],
  parts: readonly Part[],
): Model {
  const made = parts.map(({ rules, conditions, asked = [] }) => {
    const termOf = termMaker(conditions)
    return {
      rules: rules.map((rule) => ({ rule, term: termOf(rule.conditions) })),
      asked: new Map(asked.map((condition) => [condition, termOf(condition)])),
    }
  })
  const terms: readonly Term[] = made.flatMap(({ rules, asked }) => [
    ...rules.map(({ term }) => term),
    ...asked.values(),
  ])
  const model = encoding(table, terms, ordinary, assumptions)
  return {
    ...model,
    parts: partsOf(model),
    twin(differing, assumed) {
      const twin = model.twin(differing, assumed)
      return { ...twin, parts: partsOf(twin) }
    },
  }

  function partsOf(side: Side): readonly Modelled[] {
    return made.map(({ rules, asked }) => {
      let decided: Deciding | undefined
      return {
        decided: () => (decided ??= deciding(side, rules)),
        holds(condition) {
          const term = asked.get(condition)
          if (term === undefined) throw new TypeError('a condition that was not asked about')
          return side.literalOf(term)
        },
      }
    })
  }
}

/** What it gives, or why the prover can not say. */
export function orUnsupported<T>(ask: () => T): T | Unsupported {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Unsupported) return error
    throw error
  }
}

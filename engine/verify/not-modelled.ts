import type { Comparison, Condition } from '../condition.ts'
import { referencesWithin } from '../condition.ts'
import { isReference } from '../constant.ts'
import { factTable } from '../custom-facts.ts'
import type { SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import type { Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { placeFinder, type Place } from '../written.ts'
import { modelOf, orUnsupported } from './model.ts'
import { Unsupported } from './test.ts'

/** A comparison that the prover does not model, and where it stands. */
export type NotModelled = {
  readonly fact: string
  readonly operator: string
  /** The other fact, where it is compared with one. */
  readonly otherFact?: string
  readonly because: string
  readonly at: Place
}

/** The comparisons that keep an invariant from being proved: in itself, in the rules, and in the shared conditions that either refers to. */
export function notModelled(
  { ruleSet, written }: Pick<Pack, 'ruleSet' | 'written'>,
  ordinary: SignIn,
) {
  const { rules, conditions, assumptions } = ruleSet
  const table = factTable(ruleSet.customFacts)
  const placeOf = placeFinder(written)
  const known = new Map<string, readonly NotModelled[]>()

  return ({ name, when }: Invariant): readonly NotModelled[] => {
    const roots = [...rules.map((rule) => rule.conditions), when]
    const shared = new Set(roots.flatMap((root) => [...referencesWithin(root, conditions)]))
    return [
      ...inside(when, written.invariants[name]!, pointerTo(pointerTo('', name), 'when')),
      ...rules.flatMap((rule) => inside(rule.conditions, written.rules[rule.name]!, '/conditions')),
      ...[...shared].flatMap((each) =>
        inside(conditions[each]!, written.conditions[each]!, pointerTo('', each)),
      ),
    ]
  }

  function inside(condition: Condition, file: string, pointer: string): readonly NotModelled[] {
    const key = `${file} ${pointer}`
    let found = known.get(key)
    if (found === undefined) {
      found = [...comparisons(condition, pointer)].flatMap(({ comparison, pointer: at }) => {
        const asked = { all: [comparison] }
        const model = orUnsupported(() => {
          const { parts } = modelOf(table, ordinary, assumptions, [
            { rules: [], conditions: {}, asked: [asked] },
          ])
          return parts[0]!.holds(asked)
        })
        if (!(model instanceof Unsupported)) return []
        const { fact, operator, value } = comparison
        return [
          {
            fact,
            operator,
            ...(isReference(value) && { otherFact: value.fact }),
            because: model.message,
            at: placeOf(file, at),
          },
        ]
      })
      known.set(key, found)
    }
    return found
  }
}

function* comparisons(
  condition: Condition,
  pointer: string,
): Generator<{ readonly comparison: Comparison; readonly pointer: string }> {
  if ('all' in condition || 'any' in condition) {
    const [kind, members] =
      'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const)
    for (const [index, member] of members.entries())
      yield* comparisons(member, pointerTo(pointerTo(pointer, kind), index))
  } else if ('not' in condition) yield* comparisons(condition.not, pointerTo(pointer, 'not'))
  else if ('fact' in condition) yield { comparison: condition, pointer }
}

import { factTable } from '../custom-facts.ts'
import { printValue, type FactValue } from '../kinds.ts'
import { factsRead, type RuleSet } from '../rule-set.ts'
import { assumedFor } from '../sign-in.ts'

/** What becomes of a sign-in that leaves a fact out. */
export type LeftOut =
  | { readonly is: 'assumed'; readonly value: FactValue }
  | { readonly is: 'refused' }
  /** No rule looks at it. */
  | { readonly is: 'irrelevant' }
  /** The pack does not declare the fact: a sign-in that sends it is refused. */
  | { readonly is: 'unknown' }

/** Facts that two rule sets do not treat alike where a sign-in leaves them out. */
export function leftOutOtherwise(
  from: RuleSet,
  to: RuleSet,
): readonly { readonly fact: string; readonly from: LeftOut; readonly to: LeftOut }[] {
  const [was, is] = [leftOut(from), leftOut(to)]
  const names = Object.keys(factTable({ ...from.customFacts, ...to.customFacts }))
  return names.flatMap((fact) => {
    const [before, after] = [was(fact), is(fact)]
    return JSON.stringify(before) === JSON.stringify(after)
      ? []
      : [{ fact, from: before, to: after }]
  })
}

function leftOut(ruleSet: RuleSet): (fact: string) => LeftOut {
  const table = factTable(ruleSet.customFacts)
  const read = factsRead(ruleSet)
  const absent = assumedFor(table, ruleSet.assumptions)
  return (fact) => {
    if (!Object.hasOwn(table, fact)) return { is: 'unknown' }
    const { kind, origin } = table[fact]!
    if (origin.by === 'caller' && origin.absence === 'refused') return { is: 'refused' }
    if (!read.has(fact) || origin.by !== 'caller') return { is: 'irrelevant' }
    const assumed = absent.get(fact)
    return assumed === undefined
      ? { is: 'refused' }
      : { is: 'assumed', value: printValue(kind, assumed.value) }
  }
}

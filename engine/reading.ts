import { factTable } from './custom-facts.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { plainReader, type ReadPlain } from './scan/reader.ts'
import { signInParser, type SignInParser } from './sign-in.ts'

/** How sign-ins are read, the long way and the quick one. */
export type Reading = { readonly parse: SignInParser; readonly readPlain: ReadPlain }

/** What decides, what it replaces, and a candidate beside. */
const mostKept = 3
let kept: readonly (readonly [key: string, Reading])[] = []

/**
 * How sign-ins are read for a rule set: alike for those that have the same facts, look at the same, and assume the same. Such code is
 * made once, since making it takes many times what compiling some rules does, and what has run for long runs quickest: a reload then
 * keeps a thread that talks HTTP for less time.
 */
export function readingFor(ruleSet: RuleSet): Reading {
  const { customFacts, assumptions } = ruleSet
  const reads = factsRead(ruleSet)
  const key = JSON.stringify([customFacts, assumptions, [...reads].sort()])
  const known = kept.find(([of]) => of === key)
  const reading = known?.[1] ?? made()
  kept = [[key, reading] as const, ...kept.filter((each) => each !== known)].slice(0, mostKept)
  return reading

  function made(): Reading {
    const given = [factTable(customFacts), assumptions, reads] as const
    return { parse: signInParser(...given), readPlain: plainReader(...given) }
  }
}

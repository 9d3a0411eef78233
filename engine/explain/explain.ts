import type { DecisionBody } from '../answer.ts'
import { factTable } from '../custom-facts.ts'
import { Unavailable, type Decider } from '../decider.ts'
import { inOrder } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import type { Fault } from '../fault.ts'
import type { Pack } from '../pack.ts'
import { factsRead } from '../rule-set.ts'
import { printSignIn, signInParser } from '../sign-in.ts'
import { shower, type SharedCondition, type ShownRule } from './shown.ts'
import { trying, type Search, type WouldBe } from './would-be.ts'

/** Why a sign-in is decided as it is. */
export type Explanation = {
  /** Rules that apply, and those that do not, each by name. */
  readonly rules: readonly ShownRule[]
  /** Rules that do not apply and are not shown, since there are too many. */
  readonly rulesNotShown: number
  /** The shared conditions that those rules refer to. */
  readonly conditions: Readonly<Record<string, SharedCondition>>
  /** The nearest changes that would give another outcome, each tried on what decides. */
  readonly wouldBe: readonly WouldBe[]
  /** Whether all changes of one fact were tried, and of two where one does not do; what is not found is further away then. */
  readonly triedAll: boolean
}

export type Explained =
  | { readonly json: string; readonly decision: DecisionBody; readonly explanation: Explanation }
  | { readonly faults: readonly [Fault, ...Fault[]] }

/** Explains how a sign-in, JSON in UTF-8, is decided by `decide`, which must be that of the pack. */
export type Explain = (
  decide: Decider['decide'],
  body: Uint8Array,
  now: number,
) => Promise<Explained>

/** Rules that do not apply are shown up to this many. */
const mostOthers = 500

/**
 * Makes explanations of what a pack decides. Nothing is explained but decisions that were made as all others are: it is an error
 * when the rules that are shown to apply do not give that very decision. Rejects with `Unavailable` as `decide` does, and when
 * another rule set decides meanwhile.
 */
export function explainer(pack: Pack): Explain {
  const { ruleSet } = pack
  const table = factTable(ruleSet.customFacts)
  const parse = signInParser(table, ruleSet.assumptions, factsRead(ruleSet))
  const rules = inOrder(ruleSet.rules)
  const show = shower(pack, table)
  const isPossible = (signIn: SignIn) => parse(printSignIn(signIn, table)).faults === undefined
  const attempts = trying(rules, ruleSet, table, isPossible)

  return async (decide, body, now) => {
    const [answer] = await decide([body], now)
    if (answer === undefined) throw new TypeError('the decider gave no answer')
    if ('faults' in answer) return answer
    const decision = JSON.parse(answer.json) as DecisionBody
    mustBeOfPack(decision)
    const parsed = parse(JSON.parse(new TextDecoder().decode(body)), now)
    if (parsed.faults) throw new TypeError('a sign-in that was decided has faults')

    const { signIn } = parsed
    const { applies, decision: again } = attempts.decide(signIn)
    const { outcome, requirements, advice, reasons } = decision
    if (JSON.stringify(again) !== JSON.stringify({ outcome, requirements, advice, reasons }))
      throw new TypeError('the rules that are shown to apply do not give the decision')

    const shown = show(signIn, new Set(parsed.assumed.map(({ fact }) => fact)))
    const applying = rules.filter((_, number) => applies[number])
    const others = rules.filter((_, number) => !applies[number])
    const { found, triedAll } = attempts.search(signIn)
    const explanation: Explanation = {
      rules: [...applying, ...others.slice(0, mostOthers)].map(shown.rule),
      rulesNotShown: Math.max(0, others.length - mostOthers),
      conditions: shown.shared(),
      wouldBe: await tried(found, decide, now),
      triedAll,
    }
    if (explanation.rules.some(({ applies }, place) => applies !== place < applying.length))
      throw new TypeError('a rule is shown to apply that does not, or the other way round')
    return { json: answer.json, decision, explanation }
  }

  /** The changes that were found, once they are decided as they were found to be. */
  async function tried(
    found: Search['found'],
    decide: Decider['decide'],
    now: number,
  ): Promise<readonly WouldBe[]> {
    if (found.length === 0) return []
    const bodies = found.map(({ signIn }) =>
      new TextEncoder().encode(JSON.stringify(printSignIn(signIn, table))),
    )
    const answers = await decide(bodies, now)
    return found.map(({ wouldBe }, index) => {
      const answer = answers[index]
      if (answer === undefined || 'faults' in answer) throw new TypeError('a change has no answer')
      const decision = JSON.parse(answer.json) as DecisionBody
      mustBeOfPack(decision)
      if (decision.outcome !== wouldBe.outcome)
        throw new TypeError('a change is decided otherwise than it was found to be')
      return { ...wouldBe, requirements: decision.requirements }
    })
  }

  function mustBeOfPack({ ruleSet: { revision } }: DecisionBody): void {
    if (revision !== ruleSet.revision) throw new Unavailable('the rule set is being swapped')
  }
}

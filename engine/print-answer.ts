import type { DecisionBody } from './answer.ts'
import type { Decision } from './decision.ts'
import type { RuleSet } from './rule-set.ts'
import type { Assumed, Envelope } from './sign-in.ts'

/** Prints what `decisionBody` says, as JSON.stringify would. */
export type PrintAnswer = (
  decision: Decision,
  assumed: readonly Assumed[],
  envelope: Envelope,
) => string

/** What is frozen never changes, so its text is made once: decisions that are kept, and assumptions. */
export function answerPrinter({ id, revision }: RuleSet): PrintAnswer {
  const texts = new WeakMap<object, string>()
  const wholeTexts = new WeakMap<Decision, string>()
  const ruleSet = JSON.stringify({ id, revision } satisfies DecisionBody['ruleSet'])
  return (decision, assumed, { correlationId }) => {
    if (assumed.length === 0 && correlationId === undefined) return wholeOf(decision)
    const correlation =
      correlationId === undefined ? '' : `,"correlationId":${JSON.stringify(correlationId)}`
    return `${membersOf(decision)},"assumed":[${listOf(assumed)}],"ruleSet":${ruleSet}${correlation}}`
  }

  /** Where nothing else is to be said. */
  function wholeOf(decision: Decision): string {
    const known = wholeTexts.get(decision)
    if (known !== undefined) return known
    const text = `${membersOf(decision)},"assumed":[],"ruleSet":${ruleSet}}`
    if (Object.isFrozen(decision)) wholeTexts.set(decision, text)
    return text
  }

  /** All but the closing brace. */
  function membersOf(decision: Decision): string {
    const known = texts.get(decision)
    if (known !== undefined) return known
    const text = JSON.stringify(decision).slice(0, -1)
    if (Object.isFrozen(decision)) texts.set(decision, text)
    return text
  }

  function listOf(assumed: readonly Assumed[]): string {
    let list = ''
    for (const each of assumed) {
      let text = texts.get(each)
      if (text === undefined) {
        text = JSON.stringify(each)
        if (Object.isFrozen(each)) texts.set(each, text)
      }
      list += list === '' ? text : `,${text}`
    }
    return list
  }
}

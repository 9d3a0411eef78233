import type { Deciding } from './compile/compile.ts'
import { combine, type Decision, type Rule } from './decision.ts'
import type { SignIn } from './facts.ts'

/**
 * The same answer by json-rules-engine as it is shipped: the oracle that we believe when the two differ. Only which rules
 * apply is computed here; what follows from that is `combine`'s, as on the fast path.
 *
 * Every evaluation has an engine of its own: two runs that overlap on one engine share its status, and the slower one
 * silently skips its rules of lower priority.
 */
export async function interpret(
  { rules, conditions }: Deciding,
  signIn: SignIn,
): Promise<Decision> {
  const { Engine } = await import('json-rules-engine') // the service never needs it
  const engine = new Engine([], { allowUndefinedFacts: true })
  for (const [name, condition] of Object.entries(conditions))
    engine.setCondition(name, condition as never)
  const ruleOf = new Map<string, Rule>()
  rules.forEach((rule, index) => {
    const key = String(index)
    ruleOf.set(key, rule)
    engine.addRule({ name: key, conditions: rule.conditions as never, event: rule.event })
  })
  const { results } = await engine.run(signIn as never)
  return combine(
    results.map((result) => ruleOf.get(result.name)!),
    signIn,
  )
}

import { Engine } from 'json-rules-engine'
import type { SignIn } from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'
import { noneOf } from './applying.ts'

/** As it is shipped: one engine for all decisions, which are awaited one after another. Rules are in its own form already. */
export const jsonRulesEngine: Contestant = {
  name: 'json-rules-engine',
  prepare: ({ rules, conditions }) => {
    const engine = new Engine([], { allowUndefinedFacts: true })
    for (const [name, condition] of Object.entries(conditions))
      engine.setCondition(name, condition as never)
    rules.forEach(({ conditions, event }, index) =>
      engine.addRule({ name: String(index), conditions: conditions as never, event }),
    )
    const none = noneOf(rules)
    return {
      answers: 'later',
      adapt: (signIn) => signIn,
      decide: async (signIn: SignIn) => {
        const { results } = await engine.run(signIn)
        return results
          .reduce((applying, { name }) => applying.and(Number(name)), none)
          .decision(signIn)
      },
    }
  },
}

import { LogicEngine } from 'json-logic-engine'
import type { Condition, SignIn } from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'
import { noneOf } from './applying.ts'
import { nested } from './nested.ts'
import { translator } from './translate.ts'

type Logic = unknown
type Input = { readonly signIn: SignIn; readonly data: object }

/**
 * One function a rule, built by its compiler; all rules in one function ran slower. JsonLogic has no named conditions, so
 * they stand in every rule that refers to them, which ran as fast as evaluating each once beforehand.
 */
export const jsonLogic: Contestant = {
  name: 'json-logic-engine',
  prepare: ({ rules, conditions }) => {
    const engine = new LogicEngine()
    const logicOf: (condition: Condition) => Logic = translator<Logic>({
      all: (and) => ({ and }),
      any: (or) => ({ or }),
      not: (member) => ({ '!': [member] }),
      reference: (name) => logicOf(conditions[name]!),
      equals: (fact, value) => ({ '===': [read(fact), value] }),
      isIn: (fact, values) => ({ in: [read(fact), values] }),
      someIn: (fact, values) => ({ some: [read(fact), { in: [{ val: [] }, values] }] }),
      ordered: (fact, sign, value) => ({ [sign]: [read(fact), value] }),
    })
    const tests = rules.map(
      (rule) => engine.build(logicOf(rule.conditions)) as (data: object) => unknown,
    )
    const none = noneOf(rules)
    return {
      answers: 'at once',
      adapt: (signIn): Input => ({ signIn, data: nested(signIn) }),
      decide: ({ signIn, data }: Input) => {
        let applying = none
        for (let index = 0; index < tests.length; index++)
          if (tests[index]!(data) === true) applying = applying.and(index)
        return applying.decision(signIn)
      },
    }
  },
}

const read = (fact: string) => ({ val: fact.split('.') })

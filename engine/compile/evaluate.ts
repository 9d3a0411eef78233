import { isReference } from '../constant.ts'
import type { SignIn } from '../facts.ts'
import { resolveOperator } from '../operators.ts'
import type { Term } from './term.ts'

type Test = (signIn: SignIn) => boolean

/** Terms as closures: slower than generated code, and made in no time, for terms that are seldom looked at. */
export function evaluator(): (term: Term) => Test {
  const tests = new Map<Term, Test>()
  return testOf

  function testOf(term: Term): Test {
    let test = tests.get(term)
    if (test === undefined) {
      test = made(term)
      tests.set(term, test)
    }
    return test
  }

  function made(term: Term): Test {
    switch (term.kind) {
      case 'all': {
        const members = term.members.map(testOf)
        return (signIn) => members.every((member) => member(signIn))
      }
      case 'any': {
        const members = term.members.map(testOf)
        return (signIn) => members.some((member) => member(signIn))
      }
      case 'not': {
        const member = testOf(term.member)
        return (signIn) => !member(signIn)
      }
      case 'test': {
        const { fact, operator: name, value } = term.test
        const operator = resolveOperator(name)
        if (operator === undefined) throw new TypeError(`unknown operator: ${name}`)
        const { holds } = operator
        return isReference(value)
          ? (signIn) => holds(factOf(signIn, fact), factOf(signIn, value.fact))
          : (signIn) => holds(factOf(signIn, fact), value)
      }
    }
  }
}

const factOf = (signIn: SignIn, fact: string): unknown =>
  (signIn as Readonly<Record<string, unknown>>)[fact]

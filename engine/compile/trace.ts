import type { Condition } from '../condition.ts'
import { isReference } from '../constant.ts'
import { inOrder, type Decision, type Event } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { compile, type Deciding } from './compile.ts'
import { generate, mostBits, type Names } from './emit.ts'
import { evaluator } from './evaluate.ts'
import { fewFactsOf, fewValuesOf } from './few.ts'
import { termMaker, type Term } from './term.ts'

/**
 * A decision with everything that was looked at, rule by rule, as `RuleResult.toJSON` of json-rules-engine 7.3.1 shows it.
 * Equal parts are one object: read them, or make a copy.
 */
export type Traced = {
  readonly decision: Decision
  /** Rules that apply, in the order of their names, and those that do not. */
  readonly results: readonly RuleTrace[]
  readonly failureResults: readonly RuleTrace[]
}

export type RuleTrace = {
  readonly conditions: ConditionTrace
  readonly event: Event
  readonly priority: 1
  readonly name: string
  readonly result: boolean
}

/** `factResult` is what the sign-in said, `valueResult` what it was compared with. References show what they refer to. */
export type ConditionTrace =
  | { readonly priority: 1; readonly all: readonly ConditionTrace[] }
  | { readonly priority: 1; readonly any: readonly ConditionTrace[] }
  | { readonly priority: 1; readonly not: ConditionTrace }
  | {
      readonly operator: string
      readonly value: unknown
      readonly fact: string
      readonly factResult?: unknown
      readonly valueResult?: unknown
      readonly result: boolean
    }

/** Compiles a rule set to decide with a full trace: slower, for people who ask why. */
export function tracer(deciding: Deciding): (signIn: SignIn) => Traced {
  const decide = compile(deciding)
  const rules = inOrder(deciding.rules)
  const traces: ((signIn: SignIn) => readonly RuleTrace[])[] = []
  for (let from = 0; from < rules.length; from += mostBits)
    traces.push(traceOf(rules.slice(from, from + mostBits), deciding.conditions))
  return (signIn) => {
    const results: RuleTrace[] = []
    const failureResults: RuleTrace[] = []
    for (const trace of traces)
      for (const each of trace(signIn)) (each.result ? results : failureResults).push(each)
    return { decision: decide(signIn), results, failureResults }
  }
}

function traceOf(rules: Deciding['rules'], conditions: Deciding['conditions']) {
  const termOf = termMaker(conditions)
  const terms = rules.map((rule) => termOf(rule.conditions))
  return generate(terms, (names) => {
    const show = shower(conditions, termOf, names)
    const results = rules.map(({ conditions, event, name }, index) => {
      const members = [
        `conditions: ${show.condition(conditions)}`,
        `event: ${names.valueName(event)}`,
        `priority: 1, name: ${JSON.stringify(name)}`,
        `result: ${names.nameOf(terms[index]!)} === 1`,
      ]
      return `{ ${members.join(', ')} }`
    })
    return `${show.statements().join('\n')}\nreturn [${results.join(',\n')}]`
  }) as (signIn: SignIn) => readonly RuleTrace[]
}

/** Code that makes what is shown of conditions, each different one once; what has few forms is made but once at all. */
function shower(
  shared: Deciding['conditions'],
  termOf: (condition: Condition) => Term,
  { nameOf, factName, valueName }: Names,
) {
  const shown = new Map<string, string>()
  const shownOf = new Map<string, string>()
  const testOf = evaluator()
  const once = (source: string): string => {
    const name = shown.get(source) ?? `shown${shown.size}`
    shown.set(source, name)
    return name
  }
  return {
    condition,
    statements: () => [...shown].map(([source, name]) => `const ${name} = ${source}`),
  }

  function condition(each: Condition): string {
    if ('condition' in each) {
      const known = shownOf.get(each.condition) ?? condition(shared[each.condition]!)
      shownOf.set(each.condition, known)
      return known
    }
    const few = fewFactsOf(each, shared)
    if (few !== undefined) return oneOfFew(each, few)
    if ('all' in each) return once(`{ priority: 1, all: [${each.all.map(condition).join(', ')}] }`)
    if ('any' in each) return once(`{ priority: 1, any: [${each.any.map(condition).join(', ')}] }`)
    if ('not' in each) return once(`{ priority: 1, not: ${condition(each.not)} }`)
    const { fact, operator, value } = each
    const term = termOf(each)
    const name = `comparison ${term.id}`
    const known = shownOf.get(name)
    if (known !== undefined) return known
    const constant = valueName(value)
    const right = isReference(value) ? factName(value.fact) : constant
    const members = [
      `operator: ${JSON.stringify(operator)}`,
      `value: ${constant}`,
      `fact: ${JSON.stringify(fact)}`,
      `factResult: ${factName(fact)}`,
      `valueResult: ${right}`,
      `result: ${nameOf(term)} === 1`,
    ]
    const made = once(`{ ${members.join(', ')} }`)
    shownOf.set(name, made)
    return made
  }

  /** Kept by the combination of the facts' values; a value that is none of the few has no number, and nothing is kept for it. */
  function oneOfFew(each: Condition, few: readonly string[]): string {
    const term = termOf(each)
    const key = `few ${term.id} ${JSON.stringify(each)}`
    const known = shownOf.get(key)
    if (known !== undefined) return known
    const combination = few.reduce((before, fact) => {
      const number = numberOf(fact)
      return before === '' ? number : `(${before}) * ${fewValuesOf(fact)!.length} + ${number}`
    }, '')
    const kept: ConditionTrace[] = []
    const show = (combination: number, signIn: SignIn): ConditionTrace => {
      const made = shownAlone(each, signIn)
      if (combination >= 0) kept[combination] = made
      return made
    }
    const at = once(combination)
    const made = once(`${valueName(kept)}[${at}] ?? ${valueName(show)}(${at}, signIn)`)
    shownOf.set(key, made)
    return made
  }

  function numberOf(fact: string): string {
    const name = factName(fact)
    const choices = fewValuesOf(fact)!.map(
      (value, number) => `${name} === ${JSON.stringify(value)} ? ${number} : `,
    )
    return once(`${choices.join('')}NaN`)
  }

  /** What is shown of a condition whose comparisons are all with constants. */
  function shownAlone(each: Condition, signIn: SignIn): ConditionTrace {
    const list = (conditions: readonly Condition[]) =>
      Object.freeze(conditions.map((member) => shownAlone(member, signIn)))
    if ('condition' in each) return shownAlone(shared[each.condition]!, signIn)
    if ('all' in each) return Object.freeze({ priority: 1, all: list(each.all) })
    if ('any' in each) return Object.freeze({ priority: 1, any: list(each.any) })
    if ('not' in each) return Object.freeze({ priority: 1, not: shownAlone(each.not, signIn) })
    const { operator, value, fact } = each
    const factResult = (signIn as Readonly<Record<string, unknown>>)[fact]
    const result = testOf(termOf(each))(signIn)
    return Object.freeze({ operator, value, fact, factResult, valueResult: value, result })
  }
}

import type { Condition } from '../condition.ts'
import { isReference } from '../constant.ts'
import type { Event, Rule } from '../decision.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import { printValue, type FactValue } from '../kinds.ts'
import { resolveOperator } from '../operators.ts'
import type { Pack } from '../pack.ts'
import { placeFinder } from '../written.ts'

/** A rule with all that it looked at. Values are shown as callers send them. */
export type ShownRule = {
  readonly rule: string
  readonly title: string
  readonly control: string
  readonly source: string
  readonly effect: Event['type']
  readonly requirement?: string
  readonly advice?: string
  readonly applies: boolean
  readonly file: string
  readonly line: number
  readonly conditions: ShownCondition
}

/** A condition, whether it holds, and the line of its file on which it is written. */
export type ShownCondition = { readonly holds: boolean; readonly line: number } & (
  | { readonly all: readonly ShownCondition[] }
  | { readonly any: readonly ShownCondition[] }
  | { readonly not: ShownCondition }
  /** A shared condition, which is shown once, by this name. */
  | { readonly condition: string }
  | ShownComparison
)

export type ShownComparison = {
  readonly fact: string
  readonly operator: string
  /** What the sign-in says, and what the rule wants it to be compared with. */
  readonly seen: Shown
  readonly wanted: Shown
  /** The named list, or the other fact, whose values are wanted. */
  readonly wantedList?: string
  readonly wantedFact?: string
  /** The caller left the fact out, and what was seen is what was assumed. */
  readonly assumed?: true
}

type Shown = FactValue | readonly FactValue[]

export type SharedCondition = { readonly file: string } & ShownCondition

/** Shows what the rules and shared conditions of a pack see of a sign-in. */
export function shower(
  { ruleSet, lists, written }: Pick<Pack, 'ruleSet' | 'lists' | 'written'>,
  table: FactTable,
) {
  const placeOf = placeFinder(written)
  const lineOf = (file: string, pointer: string) => placeOf(file, pointer).line
  const listNames = new Map(Array.from(lists, ([name, values]) => [JSON.stringify(values), name]))
  const known = new WeakMap<object, string | undefined>()
  const listOf = (values: object) => {
    if (!known.has(values)) known.set(values, listNames.get(JSON.stringify(values)))
    return known.get(values)
  }

  return (signIn: SignIn, assumed: ReadonlySet<string>) => {
    const shared = new Map<string, SharedCondition>()
    const valueOf = (fact: string) => (signIn as Readonly<Record<string, FactValue>>)[fact]!

    function rule({ name, title, control, source, event, conditions }: Rule): ShownRule {
      const file = written.rules[name]!
      const shown = condition(conditions, file, '/conditions')
      return {
        rule: name,
        title,
        control,
        source,
        effect: event.type,
        ...(event.type === 'challenge' && { requirement: event.params.requirement }),
        ...(event.type === 'advise' && { advice: event.params.advice }),
        applies: shown.holds,
        file,
        line: lineOf(file, '/name'),
        conditions: shown,
      }
    }

    function condition(each: Condition, file: string, pointer: string): ShownCondition {
      const line = lineOf(file, pointer)
      const members = (kind: 'all' | 'any', conditions: readonly Condition[]) =>
        conditions.map((member, index) =>
          condition(member, file, pointerTo(pointerTo(pointer, kind), index)),
        )
      if ('all' in each) {
        const all = members('all', each.all)
        return { all, holds: all.every(({ holds }) => holds), line }
      }
      if ('any' in each) {
        const any = members('any', each.any)
        return { any, holds: any.some(({ holds }) => holds), line }
      }
      if ('not' in each) {
        const not = condition(each.not, file, pointerTo(pointer, 'not'))
        return { not, holds: !not.holds, line }
      }
      if ('condition' in each)
        return { condition: each.condition, holds: named(each.condition).holds, line }
      const { fact, operator, value } = each
      const { holds } = resolveOperator(operator)!
      const seen = valueOf(fact)
      const wanted = isReference(value) ? valueOf(value.fact) : value
      const list = Array.isArray(value) ? listOf(value) : undefined
      return {
        fact,
        operator,
        seen: print(fact, seen),
        wanted: print(fact, wanted),
        ...(isReference(value) && { wantedFact: value.fact }),
        ...(list !== undefined && { wantedList: list }),
        ...(assumed.has(fact) && { assumed: true }),
        holds: holds(seen, wanted),
        line,
      }
    }

    /** Shared conditions don't lead back to themselves: `parsePack` sees to that. */
    function named(name: string): SharedCondition {
      let shown = shared.get(name)
      if (shown === undefined) {
        const file = written.conditions[name]!
        shown = { file, ...condition(ruleSet.conditions[name]!, file, pointerTo('', name)) }
        shared.set(name, shown)
      }
      return shown
    }

    const print = (fact: string, value: Shown): Shown => {
      const { kind } = table[fact]!
      return Array.isArray(value)
        ? value.map((member: FactValue) => printValue(kind, member) as string)
        : printValue(kind, value as FactValue)
    }

    return { rule, shared: () => Object.fromEntries(shared) }
  }
}

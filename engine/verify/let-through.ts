import { combine, type Decision, type Rule } from '../decision.ts'
import {
  shower,
  type ShownComparison,
  type ShownCondition,
  type ShownRule,
} from '../explain/shown.ts'
import { comparisonsOf, referencesWithin, type Condition } from '../condition.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { pointerTo } from '../fault.ts'
import { keeps, type Invariant, type Promised } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { placeFinder, type Place } from '../written.ts'

/** Why a promise is broken: rules that would have kept it and do not apply, or rules that apply and break it. */
export type LetThrough = {
  readonly rules: readonly Concerned[]
  /** Other rules of that kind. */
  readonly rulesNotShown: number
}

export type Concerned = Pick<ShownRule, 'rule' | 'title' | 'effect' | 'requirement'> & {
  /** Whether it applies, and breaks the promise so; else it would have kept it. */
  readonly applies: boolean
  readonly at: Place
  /** The parts of its conditions that make it apply, or keep it from that. */
  readonly because: readonly Standing[]
}

/** A part of a rule's conditions, and the comparisons that make it come out as it does. */
export type Standing = {
  /** The shared condition that stands there; else it is the comparison itself, or several. */
  readonly condition?: string
  readonly holds: boolean
  readonly at: Place
  readonly comparisons: readonly (ShownComparison & {
    readonly holds: boolean
    readonly at: Place
  })[]
}

const mostShown = 3

/** Rules whose effect bears on the promise: those that break it by applying, or would keep it if they did. */
export function rulesConcerned(
  rules: readonly Rule[],
  applies: (rule: Rule) => boolean,
  promise: Promised,
  decision: Pick<Decision, 'requirements' | 'reasons'>,
  signIn: SignIn,
): readonly Rule[] {
  const applying = rules.filter(applies)
  const others = rules.filter((rule) => !applies(rule) && rule.event.type !== 'advise')
  const would = others.filter((rule) => keeps(promise, combine([...applying, rule], signIn)))
  if (would.length > 0) return would
  // Of several demands that are missing one rule makes one.
  const part =
    'requires' in promise
      ? others.filter(
          ({ event }) =>
            event.type === 'challenge' &&
            promise.requires.includes(event.params.requirement) &&
            !(decision.requirements as readonly string[]).includes(event.params.requirement),
        )
      : []
  if (part.length > 0) return part
  const breaking = new Set(decision.reasons.map(({ rule }) => rule))
  return applying.filter(({ name }) => breaking.has(name))
}

/** Explains by which rules a sign-in got a decision that breaks a promise. */
export function explainingLetThrough(
  pack: Pick<Pack, 'ruleSet' | 'lists' | 'written'>,
  table: FactTable,
) {
  const { written, ruleSet } = pack
  const show = shower(pack, table)
  const placeOf = placeFinder(written)

  return (
    { when }: Invariant,
    signIn: SignIn,
    concerned: readonly Rule[],
    mendedIn: string | undefined,
  ): LetThrough => {
    const shown = show(signIn, new Set())
    const asked = factsIn(when)
    const rules = concerned
      .map((rule) => {
        const { conditions, file, ...rest } = shown.rule(rule)
        const because = standing(conditions, file, '/conditions')
        const { title, effect, requirement, applies } = rest
        const told: Concerned = {
          rule: rule.name,
          title,
          effect,
          ...(requirement !== undefined && { requirement }),
          applies,
          at: placeOf(file, '/name'),
          because,
        }
        // The rule that is meant has little in its way, and looks at what the promise looks at.
        const alike = [...factsIn(rule.conditions)].filter((fact) => asked.has(fact)).length
        const inTheWay = because.flatMap(({ comparisons }) => comparisons).length
        return { told, rank: [file === mendedIn ? 0 : 1, inTheWay, -alike] }
      })
      .toSorted((a, b) => compareRanks(a.rank, b.rank))
      .map(({ told }) => told)
    return {
      rules: rules.slice(0, mostShown),
      rulesNotShown: Math.max(0, rules.length - mostShown),
    }

    function factsIn(condition: Condition): ReadonlySet<string> {
      const { conditions } = ruleSet
      const all = [...referencesWithin(condition, conditions)].map((name) => conditions[name]!)
      return new Set(
        [condition, ...all].flatMap((each) => [...comparisonsOf(each)].map(({ fact }) => fact)),
      )
    }

    /** The parts that decide: of a conjunction that fails those that do not hold, and so on. */
    function standing(each: ShownCondition, file: string, pointer: string): readonly Standing[] {
      const { holds } = each
      if ('all' in each || 'any' in each) {
        const [kind, members] =
          'all' in each ? (['all', each.all] as const) : (['any', each.any] as const)
        return members.flatMap((member, index) =>
          member.holds === holds
            ? standing(member, file, pointerTo(pointerTo(pointer, kind), index))
            : [],
        )
      }
      const at = placeOf(file, pointer)
      const name =
        'condition' in each
          ? each.condition
          : 'not' in each && 'condition' in each.not
            ? each.not.condition
            : undefined
      return [
        {
          ...(name !== undefined && { condition: name }),
          holds: 'not' in each && name !== undefined ? !holds : holds,
          at,
          comparisons: comparisons(each, file, pointer),
        },
      ]
    }

    function comparisons(
      each: ShownCondition,
      file: string,
      pointer: string,
    ): Standing['comparisons'] {
      if ('condition' in each) {
        const { file: its, ...shared } = shown.shared()[each.condition]!
        return comparisons(shared, its, pointerTo('', each.condition))
      }
      if ('not' in each) return comparisons(each.not, file, pointerTo(pointer, 'not'))
      if ('all' in each || 'any' in each) {
        const [kind, members] =
          'all' in each ? (['all', each.all] as const) : (['any', each.any] as const)
        return members.flatMap((member, index) =>
          member.holds === each.holds
            ? comparisons(member, file, pointerTo(pointerTo(pointer, kind), index))
            : [],
        )
      }
      const { line: _, ...comparison } = each
      return [{ ...comparison, at: placeOf(file, pointer) }]
    }
  }
}

const compareRanks = (a: readonly number[], b: readonly number[]): number => {
  const place = a.findIndex((each, index) => each !== b[index])
  return place < 0 ? 0 : a[place]! - b[place]!
}

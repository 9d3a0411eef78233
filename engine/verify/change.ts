import {
  atLeastAsStrict,
  outcomes,
  requirements,
  type Decision,
  type Outcome,
  type Requirement,
} from '../decision.ts'
import type { Deciding } from './deciding.ts'
import type { Formula } from './formula.ts'
import type { Literal } from './solver.ts'

/**
 * How a sign-in can be decided otherwise by one rule set than by another. Each two decisions that differ differ in one of these
 * ways at least. Of two challenges it says what is no longer demanded, or demanded in addition, or both where the one
 * stands in for the other.
 */
export type Change = {
  readonly from: Outcome
  readonly to: Outcome
  readonly dropped?: Requirement
  readonly added?: Requirement
  /** Advice that only one of them gives, where all else is alike. */
  readonly given?: string
  readonly withdrawn?: string
  /** `different` where neither is at least as strict; `alike` where only advice changes. */
  readonly label: 'weaker' | 'stricter' | 'different' | 'alike'
}

type Decided = Pick<Decision, 'outcome' | 'requirements'>

/** What the change from one decision to another is called; undefined where none is. */
export function labelOf(from: Decided, to: Decided): Change['label'] {
  const [isWeaker, isStricter] = [!atLeastAsStrict(to, from), !atLeastAsStrict(from, to)]
  if (isWeaker) return isStricter ? 'different' : 'weaker'
  return isStricter ? 'stricter' : 'alike'
}

/** All changes that there can be between two rule sets that give this advice, the most serious first. */
export function changesBetween(advice: readonly string[]): readonly Change[] {
  const ofOutcome = outcomes.flatMap((from) =>
    outcomes.flatMap((to): Change[] => {
      const [was, is] = [outcomes.indexOf(from), outcomes.indexOf(to)]
      return was === is ? [] : [{ from, to, label: is < was ? 'weaker' : 'stricter' }]
    }),
  )
  const between = { from: 'challenge', to: 'challenge' } as const
  const ofRequirements = requirements.flatMap((each): Change[] => [
    { ...between, dropped: each, label: 'weaker' },
    { ...between, added: each, label: 'stricter' },
    ...requirements.flatMap((other): Change[] =>
      other === each ? [] : [{ ...between, dropped: each, added: other, label: 'different' }],
    ),
  ])
  const ofAdvice = outcomes.flatMap((outcome) =>
    advice.flatMap((each): Change[] => [
      { from: outcome, to: outcome, withdrawn: each, label: 'alike' },
      { from: outcome, to: outcome, given: each, label: 'alike' },
    ]),
  )
  const order = ['weaker', 'different', 'stricter', 'alike'] as const
  return [...ofOutcome, ...ofRequirements, ...ofAdvice].toSorted(
    (one, other) => order.indexOf(one.label) - order.indexOf(other.label),
  )
}

/** What must hold for a sign-in to be decided otherwise in that way. */
export function literalsOf(
  { from, to, dropped, added, given, withdrawn, label }: Change,
  was: Deciding,
  is: Deciding,
  formula: Formula,
): readonly Literal[] {
  const outcome = [was.outcome[from], is.outcome[to]]
  const advised = (deciding: Deciding, advice: string) =>
    deciding.advises.get(advice) ?? -formula.always
  if (label === 'alike') {
    const same = requirements.map((each) => formula.same(was.demands[each], is.demands[each]))
    const [here, there] = given === undefined ? [was, is] : [is, was]
    const advice = given ?? withdrawn!
    return [...outcome, ...same, advised(here, advice), -advised(there, advice)]
  }
  if (from !== to) return outcome
  const drops = (each: Requirement) => formula.all([was.demands[each], -is.demands[each]])
  const adds = (each: Requirement) => formula.all([-was.demands[each], is.demands[each]])
  return [
    ...outcome,
    ...(dropped === undefined ? requirements.map((each) => -drops(each)) : [drops(dropped)]),
    ...(added === undefined ? requirements.map((each) => -adds(each)) : [adds(added)]),
  ]
}

import type { Term } from '../compile/term.ts'
import {
  outcomes,
  requirements,
  type Decision,
  type Outcome,
  type Requirement,
  type Rule,
} from '../decision.ts'
import type { Side } from './encoding.ts'
import type { Literal } from './solver.ts'
import { subsets } from './subsets.ts'

/** An outcome with all that is demanded: what can be promised of a decision. */
export type Answer = Pick<Decision, 'outcome' | 'requirements'>

/** All that there can be: a block, a challenge with each set of requirements, an allow. */
export const answers: readonly Answer[] = outcomes.flatMap((outcome): Answer[] =>
  outcome === 'challenge'
    ? subsets(requirements).flatMap((demanded) =>
        demanded.length === 0 ? [] : [{ outcome, requirements: demanded as never }],
      )
    : [{ outcome, requirements: [] }],
)

/** What a rule set answers, as literals: `combine` once more, over all sign-ins at once. */
export type Deciding = {
  readonly applies: ReadonlyMap<string, Literal>
  readonly outcome: Readonly<Record<Outcome, Literal>>
  /** That the sign-in is challenged, and this is demanded. */
  readonly demands: Readonly<Record<Requirement, Literal>>
  /** That this advice is given. */
  readonly advises: ReadonlyMap<string, Literal>
  /** That one of the answers is given for which this holds. */
  readonly answerThat: (holds: (answer: Answer) => boolean) => Literal
}

export function deciding(
  { formula, literalOf }: Side,
  rules: readonly { readonly rule: Rule; readonly term: Term }[],
): Deciding {
  const applies = new Map(rules.map(({ rule, term }) => [rule.name, literalOf(term)]))
  const anyOf = (wanted: (rule: Rule) => boolean) =>
    formula.any(rules.flatMap(({ rule }) => (wanted(rule) ? [applies.get(rule.name)!] : [])))
  const block = anyOf(({ event }) => event.type === 'block')
  const asked = requirements.map((requirement) =>
    anyOf(({ event }) => event.type === 'challenge' && event.params.requirement === requirement),
  )
  const allow = formula.all([-block, ...asked.map((literal) => -literal)])
  const demands = asked.map((literal) => formula.all([-block, literal]))
  const advice = rules.flatMap(({ rule: { event } }) =>
    event.type === 'advise' ? [event.params.advice] : [],
  )
  const advises = new Map(
    [...new Set(advice)].map((each) => [
      each,
      anyOf(({ event }) => event.type === 'advise' && event.params.advice === each),
    ]),
  )

  return {
    applies,
    outcome: { allow, block, challenge: formula.all([-block, -allow]) },
    demands: Object.fromEntries(
      requirements.map((requirement, index) => [requirement, demands[index]!]),
    ) as Record<Requirement, Literal>,
    advises,
    answerThat: (holds) =>
      formula.any(
        answers.filter(holds).map((answer) => {
          if (answer.outcome !== 'challenge') return answer.outcome === 'block' ? block : allow
          const demanded: readonly Requirement[] = answer.requirements
          return formula.all(
            requirements.map((requirement, index) =>
              demanded.includes(requirement) ? demands[index]! : -demands[index]!,
            ),
          )
        }),
      ),
  }
}

import type { Condition } from './condition.ts'
import type { SignIn } from './facts.ts'
import type { FactValue } from './kinds.ts'

/** What a challenged user must satisfy before the sign-in is let through, in the order in which it is asked for. */
export const requirements = ['reauthentication', 'mfaRegistration', 'mfa'] as const
export type Requirement = (typeof requirements)[number]

export const outcomes = ['allow', 'challenge', 'block'] as const
export type Outcome = (typeof outcomes)[number]

export const effects = ['block', 'challenge', 'advise'] as const
export type Effect = (typeof effects)[number]

/** json-rules-engine's event: its type is the rule's effect. `aadsts` is the error code Entra shows for the like. */
export type Event =
  | { readonly type: 'block'; readonly params: EventParams }
  | {
      readonly type: 'challenge'
      readonly params: EventParams & { readonly requirement: Requirement }
    }
  | { readonly type: 'advise'; readonly params: EventParams & { readonly advice: string } }

type EventParams = {
  readonly code: string
  readonly aadsts?: number
  /** Facts whose values the answer carries, so that a caller can say "3 days left". */
  readonly shows?: readonly string[]
}

export type Rule = {
  readonly name: string
  readonly title: string
  readonly control: string
  readonly source: string
  readonly conditions: Condition
  readonly event: Event
}

/** A rule that determined the decision. */
export type Reason = {
  readonly rule: string
  readonly control: string
  readonly code: string
  readonly aadsts?: number
  readonly facts?: Readonly<Record<string, FactValue>>
}

export type Advice = Reason & { readonly advice: string }

export type NonEmpty<T> = readonly [T, ...T[]]

export type Decision =
  | {
      readonly outcome: 'allow'
      readonly requirements: readonly []
      readonly advice: readonly Advice[]
      readonly reasons: readonly []
    }
  | {
      readonly outcome: 'challenge'
      readonly requirements: NonEmpty<Requirement>
      readonly advice: readonly Advice[]
      readonly reasons: NonEmpty<Reason>
    }
  | {
      readonly outcome: 'block'
      readonly requirements: readonly []
      readonly advice: readonly Advice[]
      readonly reasons: NonEmpty<Reason>
    }

/** SignIn → Decision, synchronously and totally: there is no sign-in for which it fails. */
export type Decide = (signIn: SignIn) => Decision

/**
 * The specification of deciding, and the code that does it: a blocking rule trumps all; else the requirements of all
 * challenging rules add up; else the sign-in is allowed, since security defaults only ever add demands to a sign-in whose
 * first factor succeeded. Advice adds up beside. Order and duplicates of rules never matter.
 */
export function combine(applicable: readonly Rule[], signIn: SignIn): Decision {
  const rules = inOrder(applicable)
  return combiner(rules)([...rules.keys()], rules.length, signIn)
}

/**
 * `combine` for some of these rules, which must be in order: the first `count` of the numbers given, going up. What they
 * have to say is made once, and laid out so that thousands of rules take little memory to go through.
 */
export function combiner(rules: readonly Rule[]) {
  const kinds = Uint8Array.from(rules, ({ event }) => effects.indexOf(event.type))
  const asks = Uint8Array.from(rules, ({ event }) =>
    event.type === 'challenge' ? requirements.indexOf(event.params.requirement) : 0,
  )
  const reasons = rules.map((rule) =>
    rule.event.params.shows ? undefined : Object.freeze(reasonOf(rule, noSignIn)),
  )
  return (numbers: ArrayLike<number>, count: number, signIn: SignIn): Decision => {
    const blocks: Reason[] = []
    const challenges: Reason[] = []
    const advice: Advice[] = []
    const demanded = requirements.map(() => false)
    for (let at = 0; at < count; at++) {
      const number = numbers[at]!
      const reason = reasons[number] ?? reasonOf(rules[number]!, signIn)
      switch (effects[kinds[number]!]!) {
        case 'block':
          blocks.push(reason)
          break
        case 'challenge':
          challenges.push(reason)
          demanded[asks[number]!] = true
          break
        case 'advise':
          advice.push(reason as Advice)
      }
    }
    if (isNonEmpty(blocks)) return { outcome: 'block', requirements: [], advice, reasons: blocks }
    const inTurn = requirements.filter((_, index) => demanded[index])
    if (isNonEmpty(challenges) && isNonEmpty(inTurn))
      return { outcome: 'challenge', requirements: inTurn, advice, reasons: challenges }
    return { outcome: 'allow', requirements: [], advice, reasons: [] }
  }
}

/** Nothing of it is looked at by a rule that shows no facts. */
const noSignIn = {} as SignIn

/** Each rule once, by name: the order in which reasons are given. */
export function inOrder(rules: readonly Rule[]): readonly Rule[] {
  return [...new Set(rules)].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What a rule that applies says for itself; an `advise` rule also says what it advises. */
function reasonOf({ name, control, event }: Rule, signIn: SignIn): Reason | Advice {
  const { code, aadsts, shows } = event.params
  const facts = shows?.map((fact) => [fact, (signIn as Readonly<Record<string, FactValue>>)[fact]!])
  return {
    ...(event.type === 'advise' && { advice: event.params.advice }),
    rule: name,
    control,
    code,
    ...(aadsts !== undefined && { aadsts }),
    ...(facts && { facts: Object.fromEntries(facts) }),
  }
}

type Asked = { readonly outcome: Outcome; readonly requirements: readonly Requirement[] }

/** At least as strict: allow < challenge < block, and of two challenges the one that demands all that the other does. */
export function atLeastAsStrict(decision: Asked, than: Asked): boolean {
  const difference = outcomes.indexOf(decision.outcome) - outcomes.indexOf(than.outcome)
  if (difference !== 0) return difference > 0
  return than.requirements.every((requirement) => decision.requirements.includes(requirement))
}

const isNonEmpty = <T>(list: readonly T[]): list is NonEmpty<T> => list.length > 0

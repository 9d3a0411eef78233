import {
  answer,
  faultText,
  load,
  type Case,
  type Decision,
  type Loaded,
  type RuleSet,
} from '../../engine/index.ts'
import type { Expected, Question, Workload } from '../load/workload.ts'
import { randomFrom, type Random } from '../random.ts'
import { apportioned } from './draw.ts'
import { population } from './people.ts'
import type { Drawn, Part, Profile } from './profile.ts'
import { signInMaker } from './sign-in.ts'
import { spoilt } from './spoil.ts'

export type WorkloadOptions = {
  /** The same seed makes the same workload, byte for byte. */
  readonly seed: number
  /** How many questions, in place of what the profile says. */
  readonly questions?: number
  /** The sign-ins of a profile that asks a pack's cases. */
  readonly cases?: readonly Pick<Case, 'name' | 'signIn'>[]
}

/** A sign-in that will be asked; `refusable` when it need not be one. */
type Asked = { readonly kind: string; readonly text: string; readonly refusable: boolean }

/**
 * Questions of a profile with their right answers by each rule set; the first of them is the one that the workload is for.
 * Throws an `Error` that names the kind and the fact when that one can't decide what the profile asks.
 */
export function workloadOf(
  profile: Profile,
  ruleSets: readonly RuleSet[],
  { seed, questions: wanted, cases = [] }: WorkloadOptions,
): Workload {
  const [ruleSet] = ruleSets
  if (ruleSet === undefined) throw new RangeError('expected at least one rule set, got none')
  const random = randomFrom(seed)
  const count = wanted ?? profile.questions ?? cases.length
  const counts = apportioned(
    count,
    profile.parts.map(({ weight }) => weight),
  )
  const loaded = ruleSets.map(load)
  const questions = profile.parts.flatMap((part, index) =>
    questionsOf(part, counts[index]!, profile.parts.length > 1, { random, loaded, cases }),
  )
  return {
    name: profile.name,
    description: profile.description,
    seed,
    ruleSet: { id: ruleSet.id, revision: ruleSet.revision },
    questions,
    order: random.shuffled(questions.map((_, index) => index)),
  }
}

type Making = {
  readonly random: Random
  readonly loaded: readonly Loaded[]
  readonly cases: readonly Pick<Case, 'name' | 'signIn'>[]
}

function questionsOf(
  part: Part,
  count: number,
  composed: boolean,
  { random, loaded, cases }: Making,
): readonly Question[] {
  const { form, size } = part.form
  const asked =
    part.source === 'cases'
      ? casesAsked(part.name, cases, count * size)
      : signInsAsked(part.source, count * size, form, random)
  const from = composed ? `${part.name}: ` : ''
  return Array.from({ length: count }, (_, index) => {
    const own = asked.slice(index * size, (index + 1) * size)
    return {
      name:
        form === 'single'
          ? `${from}${own[0]!.kind} #${index + 1}`
          : `${from}${form} #${index + 1} of ${size} sign-ins`,
      form,
      signIns: own.map(({ text }) => text),
      expected: Object.fromEntries(
        loaded.map((each, at) => [
          each.ruleSet.revision,
          own.map((one) => expectedOf(each, one, at === 0 && part.name)),
        ]),
      ),
    }
  })
}

/** As many sign-ins of each kind as its weight says, in a random order. */
function signInsAsked(
  { at, people, kinds }: Drawn,
  count: number,
  form: Part['form']['form'],
  random: Random,
): readonly Asked[] {
  const someone = population(people)
  const counts = apportioned(
    count,
    kinds.map(({ weight }) => weight),
  )
  const asked = kinds.flatMap((kind, index) => {
    const refused = Math.round(counts[index]! * kind.refused)
    const make = signInMaker(kind, at)
    return Array.from({ length: counts[index]! }, (_, number): Asked => {
      const signIn = make(someone(random), random)
      return number < refused
        ? { kind: `${kind.name}, spoilt`, text: spoilt(signIn, form, random), refusable: true }
        : { kind: kind.name, text: JSON.stringify(signIn), refusable: false }
    })
  })
  return random.shuffled(asked)
}

/** Each case once, and from the first again when more are wanted. */
function casesAsked(part: string, cases: Making['cases'], count: number): readonly Asked[] {
  if (cases.length === 0)
    throw new Error(`the profile ${part} asks the cases of a pack, and the pack has none`)
  return Array.from({ length: count }, (_, index) => {
    const { name, signIn } = cases[index % cases.length]!
    return { kind: name, text: JSON.stringify(signIn), refusable: false }
  })
}

/** What the engine answers; `mustDecide` names the profile when a sign-in that is not spoilt may not be refused. */
function expectedOf(loaded: Loaded, asked: Asked, mustDecide: string | false): Expected {
  const answered = answer(loaded, asked.text, 0)
  if ('faults' in answered) {
    if (mustDecide !== false && !asked.refusable)
      throw new Error(
        `the profile ${mustDecide} does not suit the rule set ${loaded.ruleSet.id}: a sign-in of its kind "${asked.kind}" is refused: ${answered.faults.map(faultText).join('; ')}`,
      )
    return { outcome: 'refused' }
  }
  if (asked.refusable)
    throw new Error(`a sign-in of the kind "${asked.kind}" was decided: ${asked.text}`)
  const { outcome, json } = answered
  return { outcome, requirements: (JSON.parse(json) as Decision).requirements, json }
}

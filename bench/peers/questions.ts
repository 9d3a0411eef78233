import { answer, load, type Decision, type Pack, type SignIn } from '../../engine/index.ts'
import { nested } from '../engine/contestants/nested.ts'
import { factsCompared } from '../engine/contestants/translate.ts'
import { crossedTexts } from '../engine/sign-ins.ts'
import type { Json } from '../load/parts.ts'
import type { Question, Workload } from '../load/workload.ts'
import { randomFrom } from '../random.ts'

export type PeerQuestions = {
  /** The pack's cases: what is timed. */
  readonly workload: Workload
  /** The cases and crossings of them: what is compared before. */
  readonly compared: readonly Question[]
}

const crossings = 400

/** Questions for peers, with Portcullis' own answers. The same seed makes the same. */
export function peerQuestions(pack: Pack, seed: number): PeerQuestions {
  const random = randomFrom(seed)
  const { ruleSet, cases } = pack
  const loaded = load(ruleSet)
  const question = (name: string, signIn: string): Question => {
    const answered = answer(loaded, signIn, 0)
    if ('faults' in answered) throw new Error(`${name} is no sign-in: ${signIn}`)
    const { outcome, json } = answered
    const { requirements } = JSON.parse(json) as Decision
    const expected = { [ruleSet.revision]: [{ outcome, requirements, json }] }
    return { name, form: 'single', signIns: [signIn], expected }
  }
  const ofCases = cases.map(({ name, signIn }) => question(name, JSON.stringify(signIn)))
  const crossed = crossedTexts(pack, crossings, random)
  return {
    workload: {
      name: 'pack-cases',
      description: 'The cases of the pack in turn, each as one request',
      seed,
      ruleSet: { id: ruleSet.id, revision: ruleSet.revision },
      questions: ofCases,
      order: random.shuffled(ofCases.map((_, index) => index)),
    },
    compared: [
      ...ofCases,
      ...crossed.map((signIn, index) => question(`crossing ${index + 1}`, signIn)),
    ],
  }
}

/**
 * The same questions for those who have no parser of sign-ins: only the facts that the rules read, checked and worked out
 * beforehand (classes, assumed values, durations); those of the user under `user` and all others under `resource`, since
 * Cerbos passes over the context of an AuthZEN evaluation.
 */
export function asFacts({ workload, compared }: PeerQuestions, { ruleSet }: Pack): PeerQuestions {
  const { parse } = load(ruleSet)
  const read = factsCompared(ruleSet)
  const textOf = (text: string): string => {
    const { signIn } = parse(JSON.parse(text)) as { readonly signIn: SignIn }
    const facts = Object.fromEntries(read.map((fact) => [fact, signIn[fact]]))
    const { user = {}, resource = {}, ...others } = nested(facts as SignIn) as Json
    return JSON.stringify({ user, resource: { ...others, ...(resource as Json) } })
  }
  const converted = (question: Question): Question => ({
    ...question,
    signIns: question.signIns.map(textOf),
  })
  return {
    workload: { ...workload, questions: workload.questions.map(converted) },
    compared: compared.map(converted),
  }
}

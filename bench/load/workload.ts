import type { Outcome } from '../../engine/index.ts'

/**
 * What is asked, in which order, and what must be answered. It is plain data, since it travels to the process that generates
 * the load.
 */
export type Workload = {
  /** The profile that it was made of. */
  readonly name: string
  readonly description: string
  readonly seed: number
  readonly ruleSet: { readonly id: string; readonly revision: string }
  readonly questions: readonly Question[]
  /** Places in `questions` in the order in which they are asked; after the last comes the first again. */
  readonly order: readonly number[]
}

/** One request: a sign-in, or several as one batch or one stream. */
export type Question = {
  /** For people: what kind of sign-in, and which. It holds no name of anybody. */
  readonly name: string
  readonly form: 'single' | 'batch' | 'stream'
  /** Sign-ins as JSON texts; one of them where the form is `single`. */
  readonly signIns: readonly string[]
  /**
   * The right answers, one a sign-in, by revision. An answer names its revision and must equal that revision's; one that names
   * none of these is wrong. There is more than one revision when rule sets are swapped while they are asked.
   */
  readonly expected: Readonly<Record<string, readonly Expected[]>>
}

/** What one sign-in must get. */
export type Expected =
  | {
      readonly outcome: Outcome
      readonly requirements: readonly string[]
      /** The answer as JSON text, but for `decisionId`, `evaluatedAt` and `index`, which differ each time (`answer` of the engine). */
      readonly json: string
    }
  /** It is no sign-in, and has to be refused. */
  | { readonly outcome: 'refused' }

/** Latencies are kept by what was to be answered: an outcome, a refusal, or many decisions in one answer. */
export const answerClasses = ['allow', 'challenge', 'block', 'refused', 'many'] as const
export type AnswerClass = (typeof answerClasses)[number]

import type { Wrong } from './result.ts'
import type { Expected, Question } from './workload.ts'

/**
 * Compares the answers to a question, one a sign-in, where they say nothing of the rule set that they come from: they must
 * be those of one of its revisions. The first difference is told, from the revision named first.
 */
export function oneOf<Answer>(
  { name, signIns, expected }: Question,
  answers: readonly Answer[],
  agrees: (answer: Answer, expected: Expected, revision: string) => boolean,
): 'right' | Wrong {
  let first: Wrong | undefined
  for (const [revision, wanted] of Object.entries(expected)) {
    const at = wanted.findIndex((each, index) => !agrees(answers[index]!, each, revision))
    if (at < 0) return 'right'
    first ??= {
      question: name,
      signIn: signIns[at]!,
      expected: inWords(wanted[at]!),
      actual: shown(JSON.stringify(answers[at])),
    }
  }
  return first ?? { question: name, signIn: signIns[0]!, expected: 'any', actual: 'none' }
}

/** `challenge (mfaRegistration, mfa)` */
export function inWords(expected: Expected): string {
  if (expected.outcome === 'refused' || expected.requirements.length === 0) return expected.outcome
  return `${expected.outcome} (${expected.requirements.join(', ')})`
}

/** What came, as far as it fits into a report. */
export const shown = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}…` : text)

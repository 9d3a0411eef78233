import { Unavailable, type Answer, type Fault } from '../../engine/index.ts'
import { noteProblem, problemBody, questionProblem, type ProblemName } from '../problems.ts'
import type { Asked, Telling } from '../telling.ts'

/** One member of a batch's answer, with its place: a decision, or a problem with pointers into its own sign-in. */
export function printItem(answer: Answer, asked: Asked, index: number, { tell }: Telling): string {
  if ('json' in answer) {
    try {
      return tell(answer, asked, index)
    } catch (error) {
      if (error instanceof Unavailable) return printItemProblem('unavailable', error.message, index)
      throw error
    }
  }
  const { name, detail } = questionProblem(answer.faults)
  return printItemProblem(name, detail, index, answer.faults)
}

/** The same of a member that has no answer. Each counts, as a request's own problem does. */
export function printItemProblem(
  name: ProblemName,
  detail: string,
  index: number,
  faults?: readonly Fault[],
): string {
  noteProblem(name)
  return JSON.stringify({ index, ...problemBody(name, detail, faults) })
}

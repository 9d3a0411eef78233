import type { Answer, Fault } from '../../engine/index.ts'
import type { Metrics } from '../metrics.ts'
import { noteProblem, problemBody, questionProblem, type ProblemName } from '../problems.ts'
import { withId } from '../with-id.ts'

/** One member of a batch's answer, with its place: a decision, which is counted, or a problem with pointers into its own sign-in. */
export function printItem(answer: Answer, now: number, index: number, metrics: Metrics): string {
  if ('json' in answer) {
    metrics.decided(answer.outcome)
    return withId(answer.json, now, `"index":${index},`)
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

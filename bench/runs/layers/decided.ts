import type { Workload } from '../../load/workload.ts'

/**
 * Without the questions that are refused, wholly or in part: a refusal is no decision, and costs another amount. Throws an
 * `Error` when nothing is left.
 */
export function decidedOf(workload: Workload): Workload {
  const { questions, order, ruleSet } = workload
  const isDecided = (place: number) =>
    questions[place]!.expected[ruleSet.revision]!.every(({ outcome }) => outcome !== 'refused')
  const decided = order.filter(isDecided)
  if (decided.length === 0)
    throw new Error(`${workload.name}: expected sign-ins that ${ruleSet.id} decides, got none`)
  return {
    ...workload,
    questions: decided.map((place) => questions[place]!),
    order: decided.map((_, at) => at),
  }
}

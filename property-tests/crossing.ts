import type { Answer } from '../engine/index.ts'

/** An answer as it comes to another thread: what its values say its text says too. */
export const crossing = (answer: Answer): Answer =>
  'faults' in answer ? answer : { outcome: answer.outcome, json: answer.json }

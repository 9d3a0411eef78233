import { workerData } from 'node:worker_threads'
import { answer, load, type Answer } from './answer.ts'
import type { RuleSet } from './rule-set.ts'

/** One message to a pool thread: sign-ins as JSON texts, and the time at which each was asked. */
export type Message = { readonly texts: readonly string[]; readonly nows: readonly number[] }

/** Compiled once a thread, when it starts. */
const loaded = load(workerData as RuleSet)

export default function decideMessage({ texts, nows }: Message): readonly Answer[] {
  return texts.map((text, index) => answer(loaded, text, nows[index]!))
}

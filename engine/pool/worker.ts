import { flushCompileCache } from 'node:module'
import { workerData } from 'node:worker_threads'
import { answer, load, type Answer } from '../answer.ts'
import type { RuleSet } from '../rule-set.ts'

/** One message to a pool thread: sign-ins as JSON in UTF-8, and the time at which each was asked. */
export type Message = {
  readonly bodies: readonly Uint8Array[]
  readonly nows: readonly number[]
}

/** Compiled once a thread, when it starts. */
const loaded = load(workerData as RuleSet)
flushCompileCache() // what only threads load; one that is ended does not come to it

export default function decideMessage({ bodies, nows }: Message): readonly Answer[] {
  return bodies.map((body, index) => answer(loaded, body, nows[index]!))
}

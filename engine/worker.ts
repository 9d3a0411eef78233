import { workerData } from 'node:worker_threads'
import { answer, load, type Answer, type Loaded } from './answer.ts'
import type { RuleSet } from './rule-set.ts'

/** One message to a pool thread: sign-ins as JSON texts, and the revision that must decide them. */
export type Message = {
  readonly revision: string
  readonly texts: readonly string[]
  readonly now: number
  /** Sent again with the rule set when the thread did not know the revision. */
  readonly ruleSet?: RuleSet
}

export type Reply = { readonly answers: readonly Answer[] } | { readonly unknownRevision: true }

/** Revisions a thread keeps compiled: the live one, and those of questions still on their way during a swap. */
const mostRevisions = 4
const compiled = new Map<string, Loaded>()

const first = workerData as RuleSet
compiled.set(first.revision, load(first))

export default function decideMessage({ revision, texts, now, ruleSet }: Message): Reply {
  let loaded = compiled.get(revision)
  if (loaded === undefined) {
    if (ruleSet === undefined) return { unknownRevision: true }
    loaded = load(ruleSet)
    compiled.set(revision, loaded)
    const [oldest] = compiled.keys()
    if (compiled.size > mostRevisions && oldest !== undefined) compiled.delete(oldest)
  }
  const rules = loaded
  return { answers: texts.map((text) => answer(rules, text, now)) }
}

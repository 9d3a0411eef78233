import { flushCompileCache } from 'node:module'
import { load, type Loaded } from '../answer.ts'
import { replied } from './deliver.ts'
import { parted, replyOf, type Message, type Reply } from './message.ts'

/** What a thread decides by; the one who asks says what is where (`Message`). */
const loaded: (Loaded | undefined)[] = []

export default function decideMessage(message: Message): Reply {
  const { slot, ruleSet, revision, nows } = message
  if (ruleSet) {
    loaded[slot] = load(ruleSet)
    flushCompileCache() // what only threads load; one that is ended does not come to it
  }
  const by = loaded[slot]
  if (by?.ruleSet.revision !== revision)
    throw new TypeError(`expected revision ${revision}, got ${by?.ruleSet.revision ?? 'none'}`)
  const start = performance.now()
  const answers = parted(message).map((body, index) => replied(by, body, nows[index]!))
  return { ...replyOf(answers), us: (performance.now() - start) * 1_000 }
}

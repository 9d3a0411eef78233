import type { Message, Reply } from './message.ts'
import decideMessage from './worker.ts'

/** For tests: a worker that fails as it is told, by a word in a question or in the title of a rule set that it is to load. */
export default function decideOrFail(message: Message): Reply {
  const text = Buffer.from(message.bytes).toString() + (message.ruleSet?.title ?? '')
  if (text.includes('#exits')) process.exit(7)
  if (text.includes('#dies in company') && message.lengths.length > 1) process.exit(7)
  if (text.includes('#hangs')) for (;;);
  if (text.includes('#throws')) throw new Error('told to')
  const reply = decideMessage(message)
  return text.includes('#short') ? { ...reply, ends: reply.ends.slice(1) } : reply
}

import { Unavailable, type Decider } from '../../engine/index.ts'
import type { Questions, Reply } from './messages.ts'

/**
 * Puts the questions of a listener thread to the decider; what is answered in one turn of the event loop is sent in one message.
 * `flush` sends what is ready at once.
 */
export function answerer(decider: Decider, send: (replies: readonly Reply[]) => void) {
  let ready: Reply[] = []
  const flush = () => {
    if (ready.length === 0) return
    const replies = ready
    ready = []
    send(replies)
  }
  const reply = (each: Reply) => {
    if (ready.push(each) === 1) setImmediate(flush)
  }
  return {
    flush,
    put({ ids, nows, counts, lengths, bytes }: Questions): void {
      let [at, body] = [0, 0]
      ids.forEach((id, index) => {
        const bodies = Array.from({ length: counts[index]! }, () => {
          const from = at
          at += lengths[body++]!
          return bytes.subarray(from, at)
        })
        decider.decide(bodies, nows[index]!).then(
          (answers) => reply({ id, answers }),
          (error: unknown) =>
            reply(
              error instanceof Unavailable
                ? { id, unavailable: error.message }
                : {
                    id,
                    bug: error instanceof Error ? (error.stack ?? error.message) : String(error),
                  },
            ),
        )
      })
    },
  }
}

import { joined, parted } from './joined-answers.ts'
import type { Joined, Transport } from './transport.ts'

type Shared = { readonly memory: SharedArrayBuffer; readonly lengths: readonly number[] }

/** As much as a message of 64 bodies may need here. */
const most = 131_072
const memory = new SharedArrayBuffer(most)
const written = new Uint8Array(memory)

/** Bodies in memory that both threads see; the message says that they are there. Only one message may be under way. */
export const sharedMemory: Transport = {
  pack(bodies) {
    let at = 0
    const lengths = bodies.map((body) => {
      written.set(body, at)
      at += body.length
      return body.length
    })
    return { message: { memory, lengths } satisfies Shared }
  },
  open(message) {
    const { memory: given, lengths } = message as Shared
    const bytes = new Uint8Array(given)
    let at = 0
    return lengths.map((length) => bytes.subarray(at, (at += length)))
  },
  close: (answers) => ({ message: joined(answers) }),
  read: (reply) => parted(reply as Joined),
}

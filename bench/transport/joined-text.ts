import { joined, parted } from './joined-answers.ts'
import type { Joined, Transport } from './transport.ts'

type Text = { readonly text: string; readonly ends: readonly number[] }

/** All bodies in one text. */
export const joinedText: Transport = {
  pack(bodies) {
    let text = ''
    const ends = bodies.map((body) => {
      text += Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
      return text.length
    })
    return { message: { text, ends } satisfies Text }
  },
  open(message) {
    const { text, ends } = message as Text
    let from = 0
    return ends.map((end) => text.slice(from, (from = end)))
  },
  close: (answers) => ({ message: joined(answers) }),
  read: (reply) => parted(reply as Joined),
}

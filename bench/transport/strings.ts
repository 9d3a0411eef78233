import { joined, parted } from './joined-answers.ts'
import type { Joined, Transport } from './transport.ts'

/** Each body as a text. */
export const strings: Transport = {
  pack: (bodies) => ({
    message: bodies.map((body) =>
      Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'),
    ),
  }),
  open: (message) => message as readonly string[],
  close: (answers) => ({ message: joined(answers) }),
  read: (reply) => parted(reply as Joined),
}

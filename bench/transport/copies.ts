import type { Answer } from '../../engine/index.ts'
import type { Transport } from './transport.ts'

/** Each body as an array of bytes, each answer as an object. */
export const copies: Transport = {
  pack: (bodies) => ({ message: bodies.map((body) => Uint8Array.from(body)) }),
  open: (message) => message as readonly Uint8Array[],
  close: (answers) => ({ message: answers }),
  read: (reply) => reply as readonly Answer[],
}

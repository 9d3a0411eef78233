import type { Answer } from '../../engine/index.ts'
import { joined, parted } from './joined-answers.ts'
import type { Joined, Packed, Transport } from './transport.ts'

type Bytes = { readonly bytes: Uint8Array<ArrayBuffer>; readonly lengths: readonly number[] }

/** All bodies in one array of bytes, which is copied once more on the way, or given away. */
const joinedBytes = (give: boolean): Pick<Transport, 'pack' | 'open'> => ({
  pack(bodies) {
    let length = 0
    const lengths = bodies.map((body) => body.length)
    for (const each of lengths) length += each
    const bytes = new Uint8Array(length)
    let at = 0
    for (const body of bodies) {
      bytes.set(body, at)
      at += body.length
    }
    return packed({ bytes, lengths }, give)
  },
  open(message) {
    const { bytes, lengths } = message as Bytes
    let at = 0
    return lengths.map((length) => bytes.subarray(at, (at += length)))
  },
})

const packed = (message: Bytes, give: boolean): Packed => ({
  message,
  ...(give && { transfer: [message.bytes.buffer] }),
})

const textBack: Pick<Transport, 'close' | 'read'> = {
  close: (answers) => ({ message: joined(answers) }),
  read: (reply) => parted(reply as Joined),
}

/** Answers as bytes too; the text of each has to be made of them again. */
const bytesBack: Pick<Transport, 'close' | 'read'> = {
  close(answers) {
    const { kinds, text, ends } = joined(answers)
    const bytes = new TextEncoder().encode(text)
    return { message: { kinds, bytes, ends }, transfer: [bytes.buffer] }
  },
  read(reply): readonly Answer[] {
    const { kinds, bytes, ends } = reply as Omit<Joined, 'text'> & Bytes
    return parted({ kinds, text: new TextDecoder().decode(bytes), ends })
  },
}

export const joinedCopied: Transport = { ...joinedBytes(false), ...textBack }
export const joinedGiven: Transport = { ...joinedBytes(true), ...textBack }
export const joinedGivenBothWays: Transport = { ...joinedBytes(true), ...bytesBack }

/** Words of a ring's head, each on a cache line of its own. Places count bytes since the start, modulo 2³². */
const [head, tail] = [0, 16]
const headBytes = 128

/** What stands before a body and a decision: their lengths, and when the sign-in was asked. A length of 0 ends the ring early. */
const [bodyLength, textLength] = [0, 1]
const nowAt = 1
const noteBytes = 16
const mostBytesOfCharacter = 3

/** A decision that was told, for another thread to decide again. */
export type Note = {
  readonly now: number
  /** The sign-in, JSON in UTF-8. */
  readonly body: Buffer
  /** The decision as it was told, JSON. */
  readonly text: string
}

/** Memory for a ring of so many bytes, a power of two. It is taken from the system only as it is used. */
export const ringMemory = (bytes: number): SharedArrayBuffer =>
  new SharedArrayBuffer(headBytes + bytes)

/**
 * Notes on their way from one thread to another. Only the thread that writes moves `head` and only the one that reads moves `tail`, so
 * neither ever waits; a note for which there is no room is not taken. One that was begun by a thread that died is not there.
 */
export function ring(memory: SharedArrayBuffer) {
  const words = new Int32Array(memory, 0, headBytes / Int32Array.BYTES_PER_ELEMENT)
  const bytes = Buffer.from(memory, headBytes)
  const integers = new Uint32Array(memory, headBytes)
  const doubles = new Float64Array(memory, headBytes)
  const size = bytes.length
  const since = (place: number, earlier: number) => (place - earlier) >>> 0
  let knownTail = Atomics.load(words, tail)

  const hasRoom = (place: number, length: number): boolean => {
    if (since(place, knownTail) + length <= size) return true
    knownTail = Atomics.load(words, tail) // which the other thread writes, so it is looked at when it matters
    return since(place, knownTail) + length <= size
  }

  return {
    /** For the one that writes: false if there is no room. */
    put(now: number, body: Uint8Array, text: string): boolean {
      const most = aligned(noteBytes + body.length + mostBytesOfCharacter * text.length)
      const place = Atomics.load(words, head)
      const end = place & (size - 1)
      const gap = end + most > size ? size - end : 0
      if (!hasRoom(place, gap + most)) return false
      if (gap > 0) integers[end / 4] = 0
      const at = gap > 0 ? 0 : end
      bytes.set(body, at + noteBytes)
      const written = bytes.write(text, at + noteBytes + body.length)
      integers[at / 4 + bodyLength] = body.length
      integers[at / 4 + textLength] = written
      doubles[at / 8 + nowAt] = now
      const length = aligned(noteBytes + body.length + written)
      Atomics.store(words, head, (place + gap + length) | 0)
      return true
    },
    /** For the one that reads: the notes that came first, in at most so many bytes but one at least if there is one. */
    take(mostBytes: number): readonly Note[] {
      const notes: Note[] = []
      const until = Atomics.load(words, head)
      let place = Atomics.load(words, tail)
      for (let taken = 0; place !== until && taken < mostBytes;) {
        const at = place & (size - 1)
        const ofBody = integers[at / 4 + bodyLength]!
        if (ofBody === 0) {
          place = (place + size - at) | 0
          continue
        }
        const ofText = integers[at / 4 + textLength]!
        const body = Buffer.from(bytes.subarray(at + noteBytes, at + noteBytes + ofBody)) // a copy
        const textAt = at + noteBytes + ofBody
        notes.push({
          now: doubles[at / 8 + nowAt]!,
          body,
          text: bytes.toString('utf8', textAt, textAt + ofText),
        })
        const length = aligned(noteBytes + ofBody + ofText)
        place = (place + length) | 0
        taken += length
      }
      Atomics.store(words, tail, place)
      return notes
    },
    /** Bytes that wait. */
    waiting: (): number => since(Atomics.load(words, head), Atomics.load(words, tail)),
    /** Forgets what waits, while nobody reads. */
    clear: (): void => void Atomics.store(words, tail, Atomics.load(words, head)),
  }
}

export type Ring = ReturnType<typeof ring>

const aligned = (length: number): number => (length + 7) & ~7

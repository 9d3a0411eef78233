/** A text that the main thread writes and all listeners read, in memory that they share. */
export type SharedText = SharedArrayBuffer

const headBytes = 8

export function newSharedText(mostBytes: number): SharedText {
  return new SharedArrayBuffer(headBytes + mostBytes)
}

/** Only one thread may write. The count is odd while it does. Throws a RangeError for a text that is too long, and changes nothing. */
export function writeShared(memory: SharedText, text: string): void {
  const bytes = Buffer.from(text)
  const room = new Uint8Array(memory, headBytes)
  if (bytes.length > room.length) throw new RangeError(`expected at most ${room.length} bytes`)
  const head = new Int32Array(memory, 0, 2)
  Atomics.add(head, 0, 1)
  room.set(bytes)
  Atomics.store(head, 1, bytes.length)
  Atomics.add(head, 0, 1)
}

/** Calls back with the text whenever it has changed; costs a look at one number when it has not. */
export function sharedReader(memory: SharedText, changed: (text: string) => void): () => void {
  const head = new Int32Array(memory, 0, 2)
  let seen = 0
  return () => {
    const count = Atomics.load(head, 0)
    if (count === seen || count % 2 !== 0) return
    const bytes = Buffer.from(new Uint8Array(memory, headBytes, Atomics.load(head, 1))) // a copy
    if (Atomics.load(head, 0) !== count) return // it was being written: next time
    seen = count
    changed(bytes.toString())
  }
}

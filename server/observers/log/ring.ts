/** Words of a ring's head. Places count bytes since the start, modulo 2³². */
const [head, tail, synced, progress] = [0, 1, 2, 3]
const headBytes = 64
const newline = 0x0a
/** Larger ones would need more than 32 bits to tell places apart. */
const largest = 2 ** 29

/** Memory for a ring in which so many bytes of lines may wait. */
export const ringMemory = (bytes: number): SharedArrayBuffer =>
  new SharedArrayBuffer(headBytes + Math.min(largest, 2 ** Math.ceil(Math.log2(2 * bytes))))

/**
 * Lines on their way from one thread to another. Each stands in one piece: where one does not fit before the end, zeros fill the gap
 * and it begins at the start. Only the thread that writes moves `head`, only the thread that reads moves `tail`, so neither waits.
 * A thread that dies while it writes a line leaves nothing of it.
 */
export function ring(memory: SharedArrayBuffer) {
  const words = new Int32Array(memory, 0, headBytes / Int32Array.BYTES_PER_ELEMENT)
  const bytes = Buffer.from(memory, headBytes)
  const size = bytes.length
  const mask = size - 1
  const load = (word: number) => Atomics.load(words, word)
  const since = (place: number, earlier: number) => (place - earlier) >>> 0

  let next = 0 // where the line that is being written ends
  return {
    bytes,
    size,
    /** Bytes that wait, gaps included. */
    waiting: (): number => since(load(head), load(tail)),
    /** For who writes: index in `bytes` at which a line may be written, or -1 if more than `most` bytes would wait then. */
    reserve(length: number, most: number): number {
      const place = load(head)
      const at = place & mask
      const gap = at + length > size ? size - at : 0
      if (since(place, load(tail)) + gap + length > Math.min(most, size)) return -1
      bytes.fill(0, at, at + gap)
      next = (place + gap + length) | 0
      return gap > 0 ? 0 : at
    },
    /** The line is written. */
    publish(): void {
      Atomics.store(words, head, next)
    },
    /** For who reads: the lines that wait and stand together, at most so many bytes but at least one line; nothing when none wait. */
    next(most: number): Buffer {
      const place = load(tail)
      const at = place & mask
      const end = at + since(load(head), place)
      if (end > at && bytes[at] === 0) {
        Atomics.store(words, tail, (place + size - at) | 0)
        return this.next(most)
      }
      const lines = bytes.subarray(at, Math.min(size, end))
      if (lines.length <= most) return end > size ? wholeLines(lines) : lines
      const cut = wholeLines(lines.subarray(0, most))
      return cut.length > 0 ? cut : lines.subarray(0, lines.indexOf(newline) + 1)
    },
    /** So many bytes of them are written. */
    taken(length: number): void {
      Atomics.add(words, tail, length)
    },
    /** What was taken is on the disk. */
    syncedUpToHere(): void {
      Atomics.store(words, synced, load(tail))
    },
    /** Wakes who waits for what was taken or synced. */
    tell(): void {
      Atomics.add(words, progress, 1)
      Atomics.notify(words, progress)
    },
    /** Where the last line ends, and where is taken and synced. */
    head: () => load(head),
    tail: () => load(tail),
    synced: () => load(synced),
    /** Resolves after something was told that the caller has not seen, or after so many milliseconds. */
    progress: () => load(progress),
    async told(seen: number, withinMs: number): Promise<void> {
      const wait = Atomics.waitAsync(words, progress, seen, withinMs)
      if (wait.async) await wait.value
    },
  }
}

export type Ring = ReturnType<typeof ring>

const wholeLines = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.lastIndexOf(newline) + 1)

/** How many lines end in these bytes. */
export function linesIn(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}

/** What threads that write ring for the one that reads, and what it tells all of them. */
export function bell(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
  const words = new Int32Array(memory)
  const [rung, failing] = [0, 1]
  return {
    memory,
    ring(): void {
      if (Atomics.load(words, rung) === 1) return
      Atomics.store(words, rung, 1)
      Atomics.notify(words, rung)
    },
    /** Rings from before do not count; to be called before looking whether there is something. */
    mute: (): void => void Atomics.store(words, rung, 0),
    async rung(): Promise<void> {
      const wait = Atomics.waitAsync(words, rung, 0)
      if (wait.async) await wait.value
    },
    /** Whether the log could not be written when that was last tried. */
    isFailing: (): boolean => Atomics.load(words, failing) === 1,
    setFailing: (is: boolean): void => void Atomics.store(words, failing, is ? 1 : 0),
  }
}

export type Bell = ReturnType<typeof bell>

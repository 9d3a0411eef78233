import type { Sink } from '../observers/log/sink.ts'

/** Bytes of lines that may wait for a slow disk, and milliseconds until the operator hears again that there is something wrong. */
const mostWaiting = 1_048_576
const tellEveryMs = 10_000

/** Gives lines to a sink, one piece after the other, and waits for nothing. What it can't take or write is counted by `unwritten`. */
export function lineWriter(
  sink: Sink,
  tell: (line: string) => void,
  unwritten: (lines: number) => void,
) {
  let waiting: string[] = []
  let bytes = 0
  let writing: Promise<void> | undefined
  let toldAt = -Infinity

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const piece = Buffer.from(waiting.join(''))
      const lines = waiting.length
      waiting = []
      bytes = 0
      const { taken, error } = await sink.append(piece)
      if (error === undefined) continue
      const written = piece.subarray(0, taken).reduce((n, byte) => n + (byte === 0x0a ? 1 : 0), 0)
      unwritten(lines - written)
      if (performance.now() < toldAt + tellEveryMs) continue
      toldAt = performance.now()
      tell(`the shadow log can't be written: ${error.message}`)
    }
    writing = undefined
  }

  return {
    add(line: string): void {
      if (bytes + line.length > mostWaiting) return unwritten(1)
      bytes += line.length
      waiting.push(line)
      writing ??= Promise.resolve().then(write)
    },
    /** Once all is written that can be. */
    async close(): Promise<void> {
      await writing
      await sink.close().catch((error: unknown) => tell(`the shadow log: ${String(error)}`))
    },
  }
}

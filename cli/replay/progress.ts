import type { Io } from '../io.ts'

const everyMs = 500

/** Says on a terminal how far it has come, how fast, and how long it will take. */
export function progressOf(bytes: number, io: Io) {
  const startMs = io.now()
  let [done, saidMs] = [0, startMs]
  return {
    read: (more: number): void => {
      done += more
      const now = io.now()
      if (!io.terminal || now - saidMs < everyMs) return
      saidMs = now
      const perMs = done / Math.max(1, now - startMs)
      const left = Math.max(0, Math.ceil((bytes - done) / perMs / 1_000))
      io.err(
        `\r\u001B[K${Math.min(100, Math.floor((100 * done) / Math.max(1, bytes)))}% of ${Math.ceil(bytes / 1e6)} MB, ${Math.round(perMs / 1_000)} MB/s, ${left} s left`,
      )
    },
    end: (): void => {
      if (io.terminal) io.err('\r\u001B[K')
    },
  }
}

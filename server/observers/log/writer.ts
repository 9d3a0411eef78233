import { linesIn, type Bell, type Ring } from './ring.ts'
import { errorOf, type Sink } from './sink.ts'

export type WriterOptions = {
  readonly rings: readonly Ring[]
  readonly bell: Bell
  readonly sink: Sink
  /** `answer`: the sink syncs whatever it takes. */
  readonly fsync: 'never' | 'interval' | 'answer'
  /** Most bytes that are given to the sink at once, but for a single longer line. */
  readonly mostAtOnce: number
  /** Could not write, for this reason; or, after that, writes again. Told once each. */
  readonly failed: (error: Error) => void
  readonly recovered: () => void
}

/** What the writer has done so far. */
export type Written = {
  readonly entries: number
  readonly bytes: number
  /** Attempts to write or sync that failed or hung. */
  readonly failures: number
}

export type Writer = {
  readonly written: () => Written
  /** Bytes that wait in memory. */
  readonly waiting: () => number
  /** Writes what is there, if that can be done within so many milliseconds, and closes the sink. Resolves to how many entries were lost. */
  readonly stop: (withinMs: number) => Promise<number>
}

/** Milliseconds in which entries come together, where nobody waits for them: what is lost at most when the process is killed. */
const gatherMs = 10
/** Milliseconds between syncs. */
const syncEveryMs = 1_000
const [firstPauseMs, longestPauseMs] = [50, 1_000]
/** Milliseconds after which a disk that says nothing, as one behind a lost network, is held to fail. */
const hangsAfterMs = 2_000

/**
 * Takes lines out of the rings of all listeners and gives them to the sink, one piece at a time. It lives on the main thread: the
 * waiting for the disk is done by threads of Node.js, and a thread of its own would need another 10 MB to copy some bytes.
 */
export function startWriter(options: WriterOptions): Writer {
  const { rings, bell, sink, fsync, mostAtOnce, failed, recovered } = options
  let piece = Buffer.allocUnsafeSlow(mostAtOnce)
  let [entries, bytes, failures, inARow, first] = [0, 0, 0, 0, 0]
  let stopping = false
  let syncedMs = performance.now()
  let unsynced = false
  let wake: () => void = () => undefined

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (stopping) wake()
    })

  async function run(): Promise<void> {
    for (;;) {
      bell.mute()
      if (rings.every((ring) => ring.waiting() === 0)) {
        if (stopping) return
        const untilSync = unsynced ? Math.max(0, syncedMs + syncEveryMs - performance.now()) : 0
        await (unsynced ? Promise.race([bell.rung(), pause(untilSync)]) : bell.rung())
      }
      const length = await pass()
      if (length < 0) {
        if (stopping) return // what the disk does not take now it will not take
        await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** inARow))
      } else if (fsync !== 'answer' && length < mostAtOnce / 2) await pause(gatherMs)
    }
  }

  /** Writes a piece of what waits. Returns how many bytes, or -1 if something failed. */
  async function pass(): Promise<number> {
    const from = gather()
    const length = from.reduce((total, each) => total + each, 0)
    const hangs = setTimeout(
      () => fail(new Error(`the disk has not answered for ${hangsAfterMs} ms`)),
      hangsAfterMs,
    )
    try {
      if (length > 0) {
        const { taken, error } = await sink.append(piece.subarray(0, length))
        give(from, taken)
        if (taken > 0) unsynced = fsync === 'interval'
        if (error) throw error
      }
      if (unsynced && performance.now() - syncedMs >= syncEveryMs) {
        syncedMs = performance.now()
        await sink.sync()
        unsynced = false
      }
    } catch (error) {
      fail(errorOf(error))
      return -1
    } finally {
      clearTimeout(hangs)
    }
    if (inARow > 0) {
      inARow = 0
      bell.setFailing(false)
      recovered()
    }
    return length
  }

  function fail(error: Error): void {
    failures++
    bell.setFailing(true)
    if (inARow++ === 0) failed(error)
  }

  /** Copies lines of all rings into the piece, another ring first each time; how many bytes are of which ring. */
  function gather(): readonly number[] {
    const from = rings.map(() => 0)
    let length = 0
    first = (first + 1) % rings.length
    for (let turn = 0; turn < rings.length && length < mostAtOnce; turn++) {
      const at = (first + turn) % rings.length
      const lines = rings[at]!.next(mostAtOnce - length)
      if (length > 0 && length + lines.length > mostAtOnce) break
      if (lines.length > piece.length) piece = Buffer.allocUnsafeSlow(lines.length)
      piece.set(lines, length)
      from[at] = lines.length
      length += lines.length
    }
    return from
  }

  function give(from: readonly number[], taken: number): void {
    let left = taken
    rings.forEach((_, turn) => {
      const at = (first + turn) % rings.length
      const part = Math.min(from[at]!, left)
      left -= part
      if (part === 0) return
      const ring = rings[at]!
      ring.taken(part)
      if (fsync === 'answer') ring.syncedUpToHere()
      ring.tell()
    })
    entries += linesIn(piece.subarray(0, taken))
    bytes += taken
  }

  const running = run()
  return {
    written: () => ({ entries, bytes, failures }),
    waiting: () => rings.reduce((total, ring) => total + ring.waiting(), 0),
    async stop(withinMs) {
      stopping = true
      bell.ring()
      wake()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)))
      const close = running
        .then(() => sink.close())
        .catch((error: unknown) => failed(errorOf(error)))
      await Promise.race([close, late])
      clearTimeout(timer)
      let lost = 0
      for (const ring of rings)
        for (let lines = ring.next(Infinity); lines.length > 0; lines = ring.next(Infinity)) {
          lost += linesIn(lines)
          ring.taken(lines.length)
        }
      return lost
    },
  }
}

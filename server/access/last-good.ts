import type { Log } from '../log.ts'
import { stampOfFile } from './tokens-file.ts'
import { newSharedText, writeShared, type SharedText } from './shared-text.ts'

/** How soon a change of a file is seen. */
const lookedAtEveryMs = 1_000

export type LastGood = {
  /** What was read last without a fault. */
  readonly memory: SharedText
  /** What is wrong with the files as they are now. */
  readonly fault: () => string | undefined
  readonly stop: () => void
}

/**
 * Keeps what files say, for all threads to see. Files that can't be read or are not right change nothing: what was read last stays, and the log
 * says so once. `read` throws for them, with a message for the operator; so does this, when there is nothing good to begin with.
 */
export function lastGood(
  {
    name,
    paths,
    mostBytes,
    read,
  }: {
    readonly name: string
    readonly paths: readonly string[]
    readonly mostBytes: number
    readonly read: () => string
  },
  log: Log,
): LastGood {
  const memory = newSharedText(mostBytes)
  const stampNow = () => paths.map((path) => stampOfFile(path) ?? 'none').join()
  let stamp = stampNow() // before they are read, so that no change is missed
  let fault: string | undefined
  writeShared(memory, read())

  function look(): void {
    try {
      const now = stampNow()
      if (now === stamp && fault === undefined) return
      writeShared(memory, read())
      stamp = now
      fault = undefined
      log(`${name}: read anew`)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (text !== fault) log(`${name}: ${text}; the last good stay`, { level: 'error' })
      fault = text
    }
  }

  const looking = setInterval(look, lookedAtEveryMs)
  looking.unref()
  return { memory, fault: () => fault, stop: () => clearInterval(looking) }
}

import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packFolders, readPack, type PackFiles } from '../../rules/index.ts'

/** Files that nobody has touched for so long are taken to be whole. */
const settledMs = 100
const lookEveryMs = 25
/** Somebody who never stops writing is not waited for. */
const longestMs = 3_000

/** Reads a pack once nobody writes to it any more, so that a reload in the middle of a save reads the files before or after it. Blocks. */
export function settled(folder: string): PackFiles {
  const until = Date.now() + longestMs
  for (;;) {
    const last = lastChange(folder)
    const now = Date.now()
    if (now < until && now - last < settledMs) Atomics.wait(never, 0, 0, lookEveryMs)
    else {
      const read = readPack(folder)
      if (now >= until || lastChange(folder) === last) return read
    }
  }
}

const never = new Int32Array(new SharedArrayBuffer(4))

/** When something in the folders of a pack was last changed, by the clock that writing programs do not set. */
function lastChange(folder: string): number {
  let last = 0
  const look = (path: string) => {
    last = Math.max(last, lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0)
  }
  for (const each of packFolders(folder)) {
    look(each)
    if (lstatSync(each, { throwIfNoEntry: false }) === undefined) continue
    for (const name of readdirSync(each, { recursive: true, encoding: 'utf8' }))
      look(join(each, name))
  }
  return last
}

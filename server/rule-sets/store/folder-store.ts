import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './atomic.ts'
import { lockFolder } from './folder-lock.ts'
import { historyIn } from './history.ts'
import { StateUnusable } from './state-unusable.ts'
import { lastRevisions, type Store } from './store.ts'

const prefix = 'sha256:'
const fileName = /^([0-9a-f]{64})\.pack$/

/** Where the rule sets are in a state folder, and in there the pack of a revision. */
export const ruleSetsIn = (state: string): string => join(state, 'rule-sets')
export const packFile = (folder: string, revision: string): string =>
  join(folder, `${revision.slice(prefix.length)}.pack`)

/**
 * Keeps packs and history in a folder: a file for each revision, called by its digest, and never changed but as a whole. Rejects
 * with `StateUnusable` when others may write there, or another service does.
 */
export async function folderStore(state: string, most: number): Promise<Store> {
  const folder = ruleSetsIn(state)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await mustBeOurs(folder)
    const unlock = lockFolder(folder)
    try {
      return await storeIn(folder, most, unlock)
    } catch (error) {
      unlock()
      throw error
    }
  } catch (error) {
    if (error instanceof StateUnusable) throw error
    throw new StateUnusable(`${folder} can't be used: ${(error as Error).message}`)
  }
}

/** Whoever may write there may say what is gone back to. */
async function mustBeOurs(folder: string): Promise<void> {
  const { mode, uid } = await stat(folder)
  const own = process.getuid?.()
  if (own !== undefined && uid !== own)
    throw new StateUnusable(`expected ${folder} to belong to user ${own}, got ${uid}`)
  if (own !== undefined && (mode & 0o022) !== 0)
    throw new StateUnusable(
      `expected that its owner alone can write to ${folder}, got mode ${(mode & 0o777).toString(8)} (chmod 700 ${folder})`,
    )
}

async function storeIn(folder: string, most: number, unlock: () => void): Promise<Store> {
  const history = await historyIn(join(folder, 'history.ndjson'))
  const kept = new Set<string>()
  for (const name of await readdir(folder)) {
    const [, digits] = fileName.exec(name) ?? []
    if (digits !== undefined) kept.add(`${prefix}${digits}`)
    else if (name.startsWith('.')) await rm(join(folder, name), { force: true }) // what a write that was cut off has left
  }
  return {
    history: history.entries,
    isKept: (revision) => kept.has(revision),
    async read(revision) {
      const bytes = await readFile(packFile(folder, revision))
      const document = new Uint8Array(new SharedArrayBuffer(bytes.length))
      document.set(bytes)
      return document
    },
    async keep(revision, document) {
      await writeWhole(packFile(folder, revision), document)
      kept.add(revision)
    },
    async note(entry) {
      await history.add(entry)
      const last = new Set(lastRevisions(history.entries(), most))
      for (const revision of kept)
        if (!last.has(revision)) {
          await rm(packFile(folder, revision), { force: true })
          kept.delete(revision)
        }
    },
    close: async () => unlock(),
  }
}

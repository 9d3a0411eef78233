import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { clearCutOff, writeWhole } from '../../write-whole.ts'
import { ruleSetsIn, unusable, type HeldState } from './held-state.ts'
import { historyIn } from './history.ts'
import { lastRevisions, type Store } from './store.ts'

const prefix = 'sha256:'
const fileName = /^([0-9a-f]{64})\.pack$/

/** The pack of a revision, in the folder of rule sets. */
export const packFile = (folder: string, revision: string): string =>
  join(folder, `${revision.slice(prefix.length)}.pack`)

/**
 * Keeps packs and history in a folder: a file for each revision, called by its digest, and never changed but as a whole. Gives the
 * state back when it is closed, or when it rejects, which is with `StateUnusable`.
 */
export async function folderStore({ state, give }: HeldState, most: number): Promise<Store> {
  const folder = ruleSetsIn(state)
  try {
    return await storeIn(folder, most, give)
  } catch (error) {
    give()
    throw unusable(folder, error)
  }
}

async function storeIn(folder: string, most: number, give: () => void): Promise<Store> {
  const history = await historyIn(join(folder, 'history.ndjson'))
  await clearCutOff(folder)
  const kept = new Set<string>()
  for (const name of await readdir(folder)) {
    const [, digits] = fileName.exec(name) ?? []
    if (digits !== undefined) kept.add(`${prefix}${digits}`)
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
    close: async () => give(),
  }
}

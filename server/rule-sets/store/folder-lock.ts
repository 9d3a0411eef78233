import { DatabaseSync } from 'node:sqlite'
import { StateUnusable } from './state-unusable.ts'

/** How SQLite says that somebody else has it. */
const busy = 5

/**
 * Takes a folder for this service alone, until it is given back or the process ends, however it ends: the lock is the operating
 * system's, which SQLite knows how to ask for everywhere, and not a file that somebody would have to clear away.
 */
export function lockFolder(folder: string): () => void {
  const path = `${folder}/lock`
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const held = database
    return () => {
      if (held.isOpen) held.close()
    }
  } catch (error) {
    database?.close()
    if ((error as { readonly errcode?: number }).errcode === busy)
      throw new StateUnusable(`${folder} is used by another service; each needs one of its own`)
    throw new StateUnusable(`${path} can't be locked: ${(error as Error).message}`)
  }
}

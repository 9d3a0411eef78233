import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Writes a file whole or not at all, for its owner alone; on the disk when it resolves. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  const beside = join(folder, `.${basename(path)}.${randomUUID()}`)
  try {
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(folder)
}

/** Removes what writes that were cut off have left in a folder. */
export async function clearCutOff(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('.')) await rm(join(folder, name), { force: true })
}

/** So that a name which was given or taken is on the disk, too. */
async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

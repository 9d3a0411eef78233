import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from './folder-lock.ts'
import { StateUnusable } from './state-unusable.ts'

/** Where the rule sets are in a state folder, and with them its lock. */
export const ruleSetsIn = (state: string): string => join(state, 'rule-sets')

/** Where the bundle that was taken last is. */
export const bundleIn = (state: string): string => join(state, 'bundle')

/** A state folder that is this service's alone, until it is given back. */
export type HeldState = { readonly state: string; readonly give: () => void }

/**
 * Takes a state folder, before anything in it is read or written. Rejects with `StateUnusable` when others may write there, or another
 * service has it.
 */
export async function holdState(state: string): Promise<HeldState> {
  const folder = ruleSetsIn(state)
  try {
    await mkdir(state, { recursive: true, mode: 0o700 })
    await mustBeOurs(state) // who may write there can move what is in it away, and with it what was taken last
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await mustBeOurs(folder)
    return { state, give: lockFolder(folder) }
  } catch (error) {
    throw unusable(folder, error)
  }
}

export const unusable = (folder: string, error: unknown): StateUnusable =>
  error instanceof StateUnusable
    ? error
    : new StateUnusable(`${folder} can't be used: ${(error as Error).message}`)

/** Whoever may write there may say what is gone back to. */
export async function mustBeOurs(folder: string): Promise<void> {
  const { mode, uid } = await stat(folder)
  const own = process.getuid?.()
  if (own !== undefined && uid !== own)
    throw new StateUnusable(`expected ${folder} to belong to user ${own}, got ${uid}`)
  if (own !== undefined && (mode & 0o022) !== 0)
    throw new StateUnusable(
      `expected that its owner alone can write to ${folder}, got mode ${(mode & 0o777).toString(8)} (chmod 700 ${folder})`,
    )
}

/** Why a state folder, or one of those in it, is not this user's alone, if it is not. It is not taken, and nothing is made. */
export async function notOurs(state: string): Promise<string | undefined> {
  for (const folder of [state, ruleSetsIn(state), bundleIn(state)])
    try {
      await mustBeOurs(folder)
    } catch (error) {
      if (error instanceof StateUnusable) return error.message
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  return undefined
}

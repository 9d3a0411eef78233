import { statSync } from 'node:fs'

/** By its group to write, by others to read and to write. */
const tooOpen = 0o026

/** What is wrong with the mode of a file that holds a secret, if anything is. Windows has no such modes, and pipes are nobody else's. */
export function exposure(path: string): string | undefined {
  const stats = statSync(path)
  const mode = stats.mode & 0o777
  if (process.platform === 'win32' || !stats.isFile() || (mode & tooOpen) === 0) return undefined
  return `expected a file that its owner alone can change, and nobody but owner and group can read, got mode ${mode.toString(8).padStart(4, '0')} (chmod 640 ${path})`
}

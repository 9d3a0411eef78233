import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs'
import { mostTokensBytes, parseTokens, type TokensFile } from './tokens.ts'

/** Tells one state of a file from another. */
export type Stamp = string

export type ReadTokens = { readonly file: TokensFile; readonly text: string; readonly stamp: Stamp }

/** Why a tokens file can't be used. What it says is for the operator, and holds nothing of the file. */
export class TokensFault extends Error {
  override readonly name = 'TokensFault'
}

const stampOf = ({ ino, size, mtimeNs, ctimeNs, mode }: BigIntStats): Stamp =>
  [ino, size, mtimeNs, ctimeNs, mode].join()

/** Undefined when there is no such file. Follows links, as secrets that are mounted into containers need. */
export function stampOfFile(path: string): Stamp | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && stampOf(stats)
}

/**
 * Reads it whole, and looks at the very file that was opened. Whoever can write it lets in whom he likes, so nobody but its owner may, and
 * its owner has to be us or root. Throws a `TokensFault`.
 */
export function readTokens(path: string): ReadTokens {
  const fault = (why: string) => new TokensFault(`${path}: ${why}`)
  let file: number
  try {
    // Not blocking, so that a pipe without a writer does not hold us up.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw fault(`can't be read (${codeOf(error)})`)
  }
  try {
    const stats = fstatSync(file, { bigint: true })
    if (!stats.isFile()) throw fault('expected a file')
    const mode = Number(stats.mode & 0o777n)
    if ((mode & 0o022) !== 0)
      throw fault(
        `expected a file that only its owner may write (chmod 600), got mode ${mode.toString(8)}`,
      )
    const own = process.getuid?.()
    if (own !== undefined && stats.uid !== BigInt(own) && stats.uid !== 0n)
      throw fault(`expected a file of user ${own} or root, got one of user ${stats.uid}`)
    if (stats.size > mostTokensBytes)
      throw fault(`expected at most ${mostTokensBytes} bytes, got ${stats.size}`)
    const text = readFileSync(file, 'utf8')
    const parsed = parseTokens(text)
    if ('faults' in parsed) throw fault(parsed.faults.slice(0, 5).join('; '))
    return { file: parsed.file, text, stamp: stampOf(stats) }
  } finally {
    closeSync(file)
  }
}

/** Puts a new content in its place at once: whoever reads meanwhile has the old one or the new one. Throws a `TokensFault` when another has written since. */
export function writeTokens(path: string, file: TokensFile, before: Stamp | undefined): void {
  const target = before === undefined ? path : realpathSync(path)
  const draft = `${target}.${process.pid}.new`
  const open = openSync(draft, 'wx', 0o600) // never through a link that somebody has put there
  try {
    try {
      writeFileSync(open, `${JSON.stringify(file, null, 2)}\n`)
      if (before !== undefined) keepOwner(open, target)
      fsyncSync(open)
    } finally {
      closeSync(open)
    }
    if (stampOfFile(path) !== before)
      throw new TokensFault(`${path}: somebody else has changed it meanwhile; try again`)
    renameSync(draft, target)
  } catch (error) {
    unlinkSync(draft)
    throw error
  }
}

/** The service may run as another user than whoever makes tokens. */
function keepOwner(draft: number, target: string): void {
  const { uid, gid, mode } = statSync(target)
  const made = fstatSync(draft)
  if (uid !== made.uid || gid !== made.gid) fchownSync(draft, uid, gid)
  fchmodSync(draft, mode & 0o644)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

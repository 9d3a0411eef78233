import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { rotate } from './rotation.ts'
import { errorOf, type Appended, type Sink, type Tell } from './sink.ts'

/** What is asked of the file system; tests bring one that fails. */
export type Files = Pick<typeof fs, 'open' | 'stat' | 'rename' | 'unlink' | 'readdir'>

export type FileOptions = {
  /** Bytes after which the file is rotated; 0 for never. */
  readonly maxBytes: number
  /** Rotated files that are kept. */
  readonly keep: number
  /** `never`: the disk is left to the system. `answer`: nothing is taken that is not on the disk. */
  readonly fsync: 'never' | 'interval' | 'answer'
  readonly tell: Tell
  readonly files?: Files
}

type Open = {
  readonly handle: fs.FileHandle
  readonly inode: string
  readonly isRegular: boolean
  size: number
  /** It ends within a line. */
  torn: boolean
}

const newline = Buffer.of(0x0a)
/** For whom a file is made that may name people: its owner. */
const ownerOnly = 0o600
const rotateAgainMs = 10_000
/** Times that lines are written again because the file was removed meanwhile. */
const mostRemovals = 3

const inodeOf = ({ dev, ino }: { dev: number; ino: number }) => `${dev}:${ino}`
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** Appends to a file, which is opened again when somebody moved or removed it. Rejects when it can't be opened in the first place. */
export async function fileSink(path: string, options: FileOptions): Promise<Sink> {
  const { maxBytes, keep, fsync, tell, files = fs } = options
  let file: Open | undefined = await open()
  let notBefore = 0 // when a rotation that failed is tried again

  async function open(): Promise<Open> {
    const known = await files.stat(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
    if (known && !known.isFile() && !known.isCharacterDevice())
      throw new Error(`${path}: expected a file, got something else`)
    const handle = await files.open(path, 'a+', ownerOnly)
    try {
      const stats = await handle.stat()
      const { size } = stats
      const isRegular = stats.isFile()
      const last = Buffer.alloc(1)
      if (isRegular && size > 0) await handle.read(last, 0, 1, size - 1)
      const torn = isRegular && size > 0 && last[0] !== newline[0]
      if (torn)
        tell(`${path} ends within a line, of which the rest was lost; entries go on after it`)
      if (isRegular && size === 0 && fsync !== 'never') await syncFolder()
      return { handle, inode: inodeOf(stats), isRegular, size, torn }
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** A new file is on the disk once its folder is. */
  async function syncFolder(): Promise<void> {
    const folder = await files.open(dirname(path), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  async function leave({ handle }: Open): Promise<void> {
    file = undefined
    await handle.close()
  }

  /** Also what was written before the file was moved, or is about to be. */
  async function synced(each: Open): Promise<void> {
    if (each.isRegular && fsync !== 'never') await each.handle.datasync()
  }

  async function rotated(each: Open): Promise<Open> {
    try {
      await synced(each)
      await rotate(path, keep, files)
    } catch (error) {
      notBefore = performance.now() + rotateAgainMs
      tell(`${path} can't be rotated, so it grows on: ${errorOf(error).message}`)
      return each
    }
    await leave(each)
    return (file = await open())
  }

  /** Takes back the end of what was written, so that the file ends with a whole line; else the next line begins on a fresh one. */
  async function takeBack(each: Open, bytes: number): Promise<void> {
    if (bytes === 0) return
    try {
      const { size } = await each.handle.stat()
      await each.handle.truncate(Math.max(0, size - bytes))
    } catch {
      each.torn = true
    }
  }

  async function write(each: Open, bytes: Buffer): Promise<{ written: number; error?: Error }> {
    let written = 0
    try {
      while (written < bytes.length) {
        const left = bytes.length - written
        const { bytesWritten } = await each.handle.write(bytes, written, left, null)
        if (bytesWritten === 0) throw new Error('nothing was written')
        written += bytesWritten
      }
      return { written }
    } catch (error) {
      return { written, error: errorOf(error) }
    }
  }

  async function appendTo(each: Open, lines: Buffer): Promise<Appended> {
    if (each.torn) {
      const { error } = await write(each, newline)
      if (error) return { taken: 0, error }
      each.torn = false
    }
    const { written, error } = await write(each, lines)
    const whole = written === 0 ? 0 : lines.lastIndexOf(newline, written - 1) + 1
    if (error) await takeBack(each, written - whole)
    each.size += whole
    if (whole > 0 && fsync === 'answer')
      try {
        await synced(each)
      } catch (unsynced) {
        // What a disk once failed to take it may forget and say it has, so these lines have to be written anew.
        await takeBack(each, whole)
        each.size -= whole
        return { taken: 0, error: errorOf(unsynced) }
      }
    return error ? { taken: whole, error } : { taken: whole }
  }

  /** Whether the path leads to another file by now, or to none: then this one is left. */
  async function isMoved(each: Open): Promise<boolean> {
    const there = await files.stat(path).catch(codeOf)
    if (there === 'ENOENT' || there === 'ENOTDIR') return true
    if (typeof there !== 'object') return false // not to be seen for now
    if (inodeOf(there) !== each.inode) return true
    if (there.isFile()) each.size = there.size // somebody may have cut it
    return false
  }

  async function append(lines: Buffer, removals = 0): Promise<Appended> {
    let each = (file ??= await open())
    const isFull = each.size > 0 && each.size + lines.length > maxBytes
    if (each.isRegular && maxBytes > 0 && isFull && performance.now() >= notBefore)
      each = await rotated(each)
    const appended = await appendTo(each, lines)
    if (!(await isMoved(each))) return appended
    const { nlink } = await each.handle.stat()
    const isGone = each.isRegular && nlink === 0
    if (!isGone) await synced(each)
    await leave(each)
    if (!isGone) return appended
    if (removals === mostRemovals)
      return { taken: 0, error: new Error(`${path} keeps being removed`) }
    return append(lines, removals + 1)
  }

  return {
    append: (lines) =>
      append(lines).catch((error: unknown) => ({ taken: 0, error: errorOf(error) })),
    async sync() {
      if (file) await synced(file)
    },
    async close() {
      if (!file) return
      const last = file
      try {
        await synced(last)
      } finally {
        await leave(last)
      }
    },
  }
}

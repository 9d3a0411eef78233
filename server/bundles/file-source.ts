import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { SourceError, tooLarge, type Source } from './source.ts'

/** A pipe that nobody writes to would hold up whoever opens it; not known to Windows, which has no such pipes. */
const nonBlocking = constants.O_NONBLOCK ?? 0

/** A file, looked at anew when its time, size or place on the disk is another. */
export function fileSource(path: string, mostBytes: number): Source {
  return {
    name: path,
    async pull(tag) {
      try {
        const file = await open(path, constants.O_RDONLY | nonBlocking)
        try {
          const stat = await file.stat({ bigint: true })
          if (!stat.isFile()) throw new SourceError('answer', 'expected a file, got something else')
          const now = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
          if (now === tag) return 'unchanged'
          if (stat.size > mostBytes) throw tooLarge(mostBytes)
          const bytes = Buffer.alloc(Number(stat.size) + 1) // a byte more, so that one that grows is seen
          let read = 0
          for (let part = -1; part !== 0 && read < bytes.length; read += part)
            part = (await file.read(bytes, read, bytes.length - read, read)).bytesRead
          return { bytes: bytes.subarray(0, read), tag: now }
        } finally {
          await file.close()
        }
      } catch (error) {
        if (error instanceof SourceError) throw error
        throw new SourceError('unreachable', (error as Error).message)
      }
    },
  }
}

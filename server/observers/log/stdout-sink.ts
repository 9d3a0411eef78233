import { constants, fdatasync, fstatSync, openSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { errorOf, type Sink } from './sink.ts'

const newline = Buffer.of(0x0a)

/** Appends to standard output; `sync` means something only where that is a file. */
export function stdoutSink(fd = 1): Sink {
  const stats = fstatSync(fd)
  if (stats.isFIFO()) return streamSink(ownEndOf(fd))
  if (stats.isSocket()) return streamSink(fd)
  return plainSink(fd, stats.isFile())
}

/** A pipe whose reader is slow must not hold up the thread, nor may what others do with it change that: so a descriptor of our own. */
function ownEndOf(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return fd // not Linux
  }
}

function streamSink(fd: number): Sink {
  const stream = new Socket({ fd, readable: false, writable: true })
  stream.on('error', () => undefined) // each write says so too
  return {
    append: (lines) =>
      new Promise((resolve) => {
        // The bytes are used again once this resolves; whoever closes does not wait for it.
        stream.write(lines, (error) =>
          resolve(error ? { taken: 0, error: errorOf(error) } : { taken: lines.length }),
        )
      }),
    sync: () => Promise.resolve(),
    async close() {
      stream.destroy()
    },
  }
}

/** A file that the shell opened, a terminal, a device. */
function plainSink(fd: number, isFile: boolean): Sink {
  let torn = false
  const some = (bytes: Uint8Array) =>
    new Promise<number>((resolve, reject) => {
      write(fd, bytes, (error, written) => (error ? reject(error) : resolve(written)))
    })
  return {
    async append(lines) {
      let written = 0
      try {
        if (torn) await some(newline)
        torn = false
        while (written < lines.length) written += await some(lines.subarray(written))
        return { taken: written }
      } catch (error) {
        const taken = written === 0 ? 0 : lines.lastIndexOf(newline, written - 1) + 1
        torn = written > taken
        return { taken, error: errorOf(error) }
      }
    },
    sync: () =>
      new Promise((resolve, reject) => {
        if (!isFile) return resolve()
        fdatasync(fd, (error) => (error ? reject(error) : resolve()))
      }),
    close: () => Promise.resolve(),
  }
}

import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, resolve as absolute } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }

/** What the checks look at beside the settings; tests bring their own. */
export type Machine = {
  /** Of Node.js: which runs, and the oldest that will do. */
  readonly node: string
  readonly oldestNode: string
  readonly cores: number
  /** Bytes that this process may take. */
  readonly memory: number
  /** Files and connections that this process may have open; undefined where that can't be told. */
  readonly openFiles: number | undefined
  /** Where compiled code is kept; undefined if nowhere. */
  readonly compileCache: string | undefined
  readonly root: boolean
  /** Milliseconds since 1970: of the clock, and since when this program has been here at least. */
  readonly now: number
  readonly installed: number
  /** Bytes free where a file or folder is or would be made; the code of the error if nothing may be written there. */
  readonly roomAt: (path: string, kind: 'file' | 'folder') => number | string
  /** The code of the error that listening there ends with, if it does. */
  readonly listen: (host: string, port: number) => Promise<string | undefined>
  /** The `Date` of an answer from this URL. */
  readonly dateFrom: (url: string) => Promise<number>
}

const longestAnswerMs = 5_000

export const thisMachine = (now: number): Machine => ({
  node: process.versions.node,
  oldestNode: packageJson.engines.node.replace(/^>=/, ''),
  cores: availableParallelism(),
  memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
  openFiles: mostOpenFiles(),
  compileCache: getCompileCacheDir(),
  root: process.getuid?.() === 0,
  now,
  installed: statSync(import.meta.filename).ctimeMs,
  roomAt,
  listen: (host, port) =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
    }),
  async dateFrom(url) {
    const answer = await fetch(url, {
      method: 'HEAD',
      signal: AbortSignal.timeout(longestAnswerMs),
    })
    const date = Date.parse(answer.headers.get('date') ?? '')
    if (Number.isNaN(date)) throw new Error('its answer has no Date')
    return date
  },
})

/** A folder is made with all that is above it, a file is not. */
function roomAt(path: string, kind: 'file' | 'folder'): number | string {
  let at = absolute(path)
  try {
    if (existsSync(at)) {
      const stats = statSync(at)
      if (stats.isFile() !== (kind === 'file') && !stats.isCharacterDevice())
        return kind === 'file' ? 'EISDIR' : 'ENOTDIR'
    } else {
      at = dirname(at)
      if (kind === 'folder') while (!existsSync(at)) at = dirname(at)
    }
    accessSync(at, constants.W_OK)
    const { bavail, bsize } = statfsSync(at)
    return bavail * bsize
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** Linux tells; Node.js has raised it to the most that it may be. */
function mostOpenFiles(): number | undefined {
  try {
    const [, most] =
      /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return most === undefined ? undefined : Number(most)
  } catch {
    return undefined
  }
}

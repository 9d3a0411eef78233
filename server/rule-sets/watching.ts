import { stat, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import type { Log } from '../log.ts'

export type Watching = { readonly close: () => Promise<void> }

export type WatchingOptions = {
  /** The folders to watch, as they are now. */
  readonly folders: () => readonly string[]
  /** Something may have changed, and nothing more has for a while. */
  readonly changed: () => void
  readonly log: Log
  readonly settleMs?: number
  readonly lookEveryMs?: number
}

/** Somebody who never stops writing is not waited for longer than so many times the settling. */
const mostSettlings = 20

/**
 * Watches folders, and says once they are watched, and whenever something in them has changed, that they are to be read. Beside the events of the system it looks once in a while at what
 * the folders really are: a link that leads elsewhere now, as when a mounted configuration is replaced, is an event to nobody.
 */
export async function watching(options: WatchingOptions): Promise<Watching> {
  const { folders, changed, log, settleMs = 100, lookEveryMs = 1_000 } = options
  let watcher: FSWatcher | undefined
  let timer: NodeJS.Timeout | undefined
  let firstAt = 0
  let looking: NodeJS.Timeout | undefined
  let closed = false

  function touched(): void {
    const now = performance.now()
    if (timer === undefined) firstAt = now
    clearTimeout(timer)
    const left = firstAt + mostSettlings * settleMs - now
    timer = setTimeout(
      () => {
        timer = undefined
        changed()
      },
      Math.max(0, Math.min(settleMs, left)),
    )
  }

  async function begin(): Promise<string> {
    const now = folders()
    watcher = watch([...now], { ignoreInitial: true })
    watcher.on('all', touched)
    watcher.on('error', (error) =>
      log(`warning: changes of ${now.join(', ')} may not be seen: ${String(error)}`, {
        level: 'warn',
      }),
    )
    const { promise, resolve } = Promise.withResolvers<void>()
    watcher.once('ready', () => resolve())
    await promise
    touched() // what changed before it was looked after
    return identityOf(now)
  }

  let identity = await begin()
  async function look(): Promise<void> {
    const now = await identityOf(folders())
    if (closed || now === identity) return
    await watcher?.close()
    identity = await begin()
  }
  const lookAgain = () => {
    looking = setTimeout(() => {
      look()
        .catch((error: unknown) => log(`warning: ${String(error)}`, { level: 'warn' }))
        .finally(() => {
          if (!closed) lookAgain()
        })
    }, lookEveryMs)
  }
  lookAgain()

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      clearTimeout(looking)
      await watcher?.close()
    },
  }
}

/** Which folders they are, and which files the manifests in them: other ones in their place are told by it. */
async function identityOf(folders: readonly string[]): Promise<string> {
  const each = folders.map(async (folder) => {
    const [path, manifest, { ino } = { ino: 0 }] = await Promise.all([
      realpath(folder).catch(() => ''),
      realpath(join(folder, 'pack.json')).catch(() => ''),
      stat(folder).catch(() => undefined),
    ])
    return `${folder}\n${path}\n${manifest}\n${ino}`
  })
  return (await Promise.all(each)).join('\n\n')
}

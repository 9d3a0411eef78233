import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { parsePack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { readSettings, serve } from '../../server/index.ts'

/** What the service under soak is told first: packs by name or folder, of which it starts with the first, and flags of `serve`. */
export type SoakOrder = {
  readonly packs: readonly string[]
  readonly flags: Readonly<Record<string, string>>
}
export type ToSoaked = SoakOrder | { readonly swap: number } | { readonly kill: number }
export type FromSoaked =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'swapped'; readonly ms: number }
  | { readonly kind: 'failed'; readonly ms: number; readonly why: string }
  | { readonly kind: 'killed'; readonly atMs: number }
  | { readonly kind: 'said'; readonly line: string }
  | { readonly kind: 'error'; readonly message: string }

/**
 * Entry of a child process: the service, which swaps its rule sets and loses its threads when it is told to. Threads are ended as
 * they would end by themselves at the worst: at once, whatever they are doing.
 */
const workers = new Set<Worker>()
process.on('worker', (worker) => {
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
})
process.on('disconnect', () => process.exit()) // nobody is left to tell
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

const say = (message: FromSoaked) => process.send?.(message)

void begin().catch((error: unknown) => say({ kind: 'error', message: String(error) }))

async function begin(): Promise<void> {
  const [order] = (await once(process, 'message')) as [SoakOrder]
  const [name] = order.packs
  const pack = parsePack(readPack(packFolder(name!) ?? name!))
  if (pack.faults) throw new Error(`${name}: expected a pack without faults`)
  const read = readSettings(order.flags, {})
  if ('faults' in read) throw new Error(read.faults.join('; '))
  const running = await serve(pack, read.settings, (line) => say({ kind: 'said', line }))
  process.on('message', (message: ToSoaked) => {
    if ('swap' in message) void swap(message.swap)
    else if ('kill' in message) kill(message.kill)
  })
  say({ kind: 'ready', url: running.url })

  async function swap(to: number): Promise<void> {
    const from = performance.now()
    const ms = () => performance.now() - from
    const activation = await running.ruleSets.activate({ folder: order.packs[to]! }, 'http')
    if (activation.activated) say({ kind: 'swapped', ms: ms() })
    else say({ kind: 'failed', ms: ms(), why: activation.detail })
  }
}

/** Ends one of the threads, told by a number from 0 to 1. */
function kill(which: number): void {
  const alive = [...workers]
  const worker = alive[Math.floor(which * alive.length)]
  if (!worker) return
  say({ kind: 'killed', atMs: performance.timeOrigin + performance.now() })
  void worker.terminate()
}

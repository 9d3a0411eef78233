import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mostBytes } from '../../bundle/index.ts'
import type { Taken } from './judge.ts'

/** What was taken last, over a restart. */
export type Keep = {
  /** Rejects when what is there can't be read. */
  readonly taken: () => Promise<Taken | undefined>
  readonly bytes: () => Promise<Buffer | undefined>
  /** Once it resolves both are on the disk; whenever it is cut off, each is whole, the one before or this one. */
  readonly keep: (bytes: Buffer, taken: Taken) => Promise<void>
}

/** In a folder of its own below the state of the service. */
export function keepIn(state: string): Keep {
  const folder = join(state, 'bundle')
  const [bundle, taken] = [join(folder, 'last-good.bundle'), join(folder, 'taken.json')]
  return {
    async taken() {
      const bytes = await bytesOf(taken, 10_000)
      if (bytes === undefined) return undefined
      const read = parse(bytes.toString())
      if (read === undefined)
        throw new Error(`${taken}: expected pack, number and digest of the bundle taken last`)
      return read
    },
    bytes: () => bytesOf(bundle, mostBytes),
    async keep(bytes, next) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // The number first: cut off in between, it refuses what is older, and the bundle before is still a good one.
      await replace(taken, Buffer.from(`${JSON.stringify(next)}\n`), folder)
      await replace(bundle, bytes, folder)
    },
  }
}

function parse(text: string): Taken | undefined {
  try {
    const { pack, number, digest } = JSON.parse(text) as Partial<Taken>
    return typeof pack === 'string' && Number.isSafeInteger(number) && typeof digest === 'string'
      ? { pack, number: number!, digest }
      : undefined
  } catch {
    return undefined
  }
}

async function bytesOf(file: string, most: number): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(file)
    if (size > most) throw new Error(`${file}: expected at most ${most} bytes, got ${size}`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function replace(file: string, bytes: Buffer, folder: string): Promise<void> {
  const beside = `${file}.tmp`
  try {
    const handle = await open(beside, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  const handle = await open(folder, 'r') // so that the new name is on the disk too
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

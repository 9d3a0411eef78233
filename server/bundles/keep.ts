import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mostBytes } from '../../bundle/index.ts'
import { bundleIn, mustBeOurs } from '../rule-sets/store/held-state.ts'
import { clearCutOff, writeWhole } from '../write-whole.ts'
import type { Taken } from './judge.ts'

/** What was taken last, over a restart. */
export type Keep = {
  /** Rejects when what is there can't be read. */
  readonly taken: () => Promise<Taken | undefined>
  readonly bytes: () => Promise<Buffer | undefined>
  /** Once it resolves both are on the disk; whenever it is cut off, each is whole, the one before or this one. */
  readonly keep: (bytes: Buffer, taken: Taken) => Promise<void>
}

/** In a folder of its own below the state of the service, which has to be taken. Rejects with `StateUnusable` where others may write there. */
export function keepIn(state: string): Keep {
  const folder = bundleIn(state)
  const [bundle, taken] = [join(folder, 'last-good.bundle'), join(folder, 'taken.json')]
  return {
    async taken() {
      const bytes = await bytesOf(folder, taken, 10_000)
      if (bytes === undefined) return undefined
      const read = parse(bytes.toString())
      if (read === undefined)
        throw new Error(`${taken}: expected pack, number and digest of the bundle taken last`)
      return read
    },
    bytes: () => bytesOf(folder, bundle, mostBytes),
    async keep(bytes, next) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await mustBeOurs(folder)
      await clearCutOff(folder)
      // The number first: cut off in between, it refuses what is older, and the bundle before is still a good one.
      await writeWhole(taken, Buffer.from(`${JSON.stringify(next)}\n`))
      await writeWhole(bundle, bytes)
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

async function bytesOf(folder: string, file: string, most: number): Promise<Buffer | undefined> {
  try {
    await mustBeOurs(folder)
    const { size } = await stat(file)
    if (size > most) throw new Error(`${file}: expected at most ${most} bytes, got ${size}`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

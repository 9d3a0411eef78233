import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileInput, filesOf, type Input } from '../../replay/index.ts'
import { unreadable, UsageError, type Io } from '../io.ts'

/**
 * The logs that were named: files, folders, patterns, or `-`. Logs are read twice, so what comes over standard input is kept in a file of
 * this user's until `done`.
 */
export async function logInputs(
  named: readonly string[],
  io: Io,
): Promise<{ readonly inputs: readonly Input[]; readonly done: () => void }> {
  let folder: string | undefined
  const done = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  const inputs = new Map<string, Input>()
  try {
    for (const name of named) {
      if (name === '-') {
        folder ??= mkdtempSync(join(tmpdir(), 'portcullis-replay-'))
        const file = join(folder, 'standard-input')
        await pipeline(
          Readable.from(io.stdin?.() ?? [Buffer.from(await io.readStdin())]),
          createWriteStream(file, { mode: 0o600 }),
        )
        inputs.set('standard input', { ...fileInput(file), name: 'standard input' })
        continue
      }
      const files = listed(name)
      if (files.length === 0) throw new UsageError(`${name}: expected logs, found no file`)
      for (const file of files) inputs.set(file, fileInput(file))
    }
  } catch (error) {
    done()
    throw error
  }
  return { inputs: [...inputs.values()], done }
}

function listed(name: string): readonly string[] {
  try {
    return filesOf(name)
  } catch (error) {
    throw unreadable(name, error)
  }
}

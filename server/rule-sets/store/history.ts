import { open, readFile } from 'node:fs/promises'
import { writeWhole } from '../../write-whole.ts'
import { longestHistory, type Entry } from './store.ts'

/** The history of a folder: a line of JSON for each entry. A line that is torn or foreign is passed over, and never read as another. */
export async function historyIn(path: string): Promise<{
  readonly entries: () => readonly Entry[]
  readonly add: (entry: Entry) => Promise<void>
}> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  let entries = lines.flatMap((line) => entryOf(line) ?? []).slice(-longestHistory)
  const isWhole = lines.length - 1 === entries.length && lines.at(-1) === ''
  if (!isWhole) await rewrite()

  async function rewrite(): Promise<void> {
    const kept = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
    await writeWhole(path, Buffer.from(kept))
  }

  return {
    entries: () => entries,
    async add(entry) {
      entries = [...entries, entry]
      if (entries.length > 2 * longestHistory) {
        entries = entries.slice(-longestHistory)
        return rewrite()
      }
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(`${JSON.stringify(entry)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
    },
  }
}

function entryOf(line: string): Entry | undefined {
  try {
    const { at, by, from, to, id } = JSON.parse(line) as Partial<Record<keyof Entry, unknown>>
    const isEntry =
      [at, by, to, id].every((each) => typeof each === 'string') &&
      (from === null || typeof from === 'string')
    return isEntry ? ({ at, by, from, to, id } as Entry) : undefined
  } catch {
    return undefined
  }
}

import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A log with the files that it was rotated into, oldest first; a file that is itself a rotated one stands alone. */
export function withRotated(file: string): readonly string[] {
  const start = `${basename(file)}.`
  const rotated = readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && /^\d+(?:\.gz)?$/.test(name.slice(start.length)))
    .map((name) => ({ name, number: Number.parseInt(name.slice(start.length)) }))
    .sort((a, b) => b.number - a.number)
  return [...rotated.map(({ name }) => join(dirname(file), name)), file]
}

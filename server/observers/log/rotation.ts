import { basename, dirname, join } from 'node:path'
import type { Files } from './file-sink.ts'

/** Somebody may pack rotated files. */
const endings = ['', '.gz'] as const

/**
 * Moves a file to `.1`, and those that were moved before one further each, as logrotate does; those beyond `keep` are removed. Where a
 * number is free, what is older stays where it is.
 */
export async function rotate(path: string, keep: number, files: Files): Promise<void> {
  const folder = dirname(path)
  const start = `${basename(path)}.`
  const rotated = (await files.readdir(folder)).flatMap((name) => {
    const [, number, ending] =
      /^(\d+)(\.gz)?$/.exec(name.startsWith(start) ? name.slice(start.length) : '') ?? []
    return number === undefined
      ? []
      : [{ name, number: Number(number), ending: ending ?? endings[0] }]
  })
  let free = 1
  while (rotated.some(({ number }) => number === free)) free++
  for (const { name, number } of rotated)
    if (number > keep || (number === keep && free > keep)) await files.unlink(join(folder, name))
  for (let number = Math.min(free, keep) - 1; number > 0; number--)
    for (const { name, ending } of rotated.filter((each) => each.number === number))
      await files.rename(join(folder, name), `${path}.${number + 1}${ending}`)
  await files.rename(path, `${path}.1`)
}

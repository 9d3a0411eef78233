import type { Location } from './fault.ts'
import type { Definition, PackSource } from './layer.ts'
import { readSource, type Source } from './source.ts'

/** Where the rules, shared conditions and invariants of a pack are written: texts by file, and in which file each name stands. */
export type Written = {
  readonly texts: Readonly<Record<string, string>>
  readonly rules: Readonly<Record<string, string>>
  readonly conditions: Readonly<Record<string, string>>
  readonly invariants: Readonly<Record<string, string>>
}

type Definitions = ReadonlyMap<string, Definition>

export function writtenIn(
  source: PackSource,
  rules: Definitions,
  conditions: Definitions,
  invariants: Definitions,
): Written {
  const filesOf = (definitions: Definitions) =>
    Object.fromEntries(Array.from(definitions, ([name, { reader }]) => [name, reader.source.file]))
  const named = {
    rules: filesOf(rules),
    conditions: filesOf(conditions),
    invariants: filesOf(invariants),
  }
  const needed = new Set(Object.values(named).flatMap(Object.values<string>))
  const texts: Record<string, string> = {}
  for (let each: PackSource | undefined = source; each !== undefined; each = each.base)
    for (const [path, text] of Object.entries(each.files)) {
      const file = `${each.folder}/${path}`
      if (needed.has(file)) texts[file] = text
    }
  return { texts, ...named }
}

/** A place in one of the files, and the JSON pointer that leads to it. */
export type Place = Location & { readonly pointer: string }

/** Tells the place of a JSON pointer into one of the files. Each file is read when it is first asked for. */
export function placeFinder({ texts }: Written): (file: string, pointer: string) => Place {
  const sources = new Map<string, Source>()
  return (file, pointer) => {
    let source = sources.get(file)
    if (source === undefined) {
      const read = readSource(file, texts[file] ?? '')
      if ('faults' in read) throw new TypeError(`${file} was read before, and can not be now`)
      sources.set(file, (source = read))
    }
    return { ...source.locate(pointer), pointer }
  }
}

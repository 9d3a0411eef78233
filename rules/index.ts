import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'

/** A pack's files as texts, and those of the packs it extends. Nothing is looked at or validated here. */
export type PackFiles = {
  readonly name: string
  readonly folder: string
  readonly files: Readonly<Record<string, string>>
  readonly base?: PackFiles
}

const builtIn = import.meta.dirname

/** Names of the packs that come with Portcullis. */
export function packNames(): readonly string[] {
  return readdirSync(builtIn, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(builtIn, entry.name, 'pack.json')))
    .map((entry) => entry.name)
    .sort()
}

/** The folder of a pack: a path where it leads to a folder, else a built-in pack of that name; undefined for neither. */
export function packFolder(nameOrPath: string): string | undefined {
  const folders = [
    resolve(nameOrPath),
    ...(/^[\w-]+$/.test(nameOrPath) ? [join(builtIn, nameOrPath)] : []),
  ]
  return (
    folders.find((folder) => existsSync(join(folder, 'pack.json'))) ??
    folders.find((folder) => isFolder(folder))
  )
}

/** Reads a pack with the packs it extends, which are looked for beside it and then among the built-in ones. */
export function readPack(folder: string, above: readonly string[] = []): PackFiles {
  const files = Object.fromEntries(textsIn(folder))
  const base = baseFolder(folder, files['pack.json'])
  const circular = base !== undefined && [...above, folder].includes(base)
  return {
    name: basename(folder),
    folder: relative(process.cwd(), folder) || '.',
    files,
    ...(base !== undefined && !circular && { base: readPack(base, [...above, folder]) }),
  }
}

function baseFolder(folder: string, manifest: string | undefined): string | undefined {
  const name = extendsOf(manifest)
  if (name === undefined || !/^[\w-]+$/.test(name)) return undefined
  return [join(folder, '..', name), join(builtIn, name)].find((each) =>
    existsSync(join(each, 'pack.json')),
  )
}

/** Whether the manifest is right is for the engine to say; here a broken one simply extends nothing. */
function extendsOf(manifest: string | undefined): string | undefined {
  try {
    const { extends: name } = JSON.parse(manifest ?? '{}') as { extends?: unknown }
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

function* textsIn(folder: string): Generator<[path: string, text: string]> {
  const inRules = join(folder, 'rules')
  for (const name of jsonFilesIn(folder)) yield [name, readFileSync(join(folder, name), 'utf8')]
  for (const name of jsonFilesIn(inRules))
    yield [`rules/${name}`, readFileSync(join(inRules, name), 'utf8')]
}

const jsonFilesIn = (folder: string) =>
  isFolder(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : []

function isFolder(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}

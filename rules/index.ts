import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'

/** A pack's files as texts, and those of the packs it extends. Nothing is looked at or validated here. */
export type PackFiles = {
  readonly name: string
  readonly folder: string
  readonly files: Readonly<Record<string, string>>
  readonly base?: PackFiles
  /** What somebody signed about the pack. */
  readonly attestation?: string
}

const attestationFile = 'pack.attestation'

/** Beside this among the sources; from what was built of them, at the top of the package. */
const builtIn = existsSync(join(import.meta.dirname, 'pack.schema.json'))
  ? import.meta.dirname
  : join(import.meta.dirname, '../../rules')

/** Names of the packs that come with Portcullis. */
export function packNames(): readonly string[] {
  return readdirSync(builtIn, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(builtIn, entry.name, 'pack.json')))
    .map((entry) => entry.name)
    .sort()
}

/** The folder of a pack: of a built-in one by its bare name, else of a path; undefined when there is no such folder. */
export function packFolder(nameOrPath: string): string | undefined {
  return (
    builtInFolder(nameOrPath) ?? (isFolder(resolve(nameOrPath)) ? resolve(nameOrPath) : undefined)
  )
}

/** A folder that happens to be called like a built-in pack never takes its place; `./name` means that folder. */
const builtInFolder = (name: string): string | undefined =>
  packNames().includes(name) ? join(builtIn, name) : undefined

/** Reads a pack with the packs it extends, which are looked for among the built-in ones and then beside it. */
export function readPack(folder: string, above: readonly string[] = []): PackFiles {
  const { [attestationFile]: attestation, ...files } = Object.fromEntries(textsIn(folder))
  const base = baseFolder(folder, files['pack.json'])
  const circular = base !== undefined && [...above, folder].includes(base)
  return {
    name: basename(folder),
    folder: relative(process.cwd(), folder) || '.',
    files,
    ...(attestation !== undefined && { attestation }),
    ...(base !== undefined && !circular && { base: readPack(base, [...above, folder]) }),
  }
}

/**
 * The folder of a pack and those of the packs that it extends, by their manifests alone, as absolute paths; last the place where one that
 * is missing would stand.
 */
export function packFolders(folder: string, above: readonly string[] = []): readonly string[] {
  const manifest = join(folder, 'pack.json')
  const text = statSync(manifest, { throwIfNoEntry: false })?.isFile()
    ? readFileSync(manifest, 'utf8')
    : undefined
  const base = baseFolder(folder, text)
  const all = [...above, folder]
  if (base !== undefined) return all.includes(base) ? all : packFolders(base, all)
  const missing = extendsOf(text)
  return missing !== undefined && folderName.test(missing)
    ? [...all, join(folder, '..', missing)]
    : all
}

const folderName = /^[\w-]+$/

function baseFolder(folder: string, manifest: string | undefined): string | undefined {
  const base = folderOfBase(folder, manifest)
  return base !== undefined && existsSync(join(base, 'pack.json')) ? base : undefined
}

/** Where the pack is that a pack of that folder and manifest extends, be it there or not. */
export function folderOfBase(folder: string, manifest: string | undefined): string | undefined {
  const name = extendsOf(manifest)
  if (name === undefined || !folderName.test(name)) return undefined
  return builtInFolder(name) ?? join(folder, '..', name)
}

/** Whether the manifest is right is for the engine to say; here a broken one simply extends nothing. */
function extendsOf(manifest: string | undefined): string | undefined {
  try {
    const { extends: name } = JSON.parse((manifest ?? '{}').replace(/^\uFEFF/, '')) as {
      extends?: unknown
    }
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

/** Deeper than anything that belongs in a pack; a link may lead back up. */
const deepestFolder = 3

/** Every file but hidden ones and Markdown: what does not belong in a pack is for the engine to say, not to overlook. */
function* textsIn(folder: string, path = '', depth = 0): Generator<[path: string, text: string]> {
  const entries = readdirSync(join(folder, path), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  for (const entry of entries) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    if (entry.name.startsWith('.')) continue
    // Links are followed: a mounted configuration often consists of them. What leads nowhere reads as empty.
    const target = statSync(join(folder, below), { throwIfNoEntry: false })
    if (target?.isFile() && entry.name.endsWith('.md')) continue
    if (target?.isDirectory() && depth < deepestFolder) yield* textsIn(folder, below, depth + 1)
    else yield [below, target?.isFile() ? readFileSync(join(folder, below), 'utf8') : '']
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

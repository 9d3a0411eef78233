import { execFileSync } from 'node:child_process'
import { posix, relative, resolve, sep } from 'node:path'
import type { PackSource } from '../engine/index.ts'
import { folderOfBase, packFolder, readPack } from '../rules/index.ts'
import { settings } from '../server/settings.ts'
import { UsageError, type Io } from './io.ts'

const mostBytes = 256 * 1024 * 1024

/**
 * The files of a pack, and of the packs that it extends, as they were at a git ref. A pack that comes with Portcullis and lies
 * outside of the repository is read as it is.
 */
export function packAt(ref: string, given: string | undefined, io: Io): PackSource {
  const name = given ?? (io.env[settings.pack.env] || settings.pack.default)
  const folder = packFolder(name) ?? resolve(name)
  const top = git(
    folder,
    ['rev-parse', '--show-toplevel'],
    `${folder} is in no git repository`,
  ).trim()
  const commit = git(
    top,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    `--against: expected a git ref of the repository ${top}, got ${JSON.stringify(ref)}`,
  ).trim()
  return read(folder, [])

  function read(folder: string, above: readonly string[]): PackSource {
    const path = relative(top, folder).split(sep).join('/')
    if (path.startsWith('..')) return readPack(folder)
    const files = filesAt(path)
    if (Object.keys(files).length === 0)
      throw new UsageError(`--against: there is no pack in ${path || '.'} at ${ref}`)
    const below = folderOfBase(folder, files['pack.json'])
    const isCircular = below !== undefined && [...above, folder].includes(below)
    return {
      name: posix.basename(path === '' ? top : path),
      folder: `${ref}:${path}`,
      files,
      ...(below !== undefined && !isCircular && { base: read(below, [...above, folder]) }),
    }
  }

  function filesAt(path: string): Readonly<Record<string, string>> {
    const listed = git(top, ['ls-tree', '-r', '-z', commit, '--', `${path || '.'}/`])
    const entries = listed
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(line)!)
      .map(([, mode, kind, id, file]) => ({
        mode,
        kind,
        id: id!,
        file: posix.relative(path, file!),
      }))
      .filter(({ file }) => !file.endsWith('.md') && !/(?:^|\/)\./.test(file))
    for (const { mode, kind, file } of entries)
      if (kind !== 'blob' || mode === '120000')
        throw new UsageError(
          `--against: ${path}/${file} is a link at ${ref}, and links are not followed there`,
        )
    return Object.fromEntries(
      entries.map(({ id, file }) => [file, git(top, ['cat-file', 'blob', id])]),
    )
  }
}

/** What git prints; when it fails, a word on why. */
function git(folder: string, args: readonly string[], otherwise?: string): string {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      maxBuffer: mostBytes,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT')
      throw new UsageError('--against: git is not installed, or the folder is not there')
    const said = (stderr ?? '').trim().replace(/^fatal: /, '')
    throw new UsageError([otherwise ?? 'git failed', ...(said === '' ? [] : [said])].join(': '))
  }
}

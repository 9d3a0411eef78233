import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { faultText, parsePack, type Pack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import type { startService } from '../load/service.ts'
import type { Workload } from '../load/workload.ts'
import { root } from './facts.ts'
import { mustBeOurs } from './hosts.ts'
import { Misuse } from './misuse.ts'
import { runningSide, startedSide, type Side } from './side.ts'

const run = promisify(execFile)

export type SideOptions = {
  readonly startService: typeof startService
  /** The pack of services that do not say one, by name or folder. */
  readonly pack: string
  /** What is asked of a service with that pack. */
  readonly workloadOf: (pack: Pack) => Workload
  readonly iOwnThisHost: boolean
  /** What services that run already want to see of their callers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further arguments of `serve`. */
  readonly args?: readonly string[]
}

export type Sides = {
  readonly sides: readonly [Side, Side]
  /** Takes away what was checked out. */
  readonly dispose: () => Promise<void>
}

/**
 * What is to be compared: each a service's URL, a pack by name or folder, a git revision, or `.`, which is this work tree as
 * it is. Throws a `Misuse` for anything else.
 */
export async function sidesOf(a: string, b: string, options: SideOptions): Promise<Sides> {
  const folders: string[] = []
  const dispose = async () => {
    for (const folder of folders.splice(0)) await removeCheckout(folder)
  }
  try {
    return { sides: [await sideOf(a), await sideOf(b)], dispose }
  } catch (error) {
    await dispose()
    throw error
  }

  async function sideOf(text: string): Promise<Side> {
    const { startService: start, workloadOf, args = [] } = options
    if (text.includes('://')) {
      const url = mustBeOurs(text, options)
      return runningSide(url.origin, workloadOf(packOf(options.pack)), options.headers)
    }
    const here = text === '.' ? undefined : packFolder(text)
    if (here !== undefined && existsSync(join(here, 'pack.json')))
      return startedSide(text, workloadOf(packOf(text)), (core) =>
        start({ pack: here, args, ...(core !== undefined && { core }) }),
      )
    const pack = packFolder(options.pack) ?? options.pack
    const workload = workloadOf(packOf(options.pack))
    const cwd = text === '.' ? root : await checkOut(text, folders)
    return startedSide(text === '.' ? 'this work tree' : text, workload, (core) =>
      start({ pack, args, cwd, ...(core !== undefined && { core }) }),
    )
  }
}

function packOf(nameOrFolder: string): Pack {
  const folder = packFolder(nameOrFolder)
  if (folder === undefined)
    throw new Misuse(`expected a pack by name or folder, got ${JSON.stringify(nameOrFolder)}`)
  const pack = parsePack(readPack(folder))
  if (pack.faults) throw new Misuse(pack.faults.map(faultText).join('\n'))
  return pack
}

/** A revision of this repository in a folder of its own; libraries are shared where both want the same. */
async function checkOut(revision: string, folders: string[]): Promise<string> {
  const git = (...args: readonly string[]) => run('git', ['-C', root, ...args])
  const found = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ).catch(() => undefined)
  if (found === undefined)
    throw new Misuse(
      `expected the address of a service, a pack, a git revision of Portcullis, or "." for this work tree, got ${JSON.stringify(revision)}`,
    )
  const folder = join(mkdtempSync(join(tmpdir(), 'portcullis-bench-')), 'portcullis')
  folders.push(folder)
  await git('worktree', 'add', '--detach', '--quiet', folder, found.stdout.trim())
  const lock = (tree: string) => readFileSync(join(tree, 'package-lock.json'), 'utf8')
  if (lock(folder) === lock(root))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
  return folder
}

async function removeCheckout(folder: string): Promise<void> {
  await run('git', ['-C', root, 'worktree', 'remove', '--force', folder]).catch(() => undefined)
  rmSync(join(folder, '..'), { recursive: true, force: true })
}

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StartOptions } from './peer.ts'

/** Where peers that nobody else needs are kept; offline what lies there already is used. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/portcullis-peers', import.meta.url))

/** A package with a program for one system and processor; `version` is exact. */
export type Program = { readonly name: string; readonly version: string }

/** The program's path, where it is installed already. */
export function installed({ name, version }: Program): string | undefined {
  const home = join(folder, 'node_modules', name)
  const manifest = join(home, 'package.json')
  if (!existsSync(manifest)) return undefined
  const found = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; main: string }
  const path = join(home, found.main)
  return found.version === version && existsSync(path) ? path : undefined
}

/** Brings the program by npm, once; throws an Error that says why it could not. */
export async function install(
  program: Program,
  { signal, progress }: Pick<StartOptions, 'signal' | 'progress'>,
): Promise<string> {
  const there = installed(program)
  if (there !== undefined) return there
  const { name, version } = program
  progress(
    `installing ${name} ${version} for this comparison alone (once; kept in node_modules/.cache)`,
  )
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
  const said = await new Promise<string>((resolve) => {
    execFile(
      'npm',
      ['install', '--prefix', folder, ...flags, `${name}@${version}`],
      { signal, timeout: 300_000 },
      (error, _, stderr) => resolve(error === null ? '' : stderr || whyNot(error)),
    )
  })
  const path = installed(program)
  if (path !== undefined) return path
  throw new Error(`${name}@${version} could not be installed: ${reasonIn(said)}`)
}

const whyNot = (error: Error): string =>
  'code' in error && error.code === 'ENOENT' ? 'npm is not in the PATH' : error.message

/** npm tells its code, then the reason, then what nobody needs here. */
function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) */, '').trim())
    .filter((line) => line !== '')
  return lines.slice(0, 2).join('; ') || 'npm said nothing'
}

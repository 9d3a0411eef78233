import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { BenchDocument } from '../report/document.ts'

export const root = join(import.meta.dirname, '../..')

/** What figures depend on beside the code: of this machine, and of this copy of Portcullis. */
export function facts(): Pick<BenchDocument, 'machine' | 'portcullis'> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  // where this lies within the repository of somebody else, its commit says nothing
  const commit = git('rev-parse', '--show-prefix') === '' ? git('rev-parse', 'HEAD') : undefined
  return {
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      system: `${type()} ${release()}`,
      node: process.version,
    },
    portcullis: {
      version,
      ...(commit !== undefined && {
        commit,
        changed: git('status', '--porcelain', '--untracked-files=no') !== '',
      }),
    },
  }
}

/** Nothing where this is no clone, or git is not there. */
function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

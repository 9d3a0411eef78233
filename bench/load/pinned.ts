import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A program to start, with its first arguments. */
export type Started = { readonly program: string; readonly args: readonly string[] }

let pinnable: readonly number[] | undefined

/**
 * Node.js, on one core alone where the system can do that (`taskset` of Linux); elsewhere wherever the system likes. Cores are
 * counted from 0 among those that this process may use: in a container they are often others than the machine's first.
 */
export function nodeOn(core?: number): Started {
  const own = core === undefined ? undefined : (pinnable ??= coresToPin())[core]
  return own === undefined
    ? { program: process.execPath, args: [] }
    : { program: 'taskset', args: ['-c', String(own), process.execPath] }
}

/** None where the system can't pin processes. */
function coresToPin(): readonly number[] {
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0) return []
  try {
    return listed(readFileSync('/proc/self/status', 'utf8'))
  } catch {
    return []
  }
}

/** `0-2,6` is written for 0, 1, 2 and 6. */
function listed(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return first === undefined || last === undefined || Number.isNaN(first + last)
      ? []
      : Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}

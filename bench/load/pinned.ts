import { spawnSync } from 'node:child_process'

/** A program to start, with its first arguments. */
export type Started = { readonly program: string; readonly args: readonly string[] }

let hasTaskset: boolean | undefined

/** Node.js, on one core alone where the system can do that (`taskset` of Linux); elsewhere wherever the system likes. */
export function nodeOn(core?: number): Started {
  if (core === undefined) return { program: process.execPath, args: [] }
  hasTaskset ??= spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0
  return hasTaskset
    ? { program: 'taskset', args: ['-c', String(core), process.execPath] }
    : { program: process.execPath, args: [] }
}

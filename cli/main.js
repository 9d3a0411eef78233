#!/usr/bin/env node
// JavaScript, since types in here would have to be stripped before what strips them can be spared.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Nobody reads on (`| head`): that is no error. A log that can't be written must not take the decisions with it; an answer
// that can't be written is lost, and has to be said.
process.stderr.on('error', () => undefined)
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`portcullis: can't write the output: ${error.message}\n`)
  process.exit(3)
})

// Compiled code, with its types stripped, is kept for the next start and for the threads of this one, which spares the time and
// each thread the memory of stripping it. It is kept in a folder of the user's own, since what lies there is run; where it can't be
// written, or NODE_DISABLE_COMPILE_CACHE is set, all goes on without.
const { HOME, XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env
const caches = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'))
if (!NODE_COMPILE_CACHE && caches) {
  const folder = join(caches, 'portcullis')
  if (enableCompileCache(folder).directory) process.env['NODE_COMPILE_CACHE'] = folder // which threads go by
}

const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2))

#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Nobody reads on (`| head`): that is no error. A log that can't be written must not take the decisions with it; an answer
// that can't be written is lost, and has to be said.
process.stderr.on('error', () => undefined)
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`portcullis: can't write the output: ${error.message}\n`)
  process.exit(3)
})

enableCompileCache() // halves the time to the first answer from the second start on

const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2))

#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

enableCompileCache() // halves the time to the first answer from the second start on

const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2))

#!/usr/bin/env node
// The command. It runs the sources where they are, and what was built of them in an installed package. Any Node.js can read it, to
// be told when it is too old; what it starts can't be.
import { existsSync, readFileSync } from 'node:fs'

const here = (path) => new URL(`../${path}`, import.meta.url)
const { engines } = JSON.parse(readFileSync(here('package.json'), 'utf8'))
const oldest = Number.parseInt(engines.node.replace('>=', ''), 10)
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `portcullis: expected Node.js ${oldest} or later, got ${process.versions.node} (${process.execPath})\n`,
  )
  process.exit(2)
}
await import(here(existsSync(here('cli/main.js')) ? 'cli/main.js' : 'dist/cli/main.js').href)

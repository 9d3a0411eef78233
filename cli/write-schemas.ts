import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemas } from '../engine/index.ts'
import { factsPage } from './facts-page.ts'

/** `npm run schemas`: writes the JSON Schemas and the page of facts into rules/. */
const write = (name: string, text: string) =>
  writeFileSync(join(import.meta.dirname, '../rules', name), text)
for (const [name, schema] of Object.entries(schemas()))
  write(name, `${JSON.stringify(schema, null, 2)}\n`)
write('FACTS.md', factsPage())

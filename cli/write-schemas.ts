import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemas } from '../engine/index.ts'

/** `npm run schemas`: writes the JSON Schemas into rules/. */
for (const [name, schema] of Object.entries(schemas()))
  writeFileSync(join(import.meta.dirname, '../rules', name), `${JSON.stringify(schema, null, 2)}\n`)

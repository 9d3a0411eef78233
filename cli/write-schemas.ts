import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemas } from '../engine/index.ts'
import { answers, openApi, settingsSchema } from '../server/index.ts'
import { factsPage } from './facts-page.ts'
import { logsPage } from './logs-page.ts'
import { settingsPage } from './settings-page.ts'
import { verifySchema, whichSchema } from './verify/schema.ts'

/** `npm run schemas`: writes the JSON Schemas and pages that are made from tables. */
const write = (name: string, text: string) =>
  writeFileSync(join(import.meta.dirname, '..', name), text)
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
for (const [name, schema] of Object.entries(schemas())) write(`rules/${name}`, json(schema))
write('rules/FACTS.md', factsPage())
write('docs/settings.schema.json', json(settingsSchema()))
write('client/answers.json', json(answers))
write('docs/openapi.json', json(openApi()))
write('docs/settings.md', settingsPage())
write('docs/sign-in-logs.md', logsPage())
write('docs/verify.schema.json', json(verifySchema()))
write('docs/which.schema.json', json(whichSchema()))

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../server/index.ts'
import { settingsPage } from './settings-page.ts'

const docs = (name: string) => readFileSync(join(import.meta.dirname, '../docs', name), 'utf8')
const squeezed = (text: string) => text.replaceAll(/[ -]{2,}/g, ' ')

test('the page of settings is as the table makes it (npm run schemas)', () => {
  expect(squeezed(docs('settings.md'))).toBe(squeezed(settingsPage()))
})

test('the schema of settings files is as the table makes it (npm run schemas)', () => {
  expect(JSON.parse(docs('settings.schema.json'))).toEqual(settingsSchema())
})

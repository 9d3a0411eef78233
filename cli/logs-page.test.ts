import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { logsPage } from './logs-page.ts'

test('docs/sign-in-logs.md is what `npm run schemas` makes of the tables', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/sign-in-logs.md'), 'utf8')
  const plain = (text: string) => text.replaceAll(/[ -]+/g, ' ')
  expect(plain(page)).toBe(plain(logsPage()))
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { factsPage } from './facts-page.ts'

test('the page of facts is as the table makes it (npm run schemas)', () => {
  const squeezed = (text: string) => text.replaceAll(/[ -]{2,}/g, ' ')
  expect(squeezed(readFileSync(join(import.meta.dirname, '../rules/FACTS.md'), 'utf8'))).toBe(
    squeezed(factsPage()),
  )
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bugs } from './bugs.ts'

test.each(bugs)('$file still says, once, what "$name" changes', ({ file, text }) => {
  const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
  expect(source.split(text).length - 1).toBe(1)
})

import { spawnSync } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')
const printer = join(import.meta.dirname, '../examples/printer.json')

describe.skipIf(!existsSync('/dev/full'))('on a full disk (needs /dev/full)', () => {
  test('an answer that can not be written is an error in one line', () => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const
    const { status, stderr } = spawnSync(process.execPath, [main, 'decide', printer], {
      stdio: [...stdio],
    })
    expect(status).toBe(3)
    expect(String(stderr)).toMatch(/^portcullis: can't write the output: .*\n$/)
  })

  test('a log that can not be written takes nothing else with it', () => {
    const stdio = ['pipe', 'pipe', openSync('/dev/full', 'w')] as const
    const { status } = spawnSync(process.execPath, [main, 'decide'], {
      input: '{',
      stdio: [...stdio],
    })
    expect(status).toBe(2)
  })
})

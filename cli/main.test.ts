import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.js')
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

describe('compiled code', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
  afterAll(() => rmSync(scratch, { recursive: true }))
  const decide = (env: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [main, 'decide', printer, '--json'], {
      env: { PATH: process.env['PATH'], ...env },
    }).status

  test('is kept in the cache folder of the user', () => {
    expect(decide({ HOME: scratch })).toBe(0)
    expect(readdirSync(join(scratch, '.cache/portcullis'))).toHaveLength(1)
    expect(decide({ HOME: scratch })).toBe(0)
    expect(decide({ HOME: '/', XDG_CACHE_HOME: join(scratch, 'xdg') })).toBe(0)
    expect(readdirSync(join(scratch, 'xdg/portcullis'))).toHaveLength(1)
  })

  test.each([
    ['there is no home', {}],
    ['it can not be written', { HOME: '/dev/null' }],
    ['it is not wanted', { HOME: scratch, NODE_DISABLE_COMPILE_CACHE: '1' }],
  ])('is not needed when %s', (_, env: Readonly<Record<string, string>>) =>
    expect(decide(env)).toBe(0),
  )
})

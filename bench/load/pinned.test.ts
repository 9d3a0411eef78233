import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { nodeOn } from './pinned.ts'

const module = new URL('pinned.ts', import.meta.url).href
const tell = `const { nodeOn } = await import(${JSON.stringify(module)})
console.log(JSON.stringify([0, 1].map((core) => nodeOn(core).args.slice(0, 2))))`
const [first, second = first] = [0, 1].flatMap((core) => nodeOn(core).args[1] ?? [])

test.runIf(second !== undefined)('cores are counted among those that may be used', () => {
  const { stdout } = spawnSync(
    'taskset',
    ['-c', second!, process.execPath, '--input-type=module', '--eval', tell],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(stdout)).toEqual([['-c', second], []])
})

test('a core that is not there is nobody’s', () => {
  expect(nodeOn(100_000)).toEqual({ program: process.execPath, args: [] })
  expect(nodeOn()).toEqual({ program: process.execPath, args: [] })
})

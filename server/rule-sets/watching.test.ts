import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { packFolders } from '../../rules/index.ts'
import { watching, type Watching } from './watching.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-watching-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let folder: string
let packs = 0
const at = (...path: string[]) => join(folder, ...path)
const write = (path: string, text = '{}') => writeFileSync(at(path), text)

beforeEach(() => {
  folder = join(scratch, `${packs++}`, 'pack')
  mkdirSync(at('rules'), { recursive: true })
  write('pack.json', '{"extends": "base"}')
  write('rules/one.json')
  mkdirSync(at('..', 'base', 'rules'), { recursive: true })
  write('../base/pack.json')
})

let watched: Watching | undefined
let changes = 0
afterEach(async () => {
  await watched?.close()
  watched = undefined
})
async function start(path = folder): Promise<void> {
  watched = await watching({
    folders: () => packFolders(path),
    changed: () => changes++,
    log: () => undefined,
    settleMs: 150,
    lookEveryMs: 100,
  })
  changes = 0
  await seen() // that it watches
  changes = 0
}
const seen = () => vi.waitFor(() => expect(changes).toBeGreaterThan(0), { timeout: 20_000 })

describe('a change of what is watched is seen', { timeout: 30_000 }, () => {
  test.each<[string, () => void]>([
    ['a file is written', () => write('rules/one.json', '{"a": 1}')],
    ['a file is added', () => write('rules/two.json')],
    ['a file is taken away', () => unlinkSync(at('rules/one.json'))],
    [
      'an editor writes beside it and renames',
      () => {
        write('rules/.one.json.swp', '{"b": 2}')
        renameSync(at('rules/.one.json.swp'), at('rules/one.json'))
      },
    ],
    ['a file of the base is written', () => write('../base/lists.json')],
    ['a fact is added', () => write('facts.json')],
    [
      'the whole folder is replaced',
      () => {
        cpSync(folder, at('..', 'next'), { recursive: true })
        writeFileSync(at('..', 'next', 'rules', 'new.json'), '{}')
        renameSync(folder, at('..', 'old'))
        renameSync(at('..', 'next'), folder)
      },
    ],
    [
      'the folder is removed and comes back',
      () => {
        rmSync(folder, { recursive: true })
        mkdirSync(at('rules'), { recursive: true })
        write('pack.json')
      },
    ],
  ])('%s', async (_, change) => {
    await start()
    change()
    await seen()
  })

  test('a base that was missing comes to be', async () => {
    write('pack.json', '{"extends": "later"}')
    await start()
    mkdirSync(at('..', 'later'))
    write('../later/pack.json')
    await seen()
  })

  test('a pack comes to extend another, whose changes are seen from then on', async () => {
    mkdirSync(at('..', 'second'))
    write('../second/pack.json')
    await start()
    write('pack.json', '{"extends": "second"}')
    await seen()
    await sleep(1_000) // until it watches the other
    changes = 0
    write('../second/conditions.json')
    await seen()
  })

  test('a mounted configuration is replaced by a link of another name, as Kubernetes does', async () => {
    const mounted = at('..', 'mounted')
    const version = (name: string, text: string) => {
      mkdirSync(join(mounted, name, 'rules'), { recursive: true })
      for (const path of ['pack.json', 'rules/one.json'])
        writeFileSync(join(mounted, name, path), text)
    }
    version('..2026_01', '{}')
    symlinkSync('..2026_01', join(mounted, '..data'))
    for (const name of ['pack.json', 'rules'])
      symlinkSync(join('..data', name), join(mounted, name))
    await start(mounted)
    version('..2026_02', '{"c": 3}')
    symlinkSync('..2026_02', join(mounted, '..data_tmp'))
    await sleep(1_000)
    changes = 0
    renameSync(join(mounted, '..data_tmp'), join(mounted, '..data'))
    await seen()
    await sleep(1_000)
    changes = 0
    writeFileSync(join(mounted, '..2026_02', 'rules', 'one.json'), '{"d": 4}')
    await seen()
  })

  test('the folder is a link that leads elsewhere', async () => {
    const link = at('..', 'current')
    symlinkSync('pack', link)
    await start(link)
    cpSync(folder, at('..', 'release-2'), { recursive: true })
    symlinkSync('release-2', at('..', 'next'))
    await sleep(500)
    changes = 0
    renameSync(at('..', 'next'), link)
    await seen()
  })
})

test('many files at once are one change, and somebody who never stops writing is not waited for', async () => {
  await start()
  for (let file = 0; file < 200; file++) write(`rules/rule-${file}.json`)
  await seen()
  await sleep(1_000)
  expect(changes).toBeLessThanOrEqual(2)
  changes = 0
  const writing = setInterval(() => write('rules/one.json', `{"at": ${Date.now()}}`), 20)
  await seen().finally(() => clearInterval(writing))
}, 60_000)

test('what is closed says no more', async () => {
  await start()
  write('rules/one.json', '{"a": 1}')
  await watched!.close()
  changes = 0
  await sleep(500)
  expect(changes).toBe(0)
})

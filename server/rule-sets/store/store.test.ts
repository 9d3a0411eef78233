import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultText, parsePack } from '../../../engine/index.ts'
import { packFolder, readPack } from '../../../rules/index.ts'
import { shippedPacks } from '../../../property-tests/packs.ts'
import make from '../make.ts'
import { printDocument } from './document.ts'
import { folderStore, packFile } from './folder-store.ts'
import { holdState, ruleSetsIn } from './held-state.ts'
import { revisionStore } from './revision-store.ts'
import { longestHistory, memoryStore, type Entry, type Store } from './store.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-store-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let state: string
let states = 0
const open: Store[] = []
beforeEach(() => {
  state = join(scratch, `state-${states++}`)
})
afterEach(() => Promise.all(open.splice(0).map((store) => store.close())))

const [one, other] = shippedPacks.map(({ name, pack }) => {
  const { revision } = pack.ruleSet
  return { revision, document: printDocument(readPack(packFolder(name)!), revision) }
}) as [Kept, Kept]
type Kept = { readonly revision: string; readonly document: Uint8Array<SharedArrayBuffer> }
const third = { ...one, revision: `sha256:${'3'.repeat(64)}` }

const entry = (to: string, from: string | null = null): Entry => ({
  at: '2026-11-30T00:00:00.000Z',
  by: 'http',
  from,
  to,
  id: 'some',
})
const file = (revision: string) => packFile(ruleSetsIn(state), revision)
const history = () => join(ruleSetsIn(state), 'history.ndjson')

async function folder(most = 2): Promise<Store> {
  const store = await folderStore(await holdState(state), most)
  open.push(store)
  return store
}

describe.each([
  ['memory', async (most: number) => memoryStore(most)],
  ['a folder', (most: number) => folder(most)],
] as const)('in %s', (_, start) => {
  test('what was kept is read as it was, and the last so many revisions are', async () => {
    const store = await start(2)
    for (const { revision, document } of [one, other, third, one, third]) {
      await store.keep(revision, document)
      await store.note(entry(revision))
    }
    expect([one, other, third].map(({ revision }) => store.isKept(revision))).toEqual([
      true,
      false,
      true,
    ])
    expect(store.history().map(({ to }) => to)).toEqual(
      [one, other, third, one, third].map(({ revision }) => revision),
    )
    expect(Buffer.from(await store.read(one.revision))).toEqual(Buffer.from(one.document))
    await expect(store.read(other.revision)).rejects.toThrow()
  })
})

test('a folder remembers over a restart, is for its owner alone, and has nothing half written', async () => {
  const store = await folder()
  await store.keep(one.revision, one.document)
  await store.note(entry(one.revision))
  await store.close()
  writeFileSync(join(ruleSetsIn(state), '.cut-off.pack.1234'), 'half')
  const again = await folder()
  expect(again.history()).toEqual([entry(one.revision)])
  expect(again.isKept(one.revision)).toBe(true)
  expect(readdirSync(ruleSetsIn(state)).filter((name) => name.startsWith('.'))).toEqual([])
  for (const path of [file(one.revision), history()])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(ruleSetsIn(state)).mode & 0o777).toBe(0o700)
})

test('two services on one folder: the second is refused, and what the first leaves is free', async () => {
  const store = await folder()
  await expect(folder()).rejects.toThrow(/is used by another service/)
  await store.close()
  await expect(folder()).resolves.toBeDefined()
})

test.each<[string, () => void, RegExp]>([
  ['others may write to', () => chmodSync(ruleSetsIn(state), 0o777), /its owner alone.*chmod 700/],
  [
    'is in a folder that others may write to',
    () => chmodSync(state, 0o777),
    /its owner alone can write to \S+state-\d+, got mode 777/,
  ],
  ['is in a folder of the group', () => chmodSync(state, 0o770), /state-\d+, got mode 770/],
  ['the group may write to', () => chmodSync(ruleSetsIn(state), 0o770), /its owner alone/],
  [
    'is a file',
    () => {
      rmSync(ruleSetsIn(state), { recursive: true })
      writeFileSync(ruleSetsIn(state), '')
    },
    /can't be used/,
  ],
  [
    'has a history that is none',
    () => {
      rmSync(history(), { force: true })
      mkdirSync(history())
    },
    /can't be used/,
  ],
])('a folder that %s is refused', async (_, damage, wanted) => {
  await (await folder()).close()
  damage()
  await expect(folder()).rejects.toThrow(wanted)
})

describe('a kept pack', () => {
  const flip = (at: (length: number) => number) => () => {
    const bytes = readFileSync(file(one.revision))
    const place = at(bytes.length)
    bytes[place] = bytes[place]! ^ 1
    writeFileSync(file(one.revision), bytes)
  }
  const replace = (document: Uint8Array) => () => writeFileSync(file(one.revision), document)
  const source = readPack(packFolder('security-defaults')!)
  const { [Object.keys(source.files).find((path) => path.startsWith('rules/'))!]: _, ...less } =
    source.files
  test.each<[string, () => void, RegExp]>([
    ['with a bit flipped in its texts', flip((length) => length - 1_000), /its digest is not/],
    ['with a bit flipped in its last byte', flip((length) => length - 1), /its digest is not/],
    ['with a bit flipped in its head', flip(() => 30), /it is sha256:|its first line/],
    ['that is cut short', () => truncateSync(file(one.revision), 5_000), /its digest is not/],
    ['that is empty', () => truncateSync(file(one.revision), 0), /its first line/],
    ['that is gone', () => rmSync(file(one.revision)), /ENOENT|no such file/],
    [
      'that is a folder',
      () => (rmSync(file(one.revision)), mkdirSync(file(one.revision))),
      /EISDIR|directory/,
    ],
    ['that is another one', replace(other.document), /it is sha256:/],
    [
      'that is another one under its name',
      replace(printDocument(readPack(packFolder('security-defaults-current')!), one.revision)),
      /decides its rules otherwise/,
    ],
    [
      'that lacks a rule',
      replace(printDocument({ ...source, files: less }, one.revision)),
      /decides its rules otherwise|expected/,
    ],
    [
      'that is none',
      replace(printDocument({ name: 1 } as never, one.revision)),
      /does not hold the texts/,
    ],
    [
      'that is a link to nothing',
      () => (rmSync(file(one.revision)), symlinkSync('nowhere', file(one.revision))),
      /ENOENT/,
    ],
  ])('%s is refused, and named', async (_name, damage, wanted) => {
    const store = await folder()
    await store.keep(one.revision, one.document)
    await store.note(entry(one.revision))
    expect(revisionStore(state).read(one.revision)).toMatchObject({
      ruleSet: { revision: one.revision },
    })
    damage()
    const read = revisionStore(state).read(one.revision)
    expect(read.faults?.map(faultText).join()).toMatch(wanted)
    const document = await store.read(one.revision).catch((error: unknown) => String(error))
    const said =
      typeof document === 'string'
        ? document
        : JSON.stringify(
            make({
              from: { document, revision: one.revision },
              live: '',
              gate: { proof: 'off', withinMs: 0 },
              known: [],
            }),
          )
    expect(said).toMatch(wanted)
  })

  test('that nobody kept, or that is no revision, is none', () => {
    expect(revisionStore(state).read(one.revision).faults).toHaveLength(1)
    expect(revisionStore(state).read('../../../etc/passwd').faults?.[0]?.expected).toBe(
      'a whole revision',
    )
    expect(parsePack(source).faults).toBeUndefined()
  })
})

describe('a history', () => {
  test('with a torn last line goes on without it', async () => {
    const store = await folder(10)
    for (const { revision } of [one, other]) await store.note(entry(revision))
    await store.close()
    truncateSync(history(), statSync(history()).size - 10)
    const again = await folder(10)
    expect(again.history().map(({ to }) => to)).toEqual([one.revision])
    await again.note(entry(third.revision))
    await again.close()
    expect((await folder(10)).history().map(({ to }) => to)).toEqual([one.revision, third.revision])
  })

  test('does not grow for ever', async () => {
    mkdirSync(ruleSetsIn(state), { recursive: true, mode: 0o700 })
    const line = `${JSON.stringify(entry(one.revision))}\n`
    writeFileSync(history(), line.repeat(3 * longestHistory))
    const store = await folder(10)
    expect(store.history()).toHaveLength(longestHistory)
    expect(readFileSync(history(), 'utf8').split('\n')).toHaveLength(longestHistory + 1)
  })
})

test('without a state folder nothing is written', async () => {
  await memoryStore(1).keep(one.revision, one.document)
  expect(existsSync(state)).toBe(false)
})

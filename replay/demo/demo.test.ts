import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { replayed } from '../../property-tests/replayed.ts'
import { readDirectory } from '../directory.ts'
import { demoFiles } from './demo.ts'

const files = demoFiles()
const logs = Object.fromEntries(Object.entries(files).filter(([name]) => name.endsWith('.csv')))
const { ruleSet } = shippedPacks[0]!.pack

describe('the demonstration', () => {
  test('is the same every time', () => {
    expect(demoFiles()).toEqual(files)
  })

  test('has the columns of the portal, blanks and all', () => {
    for (const log of Object.values(logs)) {
      const [head = ''] = log.split('\r\n')
      expect(head.split(',')).toHaveLength(57)
      expect(head).toMatch(/^\uFEFFDate \(UTC\),Request ID,User agent,.*,Application ID ,/)
    }
  })

  test('has the printers, the scripts, the administrators and the spray that replay is to find', async () => {
    const directory = readDirectory(
      ['directory/registrations.json', 'directory/roles.json'].map((name) => ({
        name,
        text: files[name]!,
      })),
    )
    if ('fault' in directory) throw new Error(directory.fault)
    const { users, devices, noise, warnings, people, window } = await replayed(
      { ruleSet, directory },
      logs,
    )
    expect(warnings).toEqual([])
    expect(window!.days).toBeGreaterThan(29)
    expect(users).toMatchObject({ seen: 200, hit: { least: 90, most: 90 }, administrators: 4 })
    const kinds = Map.groupBy(devices, ({ kind }) => kind)
    expect([...kinds].map(([kind, { length }]) => [kind, length])).toEqual([
      ['printer or scanner', 3],
      ['script', 2],
      ['phone', 5],
      ['mail program', 6],
    ])
    expect(noise.most.filter(({ kind }) => kind === 'guessing').length).toBeGreaterThan(90)
    expect(people.find(({ name }) => name?.startsWith('sync_'))).toMatchObject({ hits: 0 })
  })
})

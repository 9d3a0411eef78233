import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServiceOrder } from '../load/service.ts'
import { root } from './facts.ts'
import { sidesOf, type Sides } from './sides.ts'
import { anyWorkload } from './simulated.ts'

const revision = 'pack-2'
const workload = {
  ...anyWorkload,
  questions: [
    {
      name: 'one',
      form: 'single' as const,
      signIns: ['{}'],
      expected: {
        'pack-1': [
          {
            outcome: 'allow' as const,
            requirements: [],
            json: '{"outcome":"allow","ruleSet":{"id":"pack","revision":"pack-1"}}',
          },
        ],
      },
    },
  ],
  order: [0],
}

/** A service that says by which rule set it decides, and nothing else. */
async function serving<T>(id: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.end(JSON.stringify({ id, revision })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
  }
}

const options = (url: string, started: ServiceOrder[] = []) => ({
  startService: (order: ServiceOrder) => {
    started.push(order)
    return Promise.resolve({ url, pid: 1, stop: () => Promise.resolve() })
  },
  pack: 'security-defaults',
  workloadOf: () => workload,
  iOwnThisHost: false,
})

const opened: Sides[] = []
afterEach(async () => {
  for (const sides of opened.splice(0)) await sides.dispose()
})

describe('what is compared', () => {
  test('addresses, packs, revisions and this work tree', () =>
    serving('pack', async (url) => {
      const started: ServiceOrder[] = []
      const first = await sidesOf(url, '.', options(url, started))
      const second = await sidesOf('security-defaults-current', 'HEAD', options(url, started))
      opened.push(first, second)
      const sides = [...first.sides, ...second.sides]
      expect(sides.map(({ name }) => name)).toEqual([
        url,
        'this work tree',
        'security-defaults-current',
        'HEAD',
      ])
      for (const side of sides) {
        const begun = await side.begin(1)
        // another revision of the same rules: the same answers, by its name
        expect(begun.workload.ruleSet.revision).toBe(revision)
        expect(begun.workload.questions[0]!.expected).toMatchObject({
          [revision]: [{ json: '{"outcome":"allow","ruleSet":{"id":"pack","revision":"pack-2"}}' }],
        })
      }
      const pack = join(root, 'rules/security-defaults')
      expect(started).toMatchObject([
        { pack, cwd: root, core: 1 },
        { pack: `${pack}-current` },
        { pack, cwd: expect.stringContaining('portcullis-bench-') },
      ])
      const checkout = started[2]!.cwd!
      expect(existsSync(join(checkout, 'node_modules/hono'))).toBe(true)
      await second.dispose()
      expect(existsSync(checkout)).toBe(false)
    }))

  test('a service that decides by other rules can not be compared', () =>
    serving('other', async (url) => {
      const { sides } = await sidesOf(url, url, options(url))
      await expect(sides[0].begin()).rejects.toThrow(
        'expected a service that decides by pack, got "other"',
      )
    }))

  test.each([
    ['no-such-thing', 'expected the address of a service, a pack, a git revision of Portcullis'],
    ['--upload-pack=x', 'expected the address of a service'],
    ['http://id.example', 'id.example is not this machine'],
  ])('%s', async (text, wanted) => {
    await expect(sidesOf('.', text, options('http://127.0.0.1:1'))).rejects.toThrow(wanted)
  })
})

import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { inline } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { createApp } from './app.ts'
import { httpServer } from './http.ts'
import { watchService } from './metrics.ts'
import { servicesOf } from './services.ts'

const { pack } = shippedPacks[0]!
const settings = settingsOf()
const metrics = watchService()
let isBehind = true
const services = servicesOf({
  settings,
  live: () => pack,
  decider: { ...inline(pack.ruleSet), isBehind: () => isBehind },
  metrics,
  clock: () => 0,
})
const server = httpServer(createApp(services), services)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => {
  metrics.close()
  server.close()
})

test('while the decider is behind, single sign-ins are turned away unread; all else goes on', async () => {
  const signIn = JSON.stringify(pack.cases[0]!.signIn)
  const post = async (path: string, body: string) =>
    (
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    ).status
  const statuses = async () => [
    await post('/v1/decisions', signIn),
    await post('/v1/decisions', 'no JSON'),
    await post('/v1/decisions/batch', `[${signIn}]`),
    (await fetch(`${url}/livez`)).status,
  ]
  expect(await statuses()).toEqual([503, 503, 200, 200])
  expect(await metrics.text()).toContain('portcullis_shed_total{kind="single"} 2')
  isBehind = false
  expect(await statuses()).toEqual([200, 400, 200, 200])
})

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { answer, load, parsePack, type Pack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import type { Peer } from './peer.ts'
import { startPeers } from './start-peers.ts'

const from = 'security-defaults'
const parsed = parsePack(readPack(packFolder(from)!))
if (parsed.faults) throw new Error('the pack has faults')
const pack: Pack = parsed
const loaded = load(pack.ruleSet)

let running = 0

/** A decision point within this process; `altered` may change the decision of the nth question. */
const peer = (name: string, altered: (json: string, nth: number) => string): Peer => ({
  name,
  protocol: 'portcullis',
  asks: 'signIns',
  start: async () => {
    let asked = 0
    const server = createServer((request, response) => {
      void text(request).then((signIn) => {
        const { json } = answer(loaded, signIn, 0) as { readonly json: string }
        const id = '00000000-0000-0000-0000-000000000000'
        const before = `{"decisionId":"${id}","evaluatedAt":"2026-01-01T00:00:00.000Z",`
        response.end(before + altered(json, ++asked).slice(1))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    running++
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      pid: process.pid,
      stop: async () => {
        running--
        server.closeAllConnections()
        server.close()
      },
    }
  },
})

const right = peer('right', (json) => json)
const wrongOnce = peer('wrong once', (json, nth) =>
  nth === 500 ? json.replace(/"outcome":"\w+"/, '"outcome":"perhaps"') : json,
)
const broken: Peer = { ...right, name: 'broken', start: () => Promise.reject(new Error('no disk')) }

const options = () => ({ signal: new AbortController().signal, progress: () => undefined })

describe('peers', () => {
  test('who answers as we do takes part; others say why not, and are stopped', async () => {
    const started = await startPeers([right, wrongOnce, broken], { pack, from }, 1, options())
    expect(started).toMatchObject([
      { name: 'right', checked: pack.cases.length + 400, target: { protocol: 'portcullis' } },
      {
        name: 'wrong once',
        cannot: expect.stringMatching(
          /^decides otherwise: crossing \d+: expected .*"outcome":"\w+".*, got .*"outcome":"perhaps".*; the sign-in \{/,
        ) as string,
      },
      { name: 'broken', cannot: 'no disk' },
    ])
    expect(running).toBe(1)
    for (const each of started) if ('stop' in each) await each.stop()
    expect(running).toBe(0)
  })

  test('an end before the first starts nothing', async () => {
    const signal = AbortSignal.abort()
    const started = await startPeers([right], { pack, from }, 1, { ...options(), signal })
    expect(started).toEqual([{ name: 'right', cannot: 'interrupted before it was asked' }])
    expect(running).toBe(0)
  })
})

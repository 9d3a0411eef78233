import { afterAll, expect, test } from 'vitest'
import { inline } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { createApp } from '../app.ts'
import { watchService } from '../metrics.ts'
import type { LastReload } from '../rule-sets/activation.ts'
import { servicesOf, type Services } from '../services.ts'

const [{ pack }] = shippedPacks as [(typeof shippedPacks)[0]]
const metrics = watchService()
afterAll(metrics.close)
const settings = settingsOf({ listeners: '2' })

const withThreads = (threads: number): Services['decider'] => {
  const decider = inline(pack.ruleSet)
  return { ...decider, state: () => ({ ...decider.state(), threads }) }
}
const app = (changed: Partial<Services> = {}) =>
  createApp(
    servicesOf({ settings, live: () => pack, decider: withThreads(1), metrics, ...changed }),
  )

const allHold = {
  accepting: true,
  threads: true,
  listeners: true,
  lastReload: true,
  decisionLog: true,
}
const refused = { ok: false, at: '2026-01-01T00:00:00.000Z', by: 'http' } as unknown as LastReload
const pooled = { ...settings, pool: 'pooled' } as const

test.each<[string, Partial<Services>, number, Partial<typeof allHold>]>([
  ['a service that is well', {}, 200, {}],
  ['one that starts or stops', { isReady: () => false }, 503, { accepting: false }],
  ['no worker thread', { decider: withThreads(0) }, 200, { threads: false }],
  [
    'no worker thread, where nobody else decides',
    { decider: withThreads(0), settings: pooled },
    503,
    { threads: false },
  ],
  ['a listener that was lost', { listenersUp: () => 1 }, 200, { listeners: false }],
  [
    'a decision log that can not be written, for now to memory alone',
    { logState: () => ({ isWritten: false, letsTell: true }) },
    200,
    { decisionLog: false },
  ],
  [
    'a decision log that lets nothing be told',
    { logState: () => ({ isWritten: false, letsTell: false }) },
    503,
    { decisionLog: false },
  ],
  ['rules that were refused', { lastReload: () => refused }, 200, { lastReload: false }],
])(
  '%s: /readyz says which checks hold, and whether that will do',
  async (_, changed, status, not) => {
    const answer = await app(changed).request('/readyz')
    const last = changed.lastReload?.()
    expect([answer.status, await answer.json()]).toEqual([
      status,
      {
        status: status === 200 ? 'ready' : 'not ready',
        checks: { ...allHold, ...not },
        ruleSet: { id: pack.ruleSet.id, revision: pack.ruleSet.revision },
        ...(last && { lastReload: last }),
      },
    ])
    const live = await app(changed).request('/livez')
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
  },
)

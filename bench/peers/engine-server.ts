import { moduleBeside } from '../../engine/index.ts'
import { firstMessage, startChild, stopChild } from '../child.ts'
import type { Peer } from './peer.ts'
import type { EngineName, ServeOrder, ServeReply } from './serve-peer.ts'

/** Another engine, behind the same kind of app as ours. */
export const engineServer = (engine: EngineName): Peer => ({
  name: `${engine} behind Hono`,
  note: 'has the parser of Portcullis in front, and none of the limits, checks and threads of the service',
  protocol: 'portcullis',
  asks: 'signIns',
  start: async ({ pack: { ruleSet } }, { core, signal }) => {
    const child = startChild(moduleBeside(import.meta.url, 'serve-peer'), [], core)
    child.process.send({ engine, ruleSet } satisfies ServeOrder)
    const reply = (await firstMessage(child, signal)) as ServeReply
    const stop = () => stopChild(child)
    if ('url' in reply) return { url: reply.url, pid: child.process.pid!, stop }
    await stop()
    throw new Error(reply.cannot)
  },
})

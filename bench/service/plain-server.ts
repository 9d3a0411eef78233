import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { inline, parsePack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { createApp, readSettings, servicesOf, watchService } from '../../server/index.ts'

/**
 * What the start of the service is compared with: the same TypeScript run by `node` as it is, without a compile cache and without
 * worker threads. It imports the service's modules, reads and compiles the pack, listens, and decides on the one thread it has.
 */
const pack = parsePack(readPack(packFolder(process.argv[2]!)!))
const read = readSettings({}, {})
if (pack.faults || 'faults' in read) throw new Error('expected a pack without faults')
const app = createApp(
  servicesOf({
    settings: read.settings,
    live: () => pack,
    decider: inline(pack.ruleSet),
    metrics: watchService(),
  }),
)
const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

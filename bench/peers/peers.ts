import { startService } from '../load/service.ts'
import { cerbosServer } from './cerbos-server.ts'
import { engineServer } from './engine-server.ts'
import type { Peer } from './peer.ts'

/** The service as its users start it. */
export const portcullis: Peer = {
  name: 'Portcullis',
  protocol: 'portcullis',
  asks: 'signIns',
  start: ({ from }, { core }) => startService({ pack: from, ...(core !== undefined && { core }) }),
}

/** Who is compared, ours first; a new peer is an entry here. */
export const peers: readonly Peer[] = [
  portcullis,
  cerbosServer('cerbos'),
  cerbosServer('authzen'),
  engineServer('json-rules-engine'),
  engineServer('zen-engine'),
  engineServer('cedar-wasm'),
]

import { cerbosProgram, cerbosServer } from '../peers/cerbos-server.ts'
import { engineServer } from '../peers/engine-server.ts'
import { installed } from '../peers/install.ts'
import type { Peer } from '../peers/peer.ts'
import { startPeers } from '../peers/start-peers.ts'
import { startEcho } from '../runs/layers/http-layer.ts'
import type { Ground, RunningServer, Server } from './ground.ts'
import { NotHere } from './target.ts'
import { batchesOf, casesOf } from './workloads.ts'

/** The service with arguments of `serve`, deciding by the pack that is asked for or by one whose decisions cost a lot. */
export const service = (
  name: string,
  args: readonly string[] = [],
  {
    pack = 'light',
    pinned = false,
  }: { readonly pack?: 'light' | 'heavy'; readonly pinned?: boolean } = {},
): Server => ({
  name,
  pinned,
  async start(ground) {
    const { from, single } =
      pack === 'light'
        ? { from: ground.source.from, single: casesOf(ground.source.pack, ground.seed) }
        : await heavyOf(ground)
    const { url, pid, stop } = await ground.startService({
      pack: from,
      args,
      ...(pinned && ground.cores && { core: ground.cores.service }),
    })
    const batch = pack === 'light' ? batchesOf(single) : single
    return {
      target: { url, pid, protocol: 'portcullis' },
      workload: (form) => (form === 'single' ? single : batch),
      stop,
    }
  },
})

async function heavyOf({ heavy }: Ground) {
  const { folder, workload } = await heavy()
  return { from: folder, single: workload }
}

/** Sends back what it is sent, as JSON that was parsed and printed. */
export const echo = (name: string, file: string): Server => ({
  name,
  pinned: true,
  async start({ source, seed, cores }) {
    const { url, pid, stop } = await startEcho(file, cores?.service)
    const single = casesOf(source.pack, seed)
    return { target: { url, pid, protocol: 'echo' }, workload: () => single, stop }
  },
})

const peer = (name: string, of: Peer, missing: () => string | undefined): Server => ({
  name,
  pinned: true,
  async start({ source, seed, cores, watch }): Promise<RunningServer> {
    const why = missing()
    if (why !== undefined) throw new NotHere(why)
    const [started] = await startPeers([of], source, seed, {
      ...watch,
      ...(cores && { core: cores.service }),
    })
    if (!started || 'cannot' in started) throw new Error(started?.cannot ?? 'it did not start')
    const { target, workload, stop } = started
    return { target, workload: () => workload, stop }
  },
})

export const jsonRulesEngine = peer(
  'json-rules-engine behind Hono',
  engineServer('json-rules-engine'),
  () => undefined,
)

export const cerbos = peer('Cerbos', cerbosServer('cerbos'), () =>
  installed(cerbosProgram) === undefined
    ? `${cerbosProgram.name} ${cerbosProgram.version} is not installed here; portcullis bench peers brings it`
    : undefined,
)

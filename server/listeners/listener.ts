import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Decider, Pack } from '../../engine/index.ts'
import { access, type AccessSetup } from '../access/access.ts'
import { createApp } from '../app.ts'
import { bundleState } from '../bundles/bundle-state.ts'
import { place, read, type Counters, type Row } from '../counters.ts'
import { httpServer } from '../http.ts'
import type { Control } from '../control.ts'
import type { Log } from '../log.ts'
import { watchService } from '../metrics.ts'
import { logState } from '../observers/log/log-state.ts'
import { observersOf, type ObserverSetup } from '../observers/observers.ts'
import type { LastReload } from '../rule-sets/activation.ts'
import { isReadyBy } from '../readiness.ts'
import type { Settings } from '../settings.ts'
import { servicesOf } from '../services.ts'
import { telling } from '../telling.ts'
import { draining } from './drain.ts'
import { listen } from './place.ts'

export type ListenerOptions = {
  readonly settings: Settings
  readonly live: () => Pack
  readonly lastReload: () => LastReload | undefined
  readonly decider: Decider
  readonly counters: Counters
  readonly access: AccessSetup
  readonly observers: ObserverSetup
  readonly control: Control
  /** Its row of the counters. */
  readonly listener: number
  readonly log: Log
  /** Brings up to date what the service does not count as it happens. */
  readonly refresh?: () => void
}

export type Listener = {
  readonly port: number
  /** Every answer from now on is the last of its connection. */
  readonly retire: () => void
  /** Accepts no more, answers what is under way, and resolves to the requests that were cut off after so many milliseconds. */
  readonly stop: (withinMs: number) => Promise<number>
}

/** Lets one thread talk HTTP: the app of its own, on a port that is shared if there are several listeners. Rejects when it can't be had. */
export async function startListener(options: ListenerOptions, port: number): Promise<Listener> {
  const { settings, live, lastReload, decider, counters, observers, control } = options
  const { listener, log, refresh } = options
  const watching = await observersOf(observers, listener, log)
  const service = counters.rows[0]!
  const isReady = () => read(service, 'ready') > 0
  const { decisionLog } = observers
  const logOf = decisionLog === undefined ? () => undefined : logState(decisionLog)
  const metrics = watchService({
    counters,
    listener,
    live,
    isReady: () =>
      isReadyBy({ accepting: isReady(), threads: decider.state().threads > 0 }, settings, logOf()),
    refresh,
    others: () => control('families'),
    log,
  })
  const services = servicesOf({
    settings,
    live,
    lastReload,
    decider,
    metrics,
    telling: telling(metrics, watching),
    control,
    access: access(settings, options.access, Date.now),
    bundle: () => bundleState(counters),
    logState: logOf,
    isReady,
    listenersUp: () => read(service, 'listeners up'),
    log,
  })
  const server = httpServer(createApp(services), services, options.access.tls)
  const { retire, drain } = draining(server)
  countConnections(server, counters.rows[listener]!)
  try {
    await listen(server, settings, port)
  } catch (error) {
    metrics.close()
    throw error
  }
  return {
    port: (server.address() as Partial<AddressInfo>).port ?? 0, // a socket has none
    retire,
    async stop(withinMs) {
      const cutOff = await drain(withinMs)
      await Promise.all(watching.map(async (observer) => observer.close?.()))
      metrics.close()
      return cutOff
    },
  }
}

function countConnections(server: Server, row: Row): void {
  const [all, open] = [place('connections'), place('open connections')]
  server.on('connection', (socket) => {
    row[all]!++
    row[open]!++
    socket.once('close', () => row[open]!--)
  })
}

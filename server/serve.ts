import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { pooled, type Pack } from '../engine/index.ts'
import { createApp } from './app.ts'
import { httpServer } from './http.ts'
import { watchService } from './metrics.ts'
import type { Settings } from './settings.ts'

export type Running = {
  readonly url: string
  /** Turns readiness off, lets requests under way finish within the stop timeout, and frees everything. */
  readonly stop: () => Promise<void>
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

/** Listening beyond loopback lets anybody who can reach the port ask; it has to be meant. */
export const needsInsecure = ({ host, insecure }: Settings): boolean =>
  !loopback.test(host) && !insecure

/** Starts the service: worker threads first, then the port, so that it never listens without being able to decide. */
export async function serve(
  pack: Pack,
  settings: Settings,
  log: (line: string) => void,
): Promise<Running> {
  const decider = await pooled(pack.ruleSet, {
    ...(settings.threads > 0 && { threads: settings.threads }),
    pool: settings.pool,
    mostWaiting: settings.queueLimit,
    deadlineMs: settings.decisionTimeout,
    onLoss: (error) => log(`a worker thread or its message was lost: ${String(error)}`),
  })
  let stopping = false
  const metrics = watchService()
  const services = {
    settings,
    live: () => pack,
    decider,
    metrics,
    clock: Date.now,
    isReady: () => !stopping,
    log,
  }
  const server = httpServer(createApp(services), services)
  try {
    await listening(server, settings)
  } catch (error) {
    metrics.close()
    await decider.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host

  return {
    url: `http://${host}:${port}`,
    async stop() {
      if (stopping) return
      stopping = true
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), settings.stopTimeout)
      await closed
      clearTimeout(deadline)
      metrics.close()
      await decider.close()
    },
  }
}

const listening = (server: Server, { host, port }: Settings) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })

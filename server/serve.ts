import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pooled, type Pack } from '../engine/index.ts'
import { controlling } from './control.ts'
import { newCounters, write } from './counters.ts'
import { startGroup, type Group } from './listeners/group.ts'
import { startListener, type Listener } from './listeners/listener.ts'
import { writePoolState } from './listeners/pool-state.ts'
import type { Log } from './log.ts'
import { decisionLogPart } from './observers/log/part.ts'
import { together, type Part } from './parts.ts'
import type { Settings } from './settings.ts'

export type Running = {
  readonly url: string
  /**
   * Lets the pack decide. Once it resolves nothing answers by the one before, which waits for what was asked before (at most five
   * times the decision timeout); when it rejects, that one still decides everywhere. Swaps are made one after the other. Each
   * thread that talks HTTP compiles the pack itself, unless it never decides, and does nothing else meanwhile.
   */
  readonly swap: (pack: Pack) => Promise<void>
  /**
   * Turns readiness off, accepts no more after the stop delay, lets requests under way finish within the stop timeout, and frees
   * everything. Resolves to how many requests were cut off. Other limits than the settings may be said.
   */
  readonly stop: (limits?: {
    readonly delayMs: number
    readonly timeoutMs: number
  }) => Promise<number>
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/
/** How often the state of the pool is written where all listeners can read it. */
const stateEveryMs = 100

/** Listening beyond loopback lets anybody who can reach the port ask; it has to be meant. */
export const needsInsecure = ({ host, insecure }: Settings): boolean =>
  !loopback.test(host) && !insecure

/** Starts the service: worker threads first, then the port, so that it never listens without being able to decide. */
export async function serve(pack: Pack, settings: Settings, log: Log): Promise<Running> {
  const failed = (error: unknown) =>
    log(`internal error: ${error instanceof Error ? error.stack : String(error)}`)
  const counters = newCounters(settings.listeners)
  const parts: Part[] = []
  if (settings.decisionLog !== 'none') parts.push(await decisionLogPart(settings, counters, log))
  const all = together(parts, failed)
  const decider = await pooled(pack.ruleSet, {
    ...(settings.threads > 0 && { threads: settings.threads }),
    pool: settings.pool,
    mostWaiting: settings.queueLimit,
    waitLimitMs: settings.waitLimit,
    deadlineMs: settings.decisionTimeout,
    onLoss: (error) => log(`a worker thread or its message was lost: ${String(error)}`),
  }).catch(async (error: unknown) => {
    await all.stop()
    throw error
  })
  let current = pack
  const live = () => current
  const refresh = () => writePoolState(counters, decider.state())
  refresh()
  const refreshing = setInterval(refresh, stateEveryMs)

  const control = controlling(all.commands, failed)

  let own: Listener | undefined
  let group: Group
  try {
    if (settings.listeners > 1 && settings.port > 0) await mustBeFree(settings)
    const { observers } = all
    const options = { settings, live, decider, counters, observers, control, log }
    own = await startListener({ ...options, listener: 0, refresh }, settings.port)
    group = await startGroup({ ...options, port: own.port })
    write(counters.rows[0]!, { ready: 1 })
    all.started()
  } catch (error) {
    clearInterval(refreshing)
    await own?.stop(0)
    await all.stop()
    await decider.close()
    throw error
  }
  const { port, retire, stop: stopOwn } = own
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host

  async function stop({
    delayMs = settings.stopDelay,
    timeoutMs = settings.stopTimeout,
  } = {}): Promise<number> {
    write(counters.rows[0]!, { ready: 0 })
    retire()
    group.retire()
    await sleep(delayMs)
    const cutOff = await Promise.all([stopOwn(timeoutMs), group.stop(timeoutMs)])
    await all.stop()
    clearInterval(refreshing)
    await decider.close(0) // nobody is left to be answered
    return cutOff[0] + cutOff[1]
  }
  let stopped: Promise<number> | undefined
  let swapped: Promise<void> = Promise.resolve()

  return {
    url: `http://${host}:${port}`,
    swap(next) {
      const swap = swapped.then(async () => {
        structuredClone(next) // what can't be sent to the other threads is refused before anything has changed
        await decider.swap(next.ruleSet)
        current = next // first, so that listeners that are just being started start with it
        await group.swap(next)
        all.live(next)
      })
      swapped = swap.catch(() => undefined)
      return swap
    },
    stop: (limits) => (stopped ??= stop(limits)),
  }
}

/** Where a port is shared, a second service would get a part of the connections instead of an error. */
const mustBeFree = ({ host, port }: Settings) =>
  new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host, port }, () => probe.close(() => resolve()))
  })

import { setTimeout as sleep } from 'node:timers/promises'
import { pooled, type Pack, type PackSource } from '../engine/index.ts'
import { needsCredentials, type AccessSetup } from './access/access.ts'
import { isLoopback } from './access/origin.ts'
import { tlsPart } from './access/tls.ts'
import { tokensPart } from './access/tokens-part.ts'
import { writeBundleState } from './bundles/bundle-state.ts'
import type { Bundles } from './bundles/bundles.ts'
import { controlling } from './control.ts'
import { newCounters, write } from './counters.ts'
import { startGroup, type Group } from './listeners/group.ts'
import { startListener, type Listener } from './listeners/listener.ts'
import { mustBeFree, urlOf } from './listeners/place.ts'
import { writePoolState } from './listeners/pool-state.ts'
import type { Log } from './log.ts'
import { tracesPart } from './observers/traces/part.ts'
import { decisionLogPart } from './observers/log/part.ts'
import { together, type Part } from './parts.ts'
import { startRuleSets } from './rule-sets/part.ts'
import type { RuleSets } from './rule-sets/rule-sets.ts'
import { shadowPart, type ShadowOptions } from './shadow/part.ts'
import { mustBeWritable } from './shadow/writable.ts'
import type { Settings } from './settings.ts'

export type Running = {
  readonly url: string
  /**
   * What decides, and how another comes to decide. Once that resolves nothing answers by the one before, which waits for what was
   * asked before (at most five times the decision timeout). Each thread that talks HTTP compiles the rules itself, unless it never
   * decides, and does nothing else meanwhile.
   */
  readonly ruleSets: Pick<RuleSets, 'live' | 'activate' | 'reload' | 'rollback'>
  /**
   * Turns readiness off, accepts no more after the stop delay, lets requests under way finish within the stop timeout, and frees
   * everything. Resolves to how many requests were cut off. Other limits than the settings may be said.
   */
  readonly stop: (limits?: {
    readonly delayMs: number
    readonly timeoutMs: number
  }) => Promise<number>
}

/** How often the state of the pool is written where all listeners can read it. */
const stateEveryMs = 100

/** Listening beyond loopback lets anybody who can reach the port ask, unless callers show credentials; it has to be meant. */
export const needsInsecure = (settings: Settings): boolean =>
  settings.socket === undefined &&
  !isLoopback(settings.host) &&
  !settings.insecure &&
  !needsCredentials(settings)

/** What there may be beside the pack that decides. */
export type Beside = {
  /** Decides in the shadow. */
  readonly candidate?: ShadowOptions['candidate']
  /** Where the pack comes from, and those that follow it. */
  readonly bundles?: Bundles
  /** What is known to be proved of the pack. */
  readonly proved?: string
  /** For tests: the module of the shadow's thread, and milliseconds between the pings by which a thread that hangs is found. */
  readonly shadowThread?: { readonly filename: string; readonly pingEveryMs: number }
}

/**
 * Starts the service: worker threads first, then the port, so that it never listens without being able to decide. A pack whose texts
 * are not given can't be gone back to.
 */
export async function serve(
  pack: Pack,
  settings: Settings,
  log: Log,
  source?: PackSource,
  { candidate, shadowThread, bundles, proved }: Beside = {},
): Promise<Running> {
  const failed = (error: unknown) =>
    log(`internal error: ${error instanceof Error ? error.stack : String(error)}`)
  // First, since they fail while there is nothing to be stopped yet.
  const tokens = settings.tokens === undefined ? undefined : tokensPart(settings.tokens, log)
  const tls = settings.tlsCert === undefined ? undefined : tlsPart(settings, log)
  const access: AccessSetup = {
    ...(tokens && { tokens: tokens.memory }),
    ...(tls && { tls: tls.memory }),
  }
  const counters = newCounters(settings.listeners)
  let group: Group | undefined
  const { sets, part: ruleSetsPart } = await startRuleSets({
    first: { pack, ...(source && { source }), ...(proved !== undefined && { proved }) },
    settings,
    held: bundles?.held,
    log,
    async prepare(next) {
      const ready = await Promise.all([decider.prepare(next.ruleSet), group!.prepare(next)])
      return async () => void (await Promise.all(ready.map((commit) => commit())))
    },
    reloaded: (last) => group?.reloaded(last),
  })
  const parts: Part[] = [ruleSetsPart, ...[tokens, tls].flatMap((each) => each?.part ?? [])]
  if (bundles) {
    bundles.connect(sets.activate)
    parts.push(bundles.part)
  }
  if (settings.decisionLog !== 'none') parts.push(await decisionLogPart(settings, counters, log))
  if (settings.otlpEndpoint !== undefined) parts.push(tracesPart(settings.otlpEndpoint, settings))
  const { shadowLog, decisionLogMaxBytes: maxBytes, decisionLogKeep: keep } = settings
  const file = shadowLog === undefined ? undefined : { path: shadowLog, maxBytes, keep }
  if (file) await mustBeWritable(file)
  parts.push(
    shadowPart({
      counters,
      file,
      mask: settings.decisionLogMask,
      live: pack,
      candidate,
      activate: (texts) => sets.activate({ source: texts }, 'promote'),
      log,
      ...shadowThread,
    }),
  )
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
  const refresh = () => {
    writePoolState(counters, decider.state())
    if (bundles) writeBundleState(counters, bundles.state())
  }
  refresh()
  const refreshing = setInterval(refresh, stateEveryMs)

  const control = controlling(all.commands, failed)
  sets.onLive((next) => all.live(next))

  let own: Listener | undefined
  try {
    await mustBeFree(settings)
    const { observers } = all
    const { live, lastReload } = sets
    const options = {
      settings,
      live,
      lastReload,
      decider,
      counters,
      access,
      observers,
      control,
      log,
    }
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
  const others = group

  async function stop({
    delayMs = settings.stopDelay,
    timeoutMs = settings.stopTimeout,
  } = {}): Promise<number> {
    write(counters.rows[0]!, { ready: 0 })
    retire()
    others.retire()
    await sleep(delayMs)
    const cutOff = await Promise.all([stopOwn(timeoutMs), others.stop(timeoutMs)])
    await all.stop()
    clearInterval(refreshing)
    await decider.close(0) // nobody is left to be answered
    return cutOff[0] + cutOff[1]
  }
  let stopped: Promise<number> | undefined

  return {
    url: urlOf(settings, port, tls !== undefined),
    ruleSets: bundles ? { ...sets, reload: bundles.reload } : sets,
    stop: (limits) => (stopped ??= stop(limits)),
  }
}

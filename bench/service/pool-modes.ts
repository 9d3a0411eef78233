import type { Server } from './ground.ts'
import { service } from './servers.ts'
import { trial, type Sample, type TurnTarget } from './turns.ts'

const packs = ['light', 'heavy'] as const
type Pack = (typeof packs)[number]
type Mode = 'inline' | 'pooled' | 'auto'

const cost = { light: 'the pack', heavy: 'a pack of which a decision costs 200 µs' }
const servers = new Map<string, Server>()

/** One process for each mode and pack, whoever asks it. */
function serverOf(mode: Mode, pack: Pack): Server {
  const name = `${mode}, ${pack}`
  const server = servers.get(name) ?? service(name, ['--pool', mode], { pack })
  servers.set(name, server)
  return server
}

const modes = (pack: Pack, connections: number, ...names: readonly Mode[]) =>
  names.map((mode) => trial(serverOf(mode, pack), connections))

const saturated =
  '64 connections as fast as they are answered, all cores shared with the client, in turns'
const atShare = (mode: Mode) => ({
  server: serverOf(mode, 'light'),
  form: 'single' as const,
  load: { share: 0.2, of: serverOf('inline', 'light') },
})

const rate = ([first, second]: readonly Sample[]): number => second!.perSecond / first!.perSecond
const cpu = ([first, second]: readonly Sample[]): number => second!.cpuUs / first!.cpuUs

export const pooledTargets: readonly TurnTarget[] = [
  {
    name: 'pooled-rate',
    what: 'pooled vs inline, answers a second: the pack',
    atLeast: 1.3,
    unit: '×',
    method: saturated,
    trials: modes('light', 64, 'inline', 'pooled'),
    figure: rate,
  },
  {
    name: 'pooled-p99',
    what: 'pooled vs inline, p99: the pack',
    atMost: 0.8,
    unit: '×',
    method: saturated,
    trials: modes('light', 64, 'inline', 'pooled'),
    figure: ([inline, pooled]) => pooled!.p99Us / inline!.p99Us,
  },
  {
    name: 'pooled-heavy',
    what: `pooled vs inline, answers a second: ${cost.heavy}`,
    atLeast: 1.6,
    unit: '×',
    method: `${saturated}; sign-ins all different`,
    trials: modes('heavy', 64, 'inline', 'pooled'),
    figure: rate,
  },
  {
    name: 'pooled-cpu',
    what: 'pooled vs inline, CPU time a decision: the pack, at saturation',
    atMost: 1,
    unit: '×',
    method: saturated,
    trials: modes('light', 64, 'inline', 'pooled'),
    figure: cpu,
  },
  {
    name: 'pooled-cpu-20',
    what: 'the same at 20% of what inline answers',
    atMost: 1.25,
    unit: '×',
    method: 'Poisson arrivals, all cores shared with the client, in turns',
    trials: [atShare('inline'), atShare('pooled')],
    figure: cpu,
  },
]

export const autoTargets: readonly TurnTarget[] = [
  ...packs.flatMap((pack) =>
    [1, 4, 16, 64, 256].map((connections): TurnTarget => ({
      name: `auto-${pack}-${connections}`,
      what: `auto vs the better of inline and pooled, answers a second: ${cost[pack]}, ${connections} at once`,
      atLeast: 0.95,
      unit: '×',
      method:
        'connections as fast as they are answered, all cores shared with the client, in turns',
      trials: modes(pack, connections, 'auto', 'inline', 'pooled'),
      figure: ([auto, inline, pooled]) =>
        auto!.perSecond / Math.max(inline!.perSecond, pooled!.perSecond),
    })),
  ),
  {
    name: 'auto-p50',
    what: 'auto vs inline, p50: the pack, one at a time',
    atMost: 1.15,
    unit: '×',
    method: 'one connection as fast as it is answered, all cores shared with the client, in turns',
    trials: modes('light', 1, 'auto', 'inline'),
    figure: ([auto, inline]) => auto!.p50Us / inline!.p50Us,
  },
]

const listeners = (count: number): Server =>
  service(`${count} listening`, ['--listeners', String(count)])

export const listenerTargets: readonly TurnTarget[] = [
  {
    name: 'listeners',
    what: '2 listeners vs 1, answers a second',
    atLeast: 1.6,
    unit: '×',
    method:
      '64 connections as fast as they are answered, all cores shared with the client, in turns',
    trials: [trial(listeners(1), 64), trial(listeners(2), 64)],
    figure: rate,
  },
]

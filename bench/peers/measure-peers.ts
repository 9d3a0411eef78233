import { availableParallelism } from 'node:os'
import type { LoadResult } from '../load/result.ts'
import type { PeersPart } from '../report/document.ts'
import { median, ratioOfRounds } from '../statistics.ts'
import type { PackFrom, Peer } from './peer.ts'
import { peers as allPeers } from './peers.ts'
import { pooledQuantile } from './pooled.ts'
import { measureRounds, type Measured } from './rounds.ts'
import { startPeers } from './start-peers.ts'

export type PeersOptions = {
  /** Of the crossings, of the order of the rounds and of arrivals. */
  readonly seed: number
  /** In each of them every peer is asked once by each loop; by default 5. */
  readonly rounds?: number
  /** By default 1.5 and 2. */
  readonly closedSeconds?: number
  readonly openSeconds?: number
  /** Of the whole; fewer rounds are measured where the machine is too slow for them. By default 220. */
  readonly mostSeconds?: number
  /** Of the closed loop; by default 16. */
  readonly connections?: number
  /** Where the system can pin processes; by default 0 and 1, where there are two cores. */
  readonly cores?: { readonly server: number; readonly generator: number }
  /** By default all; the first is what the others are compared with. */
  readonly peers?: readonly Peer[]
}

/**
 * The same decisions by other decision points over HTTP on this machine: their answers are compared with ours, then all are
 * measured in turns. A peer that can't take part has a row that says why. It takes three to four minutes. An end by the
 * signal gives what was measured so far. CPU and memory are missing where the system does not tell of other processes.
 */
export async function measurePeers(
  source: PackFrom,
  {
    seed,
    rounds = 5,
    closedSeconds = 1.5,
    openSeconds = 2,
    mostSeconds = 220,
    connections = 16,
    cores = availableParallelism() > 1 ? { server: 0, generator: 1 } : undefined,
    peers = allPeers,
  }: PeersOptions,
  watch: { readonly signal: AbortSignal; readonly progress: (text: string) => void },
): Promise<PeersPart> {
  const untilMs = performance.now() + mostSeconds * 1_000
  const started = await startPeers(peers, source, seed, {
    ...watch,
    ...(cores && { core: cores.server }),
  })
  const entrants = started.filter((each) => 'stop' in each)
  try {
    const measured = await measureRounds(entrants, {
      ...watch,
      seed,
      rounds,
      connections,
      closedSeconds,
      openSeconds,
      untilMs,
      ...(cores && { core: cores.generator }),
    })
    const ours = measured.find(({ entrant }) => entrant === started[0])
    const rate = Math.max(0, ...measured.map(({ perSecond }) => perSecond))
    const done = Math.max(0, ...measured.map(({ open }) => open.length))
    return {
      kind: 'peers',
      title: `The same sign-ins by other decision points: ${done} rounds; ${connections} connections at full speed, latencies at ${rate} requests a second`,
      rows: started.map((each) => {
        if ('cannot' in each) return { peer: each.name, cannot: each.cannot }
        return rowOf(
          measured.find(({ entrant }) => entrant === each)!,
          ours,
        )
      }),
    }
  } finally {
    await Promise.all(entrants.map(({ stop }) => stop()))
  }
}

function rowOf(
  { entrant: { name, note, checked }, perSecond, closed, open, failed }: Measured,
  ours: Measured | undefined,
): PeersPart['rows'][number] {
  if (failed !== undefined) return { peer: name, cannot: failed }
  if (closed.length === 0) return { peer: name, cannot: 'interrupted before it was measured' }
  const latencies = open.map(({ latency }) => latency)
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...limits('at full speed', closed),
    ...limits('its latencies', open),
  ]
  const row = {
    peer: name,
    ...(notes.length > 0 && { note: notes.join('; ') }),
    checked,
    perSecond: median(closed.map((result) => result.perSecond)),
    atPerSecond: perSecond,
    p50Us: pooledQuantile(latencies, 0.5),
    p99Us: pooledQuantile(latencies, 0.99),
    p999Us: pooledQuantile(latencies, 0.999),
  }
  const cpu = cpuOf(closed)
  const ourCpu = ours && cpuOf(ours.closed)
  return {
    ...row,
    ...(cpu && { cpuUs: median(cpu), rssBytes: closed.at(-1)!.service!.rssBytes }),
    // an end by the signal may come between the two
    ...(cpu && ourCpu && { timesOurs: ratioOfRounds(cpu.slice(0, ourCpu.length), ourCpu) }),
  }
}

/** Where most rounds tell of the generator rather than of the peer. */
function limits(what: string, results: readonly LoadResult[]): readonly string[] {
  const limited = results.flatMap(({ generator }) => generator.limitedBy ?? [])
  return limited.length * 2 > results.length ? [`${what}: ${limited[0]}`] : []
}

/** CPU time a request in each round; undefined where the system does not tell. */
function cpuOf(closed: Measured['closed']): readonly number[] | undefined {
  const known = closed.flatMap(({ service }) => service?.cpuUsPerRequest ?? [])
  return known.length === closed.length && known.length > 0 ? known : undefined
}

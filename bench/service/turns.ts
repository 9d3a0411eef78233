import type { LoadResult } from '../load/result.ts'
import { askOpen, order, steady, type Watch } from '../runs/asking.ts'
import type { Form, Ground, RunningServer, Server } from './ground.ts'
import type { Found, Target } from './target.ts'

/** One way of asking a server, measured in turns with others. */
export type Trial = {
  readonly server: Server
  readonly form: Form
  /** Kept busy, or the rate as a share of what another server answered while it was warmed up. */
  readonly load: { readonly connections: number } | { readonly share: number; readonly of: Server }
}

/** What a trial found in a round. */
export type Sample = {
  /** Of the server's process, a decision. */
  readonly cpuUs: number
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** Of the client, a request. */
  readonly clientCpuUs: number
  /** Share of requests that were told that no decision can be made now. */
  readonly shed: number
}

/** A target whose figure is worked out from samples of the same round, in the order of its trials. */
export type TurnTarget = Target & {
  readonly trials: readonly Trial[]
  readonly figure: (samples: readonly Sample[]) => number
}

export const trial = (server: Server, connections: number, form: Form = 'single'): Trial => ({
  server,
  form,
  load: { connections },
})

/** Trials that are alike are one. */
const keyOf = ({ server, form, load }: Trial): string =>
  `${server.name}${form === 'batch' ? ', in batches' : ''}, ${
    'connections' in load ? `${load.connections} at once` : `at ${load.share * 100}%`
  }`

const seconds = 0.9
const warmUpSeconds = 0.3
const warmUp = { connections: 64, seconds: 3 }

/** Measures all trials of these targets in turns, forth and back; what goes wrong is told of the targets that needed it. */
export async function takeTurns(
  targets: readonly TurnTarget[],
  ground: Ground,
): Promise<readonly (Found | Error)[]> {
  const trials = new Map(targets.flatMap((each) => each.trials.map((one) => [keyOf(one), one])))
  const running = new Map<Server, RunningServer>()
  const capacities = new Map<Server, number>()
  const failures = new Map<Server, Error>()
  const samples: Map<string, Sample>[] = []
  const { watch } = ground
  try {
    for (const { server } of trials.values()) {
      if (watch.signal.aborted || running.has(server) || failures.has(server)) continue
      watch.progress(`${server.name} warms up`)
      await guarded(server, async () => {
        const started = await server.start(ground)
        running.set(server, started)
        const { perSecond } = await ask(ground, server, started, 'single', warmUp)
        capacities.set(server, perSecond)
      })
    }
    for (let round = 0; round < ground.rounds; round++) {
      const own = new Map<string, Sample>()
      samples.push(own)
      const all = [...trials]
      for (const [key, { server, form, load }] of round % 2 === 0 ? all : all.toReversed()) {
        if (watch.signal.aborted || failures.has(server)) continue
        watch.progress(`round ${round + 1} of ${ground.rounds}: ${key}`)
        const loadNow =
          'connections' in load
            ? { ...load, seconds }
            : { perSecond: load.share * (capacities.get(load.of) ?? 0), seconds: 2 * seconds }
        await guarded(server, async () => {
          own.set(key, await ask(ground, server, running.get(server)!, form, loadNow))
        })
      }
    }
  } finally {
    await Promise.all([...running].map(([server, { stop }]) => guarded(server, stop)))
  }
  return targets.map((target) => foundOf(target, samples, failures))

  /** An end by the signal is no failure. */
  async function guarded(server: Server, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (!watch.signal.aborted) failures.set(server, error as Error)
    }
  }
}

/** A round counts for a target where all of its trials were measured in it. */
export function foundOf(
  { trials, figure }: TurnTarget,
  samples: readonly ReadonlyMap<string, Sample>[],
  failures: ReadonlyMap<Server, Error>,
): Found | Error {
  for (const { server } of trials) {
    const failure = failures.get(server)
    if (failure !== undefined) return failure
  }
  const rounds = samples
    .map((round) => trials.flatMap((each) => round.get(keyOf(each)) ?? []))
    .filter((round) => round.length === trials.length)
  return {
    rounds: rounds.map((round) => figure(round)),
    figures: trials.flatMap((each, at) =>
      shown
        .map(({ name, unit, valueOf }) => ({
          of: keyOf(each),
          name,
          unit,
          rounds: rounds.map((round) => valueOf(round[at]!)),
        }))
        .filter((one) => one.rounds.some((value) => value > 0)),
    ),
  }
}

const shown: readonly {
  readonly name: string
  readonly unit: string
  readonly valueOf: (sample: Sample) => number
}[] = [
  { name: 'CPU', unit: 'µs', valueOf: ({ cpuUs }) => cpuUs },
  { name: 'rate', unit: '/s', valueOf: ({ perSecond }) => perSecond },
  { name: 'p50', unit: 'ms', valueOf: ({ p50Us }) => p50Us / 1_000 },
  { name: 'p99', unit: 'ms', valueOf: ({ p99Us }) => p99Us / 1_000 },
  { name: 'client', unit: 'µs', valueOf: ({ clientCpuUs }) => clientCpuUs },
  { name: 'turned away', unit: '%', valueOf: ({ shed }) => shed * 100 },
]

type Load =
  | { readonly connections: number; readonly seconds: number }
  | { readonly perSecond: number; readonly seconds: number }

async function ask(
  ground: Ground,
  { name, pinned }: Server,
  { target, workload }: RunningServer,
  form: Form,
  load: Load,
): Promise<Sample> {
  const asking = {
    drive: ground.drive,
    target,
    workload: workload(form),
    ...(pinned && ground.cores && { generatorCore: ground.cores.generator }),
  }
  const quiet: Watch = { signal: ground.watch.signal, progress: () => undefined }
  const result =
    'connections' in load
      ? await ground.drive(
          {
            ...order(asking, { kind: 'closed', connections: load.connections }, load.seconds, 1e7, {
              warmUpSeconds,
              timeoutMs: 5_000,
            }),
            light: true,
          },
          quiet,
        )
      : await askOpen(asking, steady(load.perSecond, load.seconds), quiet, { warmUpSeconds })
  return sampleOf(name, result)
}

export function sampleOf(server: string, result: LoadResult): Sample {
  const [wrong] = result.wrong.examples
  if (wrong)
    throw new Error(
      `${server}: expected ${wrong.expected}, got ${wrong.actual} for ${wrong.signIn}`,
    )
  const { service, decisions, answered, unavailable, timeouts } = result
  if (result.interrupted) throw new Error(`${server}: ended early`)
  if (decisions === 0 || timeouts > 0)
    throw new Error(`${server}: ${answered} answers, ${timeouts} timeouts`)
  if (service === undefined) throw new Error(`${server}: its CPU time is not known on this system`)
  const perSecond = decisions / result.seconds
  return {
    cpuUs: (service.cpus * 1e6) / perSecond,
    perSecond,
    p50Us: result.latency.p50Us,
    p99Us: result.latency.p99Us,
    clientCpuUs: result.generator.cpuUsPerRequest,
    shed: unavailable / (answered + unavailable),
  }
}

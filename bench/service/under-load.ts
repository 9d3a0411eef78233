import { askOpen, steady, type Asking, type Watch } from '../runs/asking.ts'
import { overload, saturatedPerSecond } from '../runs/overload.ts'
import { service } from './servers.ts'
import type { Ground } from './ground.ts'
import type { Found, Target } from './target.ts'

export const halfTarget: Target = {
  name: 'half-p99',
  what: 'p99 at half of what it can take',
  atMost: 3,
  unit: 'ms',
  method:
    'Poisson arrivals at half of what 64 connections were answered, from the time at which each was due; server on one core, client on the other',
}

/** p99 of each round, from when requests were due. */
export async function halfP99(ground: Ground): Promise<Found> {
  const server = service('Portcullis', [], { pinned: true })
  const { target, workload, stop } = await server.start(ground)
  try {
    const asking = askingOf(ground, target, workload('single'))
    ground.watch.progress('half-p99: how much it can take')
    const perSecond = await saturatedPerSecond(asking, 4, quiet(ground))
    const [p99, sentP99, cpu]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < ground.rounds && !ground.watch.signal.aborted; round++) {
      ground.watch.progress(`half-p99: round ${round + 1} of ${ground.rounds}`)
      const result = await askOpen(asking, steady(perSecond / 2, 2), quiet(ground), {
        warmUpSeconds: 0.5,
      })
      if (result.interrupted) break
      p99.push(result.latency.p99Us / 1_000)
      sentP99.push(result.rawLatency.p99Us / 1_000)
      cpu.push(result.generator.cpuUsPerRequest)
    }
    return {
      rounds: p99,
      figures: [
        { name: 'it can take', rounds: [perSecond], unit: '/s' },
        { name: 'p99 from sending', rounds: sentP99, unit: 'ms' },
        { name: 'client CPU', rounds: cpu, unit: 'µs' },
      ],
    }
  } finally {
    await stop()
  }
}

export const overloadTarget: Target = {
  name: 'overload-p99',
  what: 'p99 of those admitted at 3 times what it can take',
  atMost: 50,
  unit: 'ms',
  method:
    'a pack of which a decision costs 200 µs, so that the client can ask three times as often as the service answers; Poisson arrivals for 10 s over at most 512 connections, from sending; server on one core, deciding on the thread that reads (--pool inline), client on the other; bench overload asks the pack itself',
}

export async function overloadP99(ground: Ground): Promise<Found> {
  const server = service('Portcullis, heavy', ['--pool', 'inline'], { pack: 'heavy', pinned: true })
  const { target, workload, stop } = await server.start(ground)
  try {
    const asking = askingOf(ground, target, workload('single'))
    const found = await overload(
      asking,
      { times: 3, seconds: 10, recoverySeconds: 8 },
      { ...ground.watch, progress: (text) => ground.watch.progress(`overload-p99: ${text}`) },
    )
    const { over, capacity, admittedPerSecond, shed, recoveredAfter } = found
    if (over.wrong.count > 0) throw new Error(`${over.wrong.count} wrong answers under overload`)
    if (over.answered === 0) throw new Error('nobody was admitted')
    const limited = over.generator.limitedBy
    return {
      rounds: [over.rawLatency.p99Us / 1_000],
      figures: [
        { name: 'it can take', rounds: [capacity], unit: '/s' },
        { name: 'admitted', rounds: [admittedPerSecond], unit: '/s' },
        { name: 'turned away', rounds: [shed * 100], unit: '%' },
        {
          name: 'p99 of those',
          rounds: over.shedLatency ? [over.shedLatency.p99Us / 1_000] : [],
          unit: 'ms',
        },
        { name: 'p99 from when it was due', rounds: [over.latency.p99Us / 1_000], unit: 'ms' },
        {
          name: 'recovered after',
          rounds: recoveredAfter === undefined ? [] : [recoveredAfter],
          unit: 's',
        },
        ...(limited === undefined
          ? []
          : [{ name: `client: ${limited}, busy`, rounds: [over.generator.busy * 100], unit: '%' }]),
      ],
    }
  } finally {
    await stop()
  }
}

const quiet = ({ watch: { signal } }: Ground): Watch => ({ signal, progress: () => undefined })

const askingOf = (
  { drive, cores }: Ground,
  target: Asking['target'],
  workload: Asking['workload'],
): Asking => ({ drive, target, workload, ...(cores && { generatorCore: cores.generator }) })

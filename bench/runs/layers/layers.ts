import type { LayersPart } from '../../report/document.ts'
import { randomFrom } from '../../random.ts'
import { median } from '../../statistics.ts'
import type { Watch } from '../asking.ts'
import { decidedOf } from './decided.ts'
import { echoLayer, serviceLayer } from './http-layer.ts'
import { insideLayer } from './inside-layer.ts'
import type { Ground, Layer, Round, Running } from './layer.ts'

/** From the inside out; what the service comes to do more is one more entry. */
export const layers: readonly Layer[] = [
  insideLayer('decide a sign-in that is parsed', { kind: 'decide' }),
  insideLayer('parse, decide, print', { kind: 'answer' }),
  insideLayer('on a worker thread, 64 a message', { kind: 'thread', texts: 64 }),
  insideLayer('on a worker thread, 8 a message', { kind: 'thread', texts: 8 }),
  insideLayer('on a worker thread, 1 a message', { kind: 'thread', texts: 1 }),
  serviceLayer('over HTTP'),
  echoLayer('node:http that echoes JSON', 'echo-node'),
  echoLayer('Hono that echoes JSON', 'echo-hono'),
]

/** About a minute, and half of it for warming up. */
export const usualLayers = { rounds: 5, connections: 64, seconds: 1, warmUpSeconds: 2 }

/** Measures each layer in turns, in an order shuffled for every round, and gives the medians of the rounds. */
export async function measureLayers(
  asked: Ground,
  rounds: number,
  watch: Watch,
): Promise<LayersPart> {
  const ground = { ...asked, workload: decidedOf(asked.workload) }
  const running: { readonly layer: Layer; readonly run: Running; readonly rounds: Round[] }[] = []
  const random = randomFrom(ground.workload.seed)
  try {
    for (const layer of layers) {
      if (watch.signal.aborted) break
      watch.progress(`${layer.name} warms up`)
      running.push({ layer, run: await layer.start(ground, watch), rounds: [] })
    }
    for (let round = 0; round < rounds; round++)
      for (const each of random.shuffled(running)) {
        if (watch.signal.aborted) break
        watch.progress(`round ${round + 1} of ${rounds}: ${each.layer.name}`)
        each.rounds.push(await each.run.round(watch))
      }
  } catch (error) {
    if (!watch.signal.aborted) throw error // what is ended early may have nothing to say
  } finally {
    await Promise.all(running.map(({ run }) => run.stop()))
  }
  return {
    kind: 'layers',
    title: 'Where a microsecond goes',
    rows: running
      .filter((each) => each.rounds.length > 0)
      .map(({ layer, rounds: measured }) => ({
        layer: layer.name,
        ...mediansOf(measured),
        ...(layer.ceiling && { ceiling: true }),
      })),
    scaling: [],
  }
}

const mediansOf = (rounds: readonly Round[]): Round => ({
  cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  p50Us: median(rounds.map(({ p50Us }) => p50Us)),
  p99Us: median(rounds.map(({ p99Us }) => p99Us)),
})

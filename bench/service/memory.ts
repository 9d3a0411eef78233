import { setTimeout as delay } from 'node:timers/promises'
import { residentBytes, watchMemory, type Memory } from '../load/memory.ts'
import { median } from '../statistics.ts'
import { askOpen, steady } from '../runs/asking.ts'
import { saturatedPerSecond } from '../runs/overload.ts'
import { service } from './servers.ts'
import type { Ground } from './ground.ts'
import { NotHere, type Found, type Target } from './target.ts'

export const idleTarget: Target = {
  name: 'rss-idle',
  what: 'resident memory of the whole process, idle',
  atMost: 130,
  unit: 'MB',
  method:
    'the service as it is started, with its worker threads, 3 s after it says that it decides',
}

export const flatTarget: Target = {
  name: 'rss-flat',
  what: 'resident memory under load: last third of the run ÷ middle third',
  atMost: 1.05,
  unit: '×',
  method:
    'Poisson arrivals at 70% of what it can take for 30 s after 8 s of the same; looked at every half second; medians of the thirds; the ten minutes are portcullis bench soak',
}

const mustKnow = (rssBytes: number | undefined): number => {
  if (rssBytes === undefined) throw new NotHere('this system does not tell the memory of a process')
  return rssBytes
}

export async function idleMemory(ground: Ground): Promise<Found> {
  const rounds: number[] = []
  for (let round = 0; round < Math.min(3, ground.rounds) && !ground.watch.signal.aborted; round++) {
    ground.watch.progress(`rss-idle: round ${round + 1}`)
    const { target, stop } = await service('Portcullis').start(ground)
    try {
      await delay(3_000)
      rounds.push(mustKnow(residentBytes(target.pid!)) / 1e6)
    } finally {
      await stop()
    }
  }
  return { rounds, figures: [] }
}

const [warmUpSeconds, seconds, everyMs] = [8, 30, 500]

export async function flatMemory(ground: Ground): Promise<Found> {
  const { drive, watch } = ground
  const { target, workload, stop } = await service('Portcullis').start(ground)
  try {
    const asking = { drive, target, workload: workload('single') }
    const quiet = { signal: watch.signal, progress: () => undefined }
    watch.progress('rss-flat: how much it can take')
    const perSecond = await saturatedPerSecond(asking, 3, quiet)
    watch.progress(`rss-flat: ${warmUpSeconds + seconds} s of load`)
    mustKnow(residentBytes(target.pid!))
    const { seen, stop: stopLooking } = watchMemory(target.pid!, everyMs)
    try {
      await askOpen(asking, steady(perSecond * 0.7, warmUpSeconds + seconds), quiet)
    } finally {
      stopLooking()
    }
    return flatnessOf(seen.filter(({ second }) => second >= warmUpSeconds))
  } finally {
    await stop()
  }
}

/** The median of the last third ÷ that of the middle one. */
export function flatnessOf(seen: readonly Memory[]): Found {
  const bytes = seen.map(({ rssBytes }) => rssBytes)
  if (bytes.length < 6) return { rounds: [], figures: [] }
  const third = Math.floor(bytes.length / 3)
  const [middle, last] = [bytes.slice(third, 2 * third), bytes.slice(2 * third)].map(median)
  return {
    rounds: [last! / middle!],
    figures: [
      { name: 'middle third', rounds: [middle! / 1e6], unit: 'MB' },
      { name: 'last third', rounds: [last! / 1e6], unit: 'MB' },
    ],
  }
}

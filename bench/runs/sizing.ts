import { availableParallelism } from 'node:os'
import type { LoadResult } from '../load/result.ts'
import type { Part } from '../report/document.ts'
import { rounded } from '../table.ts'
import { askClosed, askOpen, steady, type Asking, type Watch } from './asking.ts'
import { capacityText, findCapacity } from './capacity.ts'

export type SizingPlan = {
  /** Connections kept busy, one run each; the last finds the most that the service can do. */
  readonly connections: readonly number[]
  readonly closedSeconds: number
  readonly warmUpSeconds: number
  readonly probeSeconds: number
  readonly confirmSeconds: number
  readonly searchSeconds: number
  readonly halfSeconds: number
}

export const sizingPlans = {
  full: {
    connections: [1, 8, 64],
    closedSeconds: 10,
    warmUpSeconds: 5,
    probeSeconds: 5,
    confirmSeconds: 30,
    searchSeconds: 240,
    halfSeconds: 30,
  },
  /** Less than a minute in all. */
  quick: {
    connections: [1, 8, 64],
    closedSeconds: 2,
    warmUpSeconds: 1,
    probeSeconds: 1.5,
    confirmSeconds: 4,
    searchSeconds: 27,
    halfSeconds: 4,
  },
} as const satisfies Readonly<Record<string, SizingPlan>>

/** How much a service can do, how soon it answers at half of that, and what it costs; and the same in one sentence. */
export async function size(
  asking: Asking,
  limitUs: number,
  plan: SizingPlan,
  watch: Watch,
): Promise<{ readonly parts: readonly Part[]; readonly headline: string }> {
  const parts: Part[] = []
  let saturated: LoadResult | undefined
  for (const [at, connections] of plan.connections.entries()) {
    if (watch.signal.aborted) break
    watch.progress(`${connections} connections, as fast as they are answered`)
    saturated = await askClosed(asking, connections, plan.closedSeconds, watch, {
      warmUpSeconds: at === 0 ? plan.warmUpSeconds : plan.warmUpSeconds / 2,
    })
    const title = `${connections} ${connections === 1 ? 'connection' : 'connections'}, as fast as they are answered`
    parts.push({ kind: 'load', title, result: saturated })
  }
  if (saturated === undefined || watch.signal.aborted)
    return { parts, headline: interrupted(saturated) }

  const capacity = await findCapacity(
    asking,
    {
      limitUs,
      startPerSecond: Math.max(10, saturated.perSecond / 2),
      probeSeconds: plan.probeSeconds,
      confirmSeconds: plan.confirmSeconds,
      mostSeconds: plan.searchSeconds,
    },
    watch,
  )
  parts.push(capacity)
  if (watch.signal.aborted) return { parts, headline: interrupted(saturated) }
  const rate = capacity.perSecond ?? capacity.confirmation?.perSecond
  if (rate === undefined) return { parts, headline: sentence(capacityText(capacity), saturated) }

  watch.progress('half of that')
  const half = await askOpen(asking, steady(rate / 2, plan.halfSeconds), watch, {
    warmUpSeconds: plan.warmUpSeconds,
  })
  parts.push({ kind: 'load', title: 'At half of what it can take', result: half })
  return { parts, headline: sentence(capacityText(capacity), saturated, half) }
}

/** Where no rate is known, what it did without a limit is; CPU time is told at work too, where requests share less. */
function sentence(capacity: string, saturated: LoadResult, half?: LoadResult): string {
  const cores = availableParallelism()
  const machine = `on this machine (${cores} ${cores === 1 ? 'core' : 'cores'}, shared with the generator)`
  const most = half ? '' : `; without a limit it answered ${rounded(saturated.perSecond)} a second`
  const [full, atHalf] = [saturated, half].map((result) => result?.service)
  const cost =
    full === undefined
      ? ''
      : `; ${rounded(Math.round(full.cpuUsPerRequest))} µs of service CPU each${atHalf ? `, ${rounded(Math.round(atHalf.cpuUsPerRequest))} at half of that rate` : ''}, ${rounded(full.rssBytes / 1e6)} MB`
  return `${capacity} ${machine}${most}${cost}`
}

const interrupted = (last: LoadResult | undefined): string =>
  last === undefined
    ? 'ended before anything was measured'
    : `ended early: ${rounded(last.perSecond)} answers a second so far`

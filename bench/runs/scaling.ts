import type { ScalingFit } from '../report/document.ts'
import { median } from '../statistics.ts'
import { askClosed, type Watch } from './asking.ts'
import type { Ground } from './layers/layer.ts'
import { fitScaling } from './usl.ts'

/** What a service may have several of, and the arguments of `serve` that say how many. */
export type Dimension = {
  readonly of: string
  readonly args: (count: number) => readonly string[]
}
const dimensions: readonly Dimension[] = [
  { of: 'worker threads', args: (count) => ['--threads', String(count)] },
  { of: 'listeners', args: (count) => ['--listeners', String(count)] },
]

const counts = [1, 2, 3, 4]

export type Scaled = Pick<
  Ground,
  'drive' | 'startService' | 'pack' | 'workload' | 'connections' | 'seconds'
>

/**
 * How much more is decided with more of each dimension: services with 1 to 4 of it, asked in turns as fast as they answer. They
 * are not pinned, since what is added needs cores to run on.
 */
export async function measureScaling(
  { drive, startService, pack, workload, connections, seconds }: Scaled,
  rounds: number,
  watch: Watch,
): Promise<readonly ScalingFit[]> {
  const fits: ScalingFit[] = []
  for (const { of, args } of dimensions) {
    const running: {
      readonly n: number
      readonly service: Awaited<ReturnType<typeof startService>>
      readonly rates: number[]
    }[] = []
    try {
      for (const n of counts)
        running.push({ n, service: await startService({ pack, args: args(n) }), rates: [] })
      // the first round is for warming up
      for (let round = 0; round <= rounds; round++)
        for (const { n, service, rates } of round % 2 === 0 ? running : running.toReversed()) {
          if (watch.signal.aborted) break
          watch.progress(`${n} ${of}, round ${round} of ${rounds}`)
          const target = { url: service.url, protocol: 'portcullis', pid: service.pid } as const
          const asking = { drive, target, workload }
          const result = await askClosed(asking, connections, seconds, watch, {
            warmUpSeconds: 0.3,
          })
          if (round > 0 && !result.interrupted) rates.push(result.decisions / result.seconds)
        }
    } finally {
      await Promise.all(running.map(({ service }) => service.stop()))
    }
    const points = running
      .filter(({ rates }) => rates.length > 0)
      .map(({ n, rates }) => ({ n, perSecond: median(rates) }))
      .filter(({ perSecond }) => perSecond > 0) // no law holds for one that answers nothing
    if (points.length > 0) fits.push(fitScaling(of, points))
  }
  return fits
}

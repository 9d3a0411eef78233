import type { LoadResult } from '../load/result.ts'
import type { Part, Verdict } from '../report/document.ts'
import { rounded } from '../table.ts'

export type Thresholds = {
  /** No open loop may have a higher p99, in microseconds. */
  readonly maxP99Us?: number
  /** The capacity that was searched, or where none was, what each run answered, in requests a second. */
  readonly minPerSecond?: number
}

/** What was asked of the run, and whether it holds. Wrong answers always break it. */
export function thresholdVerdicts(
  parts: readonly Part[],
  { maxP99Us, minPerSecond }: Thresholds,
): readonly Verdict[] {
  const loads = loadsOf(parts)
  const capacities = parts.filter((part) => part.kind === 'capacity')
  const wrong = loads.reduce((sum, { result }) => sum + result.wrong.count, 0)
  const open = loads.filter(({ result }) => result.loop.kind === 'open')
  const rates =
    capacities.length > 0
      ? capacities.map(({ title, perSecond }) => ({ title, perSecond: perSecond ?? 0 }))
      : loads.map(({ title, result }) => ({ title, perSecond: result.perSecond }))
  return [
    ...(loads.length === 0
      ? []
      : [{ what: 'wrong answers', measured: rounded(wrong), wanted: '0', met: wrong === 0 }]),
    ...(maxP99Us === undefined
      ? []
      : open.map(({ title, result }) => ({
          what: `p99: ${title}`,
          ...p99Of(result, maxP99Us),
          wanted: `at most ${milliseconds(maxP99Us)}`,
        }))),
    ...(minPerSecond === undefined
      ? []
      : rates.map(({ title, perSecond }) => ({
          what: `rate: ${title}`,
          measured: `${rounded(perSecond)} a second`,
          wanted: `at least ${rounded(minPerSecond)} a second`,
          met: perSecond >= minPerSecond,
        }))),
  ]
}

/** Requests that failed without a time are slower than all others, or failing would look fast. */
function p99Of(
  { latency: { count, p99Us }, connectionErrors, unavailable }: LoadResult,
  mostUs: number,
): Pick<Verdict, 'measured' | 'met'> {
  const failed = connectionErrors + unavailable
  const isWithout = count === 0 || failed * 100 > count + failed
  return {
    measured: isWithout
      ? `none: ${rounded(failed)} of ${rounded(count + failed)} failed`
      : milliseconds(p99Us),
    met: !isWithout && p99Us <= mostUs,
  }
}

/** All runs of the load generator that parts hold. */
export const loadsOf = (
  parts: readonly Part[],
): readonly { readonly title: string; readonly result: LoadResult }[] =>
  parts.flatMap((part) =>
    part.kind === 'load'
      ? [part]
      : part.kind === 'capacity' && part.confirmation
        ? [{ title: part.title, result: part.confirmation }]
        : [],
  )

const milliseconds = (us: number): string => `${rounded(us / 1_000)} ms`

import type { LoadResult } from '../../load/result.ts'
import type { Figure } from './figure.ts'
import { histogram } from './histogram.ts'
import { percentiles } from './percentiles.ts'
import { timeSeries } from './time-series.ts'

export const loadFigures = (result: LoadResult): readonly Figure[] => [
  ...(result.latency.count > 0 ? [percentiles(result), histogram(result)] : []),
  ...(result.series.length > 0 ? [timeSeries(result.series)] : []),
]

import type { LoadOrder } from './order.ts'
import type { Exchange } from './protocol.ts'
import type { LoadResult } from './result.ts'
import type { Tally } from './tally.ts'
import type { Used } from './watch.ts'

/** What a loop is given: an order, its questions made ready, and where to count. */
export type Run = {
  readonly order: LoadOrder
  readonly exchanges: readonly Exchange[]
  readonly tally: Tally
  /** Ends it at once; what is under way is not waited for. */
  readonly signal: AbortSignal
  /** Called a moment before what is measured begins. */
  readonly onMeasuring: () => void
}

/** What a loop says of itself when it is over. */
export type RunFigures = {
  readonly planned: number
  /** When what is measured began, in milliseconds since 1970. */
  readonly fromMs: number
  /** How long was measured, until the last request was due. */
  readonly seconds: number
  readonly used: Used
  /** Open loop: answers that came in that time, whenever they were asked for. */
  readonly served?: number
  readonly interrupted: boolean
  readonly lateness?: LoadResult['latency']
  readonly late: number
  /** Planned requests whose turn had not come when the plan was over, since the generator was behind. */
  readonly behind: number
}

/** The service's figures are read so long before what is measured begins: reading them makes callers wait. */
export const leadMs = 250

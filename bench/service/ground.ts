import type { Target as Asked } from '../load/order.ts'
import type { startService } from '../load/service.ts'
import type { Workload } from '../load/workload.ts'
import type { PackFrom } from '../peers/peer.ts'
import type { Drive, Watch } from '../runs/asking.ts'
import type { Cores } from '../runs/cores.ts'
import type { HeavyPack } from './heavy-pack.ts'

/** What everything is measured with. */
export type Ground = {
  readonly drive: Drive
  readonly startService: typeof startService
  readonly source: PackFrom
  readonly seed: number
  readonly rounds: number
  /** One for what is pinned, one for its client; missing where there is but one. */
  readonly cores?: Cores
  /** Made when it is first wanted. */
  readonly heavy: () => Promise<HeavyPack>
  readonly watch: Watch
}

/** Questions by how they are asked. */
export type Form = 'single' | 'batch'

export type RunningServer = {
  readonly target: Asked
  readonly workload: (form: Form) => Workload
  readonly stop: () => Promise<void>
}

/** Something that answers over HTTP, and how it is started. */
export type Server = {
  readonly name: string
  /** Has one core, and its client another; else they share all. */
  readonly pinned: boolean
  /** Throws `NotHere` where it is not on this machine. */
  readonly start: (ground: Ground) => Promise<RunningServer>
}

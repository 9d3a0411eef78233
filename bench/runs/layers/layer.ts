import type { RuleSet } from '../../../engine/index.ts'
import type { startService } from '../../load/service.ts'
import type { Workload } from '../../load/workload.ts'
import type { Drive, Watch } from '../asking.ts'
import type { Cores } from '../cores.ts'

/** What all layers are measured with. */
export type Ground = {
  readonly drive: Drive
  readonly startService: typeof startService
  /** Name of a built-in pack, or path of a pack folder: the one of the rule set. */
  readonly pack: string
  readonly ruleSet: RuleSet
  readonly workload: Workload
  /** Decisions of a round over HTTP are asked over so many connections, each as fast as it is answered. */
  readonly connections: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Where the deciding process is pinned, and where the generator is. */
  readonly cores?: Cores
}

/** One round of a layer. */
export type Round = {
  /** Of the process that decides, a decision, in microseconds. */
  readonly cpuUs: number
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
}

export type Running = {
  readonly round: (watch: Watch) => Promise<Round>
  readonly stop: () => Promise<void>
}

/** A part of the service, from the inside out, in a process of its own. */
export type Layer = {
  readonly name: string
  readonly ceiling?: true
  /** Starts it, checks its answers, and warms it up. Rejects where an answer is wrong. */
  readonly start: (ground: Ground, watch: Watch) => Promise<Running>
}

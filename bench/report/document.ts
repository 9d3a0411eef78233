import type { EngineResult } from '../engine/engine.ts'
import type { LoadResult } from '../load/result.ts'

/** What a run of `portcullis bench` found: what every report is made of, and the JSON that `--json` writes. */
export type BenchDocument = {
  readonly format: 'portcullis-bench/1'
  /** ISO 8601. */
  readonly startedAt: string
  /** The command line, without paths of this machine. */
  readonly command: string
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly memoryBytes: number
    readonly system: string
    readonly node: string
  }
  /** Version and git commit of Portcullis, as far as known; `changed` when the work tree differs from the commit. */
  readonly portcullis: {
    readonly version: string
    readonly commit?: string
    readonly changed?: boolean
  }
  readonly ruleSet?: { readonly id: string; readonly revision: string }
  readonly seed: number
  /** The answer in one sentence; says first when the generator was what limited a run. */
  readonly headline: string
  readonly parts: readonly Part[]
  /** Thresholds that were asked for, and whether they hold; one that does not makes the exit code 1. */
  readonly verdicts: readonly Verdict[]
}

export type Verdict = {
  readonly what: string
  readonly measured: string
  readonly wanted: string
  readonly met: boolean
}

/** One thing that was measured. Each kind has its way of being shown in each report. */
export type Part =
  | { readonly kind: 'load'; readonly title: string; readonly result: LoadResult }
  | CapacityPart
  | LayersPart
  | ComparisonPart
  | PeersPart
  | TransportPart
  | TargetsPart
  | SoakPart
  | { readonly kind: 'engine'; readonly title: string; readonly result: EngineResult }

/** The highest rate at which callers wait no longer than the limit. */
export type CapacityPart = {
  readonly kind: 'capacity'
  readonly title: string
  readonly limit: { readonly percentile: 'p99'; readonly us: number }
  /** In the order in which rates were tried. */
  readonly steps: readonly {
    readonly perSecond: number
    readonly p50Us: number
    readonly p99Us: number
    readonly met: boolean
    /** Why it was not met, where that is not the latency: errors, timeouts, drops, a generator that was too slow. */
    readonly because?: string
  }[]
  /** Missing when no rate met the limit, or when the generator was the limit. */
  readonly perSecond?: number
  readonly confirmation?: LoadResult
}

/** Where a microsecond goes: the same decisions through ever more of the service, in turns within one run. */
export type LayersPart = {
  readonly kind: 'layers'
  readonly title: string
  readonly rows: readonly {
    readonly layer: string
    /** CPU time of the process that decides, a decision. */
    readonly cpuUs: number
    readonly perSecond: number
    readonly p50Us: number
    readonly p99Us: number
    /** A bare runtime that does no deciding: what could be reached at most. */
    readonly ceiling?: true
  }[]
  readonly scaling: readonly ScalingFit[]
}

/** Universal Scalability Law: throughput of n is n·a / (1 + s·(n − 1) + k·n·(n − 1)). */
export type ScalingFit = {
  /** What was added: worker threads, listeners. */
  readonly of: string
  readonly points: readonly { readonly n: number; readonly perSecond: number }[]
  readonly perSecondOfOne: number
  readonly contention: number
  readonly crosstalk: number
  /** Beyond it more make it slower; missing where that is not in sight. */
  readonly best?: number
}

/** A and B, measured in turns. */
export type ComparisonPart = {
  readonly kind: 'comparison'
  readonly title: string
  readonly a: string
  readonly b: string
  readonly pairs: number
  readonly rows: readonly {
    readonly metric: string
    readonly unit: string
    /** Whether more is better. */
    readonly better: 'more' | 'less'
    readonly medianA: number
    readonly medianB: number
    /** B ÷ A − 1, middle of the pairs (Hodges-Lehmann), with an interval: all of a table hold together with 95% confidence. */
    readonly change: number
    readonly low: number
    readonly high: number
    /** Of the Mann-Whitney test, which does not know what is a pair. */
    readonly p: number
    /** `~` where no difference was found: the interval holds 0, which is Wilcoxon's test of the pairs. */
    readonly verdict: '~' | 'better' | 'worse'
  }[]
  /** All pairs, for plots: the values of each metric in the order of `rows`. */
  readonly values: readonly { readonly a: readonly number[]; readonly b: readonly number[] }[]
}

/** The same decisions by other decision points over HTTP on the same machine. */
export type PeersPart = {
  readonly kind: 'peers'
  readonly title: string
  readonly rows: readonly {
    readonly peer: string
    /** Why it could not take part; all figures are missing then. */
    readonly cannot?: string
    /** In what it does less or other than ours. */
    readonly note?: string
    readonly checked?: number
    readonly cpuUs?: number
    /** At full speed. */
    readonly perSecond?: number
    /** Requests a second at which latencies were measured; less than the others' for a peer that could not carry theirs. */
    readonly atPerSecond?: number
    readonly p50Us?: number
    readonly p99Us?: number
    readonly p999Us?: number
    readonly rssBytes?: number
    /** CPU time a decision ÷ ours, median of the rounds. */
    readonly timesOurs?: number
  }[]
}

/** Ways to bring questions to another thread and their answers back, in turns within one run; CPU and time a decision. */
export type TransportPart = {
  readonly kind: 'transport'
  readonly title: string
  readonly rows: readonly {
    readonly contender: string
    /** Questions in one message. */
    readonly together: number
    readonly askingUs: number
    readonly bothUs: number
    readonly wallUs: number
  }[]
}

/** What a service has to reach, and whether it does. */
export type TargetsPart = {
  readonly kind: 'targets'
  readonly title: string
  readonly rows: readonly {
    /** By which `--only` asks for it. */
    readonly name: string
    readonly what: string
    readonly wanted: string
    readonly unit: string
    /** The median of the rounds, and the lowest and the highest of them; missing where nothing was measured. */
    readonly value?: number
    readonly least?: number
    readonly most?: number
    readonly rounds: number
    readonly met?: boolean
    /** Why nothing was measured. */
    readonly cannot?: string
    /** How it is measured, in one line. */
    readonly method: string
    /** What the figure was made of, medians of the rounds. */
    readonly figures: readonly {
      /** Who was measured, where there are several. */
      readonly of?: string
      readonly name: string
      readonly value: number
      readonly unit: string
    }[]
  }[]
}

/** What happened to a service while it was asked for long; times in seconds since the start. */
export type SoakPart = {
  readonly kind: 'soak'
  readonly title: string
  readonly memory: readonly { readonly second: number; readonly rssBytes: number }[]
  /** By how much memory grew, after the warm-up; missing where too little was seen. */
  readonly bytesPerMinute?: number
  readonly swaps: readonly {
    readonly second: number
    /** Until all decided by it. */
    readonly ms: number
    readonly failed?: string
  }[]
  readonly kills: readonly number[]
  /** Answers by the rule set before, to requests that were sent after a swap was made. */
  readonly stale: number
  /** What the service said, each line once. */
  readonly said: readonly { readonly line: string; readonly count: number }[]
}

import type { MessagePort } from 'node:worker_threads'
import type { Decision, DecisionBody, RuleSet } from '../../engine/index.ts'
import type { LogFields } from '../log.ts'
import type { Compared, Kind, RuleChange } from './compare.ts'

/** What is compared with what is told, and where it is counted. */
export type Watch = {
  /** Tells this watch from those before, whose examples may still be on their way. */
  readonly id: number
  /** The rule set by which decisions are told. */
  readonly live: RuleSet
  readonly comparisons: readonly {
    readonly kind: Kind
    /** The candidate; for rules that only report, the live one. */
    readonly ruleSet: RuleSet
    readonly counts: SharedArrayBuffer
  }[]
  readonly tally: SharedArrayBuffer
}

/** What the thread that compares is started with. */
export type Start = {
  readonly rings: readonly SharedArrayBuffer[]
  readonly watch: Watch
  /** Where a line goes for each difference. */
  readonly file?: ShadowFile
  /** JSON pointers of what is left out of sign-ins, in lines and examples. */
  readonly mask: readonly string[]
  readonly main: MessagePort
}

/** The shadow log; the sizes are those of `FileOptions`. */
export type ShadowFile = {
  readonly path: string
  readonly maxBytes: number
  readonly keep: number
}

/** From the main thread to the thread that compares. */
export type Order =
  | { readonly kind: 'ping' }
  | { readonly kind: 'watch'; readonly watch: Watch }
  /** Compares what waits, but for no more than so many milliseconds, and ends. */
  | { readonly kind: 'stop'; readonly withinMs: number }

/** From the thread that compares to the main thread. */
export type Report =
  | { readonly kind: 'started' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'log'; readonly line: string; readonly fields?: LogFields }
  | { readonly kind: 'examples'; readonly watch: number; readonly examples: Examples }

export type Examples = Readonly<Record<Kind, readonly Example[]>>

/** One of the last differences; nobody is named in it. */
export type Example = Omit<Compared, 'rules'> & {
  readonly decisionId: string
  readonly evaluatedAt: string
  readonly rules: readonly RuleChange[]
  readonly live: Shown
  readonly candidate: Shown | { readonly refused: readonly { pointer: string; expected: string }[] }
  readonly facts: Readonly<Record<string, unknown>>
}

export type Shown = Pick<Decision, 'outcome' | 'requirements' | 'reasons' | 'advice'>

/** A decision as it is told has its id and time too. */
export type Told = DecisionBody & { readonly decisionId: string; readonly evaluatedAt: string }

import type { DecisionBody, Envelope, Explanation, SentSignIn } from '../engine/index.ts'
import type { Problem } from './error.ts'

/** A sign-in as it is asked about: facts by area, and who and where, which no rule sees. */
export type SignInQuestion = SentSignIn & { readonly envelope?: Envelope }

/** A decision with its id and time (ISO 8601). */
export type DecisionAnswer = DecisionBody & {
  readonly decisionId: string
  readonly evaluatedAt: string
}

/** What became of one sign-in of a batch. */
export type BatchItem = { readonly index: number } & (DecisionAnswer | Problem)

/** Why a sign-in would be decided so. It is no decision. */
export type ExplanationAnswer = Explanation & {
  readonly decision: DecisionBody & { readonly evaluatedAt: string }
}

/** The rules that decide. */
export type RuleSetAnswer = {
  readonly id: string
  readonly title: string
  readonly revision: string
  readonly description: string
  readonly controls: Readonly<Record<string, string>>
  readonly sources: Readonly<
    Record<string, { readonly title: string; readonly date: string; readonly url?: string }>
  >
  readonly rules: readonly RuleAnswer[]
  readonly reportRules: readonly RuleAnswer[]
}

/** How the service is as a whole; parts that are switched on add members of their own. */
export type StatusAnswer = {
  readonly version: string
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly ruleSet: {
    readonly id: string
    readonly title: string
    readonly revision: string
    readonly rules: number
    readonly since: string
    readonly by: string
  }
  readonly lastReload: LastReload | null
  readonly [part: string]: unknown
}

/** How the last attempt to change what decides went. */
type LastReload = {
  readonly ok: boolean
  readonly at: string
  readonly by: string
  readonly detail: string
}

/** A rule set decides, everywhere; `changed` is false if it did already. */
export type ActivationAnswer = {
  readonly activated: true
  readonly changed: boolean
  readonly from: string
  readonly to: string
  readonly ms: number
}

/** Rule sets that are kept, and what decided when, the last first. */
export type RevisionsAnswer = {
  readonly revisions: readonly {
    readonly revision: string
    readonly id: string
    readonly isLive: boolean
    readonly lastActivatedAt: string
    readonly by: string
  }[]
  readonly history: readonly {
    readonly at: string
    readonly by: string
    readonly from: string | null
    readonly to: string
    readonly id: string
  }[]
}

/** What a candidate in the shadow, and rules that only report, would have decided otherwise. */
export type ShadowAnswer = {
  readonly live: RuleSetNamed
  readonly since: string | null
  readonly candidate: (RuleSetNamed & ShadowCounts) | null
  readonly reportRules: ({ readonly names: readonly string[] } & ShadowCounts) | null
  readonly skipped: { readonly full: number; readonly lost: number; readonly otherRevision: number }
  /** Differences that the shadow log did not take. */
  readonly notLogged: number
  readonly errors: number
  readonly waitingBytes: number
  readonly restarts: number
}
type RuleSetNamed = { readonly id: string; readonly title: string; readonly revision: string }
type Transition = { readonly from: string; readonly to: string; readonly count: number }
type ShadowCounts = {
  readonly compared?: number
  readonly differing?: number
  readonly outcomes?: readonly Transition[]
  readonly rules?: readonly (Transition & { readonly rule: string; readonly change: string })[]
  readonly rulesNotShown?: number
  readonly examples?: readonly {
    readonly decisionId: string
    readonly evaluatedAt: string
    readonly from: string
    readonly to: string
    readonly facts: object
  }[]
}

type RuleAnswer = {
  readonly name: string
  readonly title: string
  readonly control: string
  readonly source: string
  readonly conditions: object
  readonly event: { readonly type: string; readonly params: object }
}

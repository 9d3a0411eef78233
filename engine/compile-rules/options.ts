/** What rules are compiled with, beside themselves. */
export type CompileRulesOptions = {
  /**
   * What a fact that is not there means: `true`, it is undefined; `false`, evaluation fails with `Undefined fact: X` and the
   * code UNDEFINED_FACT. json-rules-engine's default is `false`; here it has to be said.
   */
  readonly allowUndefinedFacts: boolean
  /** A reference to a shared condition that is not there never holds, instead of failing. */
  readonly allowUndefinedConditions?: boolean
  /** A parameter of an event that is `{ fact, path? }` becomes that fact, also for rules that do not hold. */
  readonly replaceFactsInEventParams?: boolean
  /** Facts that every run has unless it brings its own (`addFact`). They are kept, not copied. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Priorities of those facts (`addFact(…, { priority })`): what a comparison without one is put in order by. */
  readonly factPriorities?: Readonly<Record<string, number>>
  /** Shared conditions by name (`setCondition`). */
  readonly conditions?: Readonly<Record<string, unknown>>
}

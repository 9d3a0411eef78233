/** The front door: what the rest of the house may use. Other folders import from here and from no file inside. */
export {
  answer,
  isNotJson,
  decisionBody,
  load,
  readSignIn,
  type Answer,
  type DecisionBody,
  type Loaded,
} from './answer.ts'
export { answerSchemas } from './answer-schemas.ts'
export { differences, type Case } from './case.ts'
export { clientAppAliases } from './client-apps.ts'
export { compile, compiler, strategies, type Deciding, type Strategy } from './compile/compile.ts'
export {
  compileRules,
  refused,
  RefusedRules,
  type CompiledRules,
  type CompileRulesOptions,
  type ConditionJson,
  type RuleEvent,
  type RuleResultJson,
  type RunResult,
} from './compile-rules/compile-rules.ts'
export { plan, type Plan } from './compile/plan.ts'
export { tracer, type ConditionTrace, type RuleTrace, type Traced } from './compile/trace.ts'
export {
  comparisonsOf,
  inWords,
  referencesOf,
  type Comparison,
  type Condition,
} from './condition.ts'
export { factTable, type CustomFact } from './custom-facts.ts'
export {
  inline,
  Unavailable,
  type AtOnce,
  type Commit,
  type Decider,
  type DeciderState,
} from './decider.ts'
export {
  atLeastAsStrict,
  combine,
  effects,
  outcomes,
  requirements,
  type Advice,
  type Decide,
  type Decision,
  type Effect,
  type Event,
  type Outcome,
  type Reason,
  type Requirement,
  type Rule,
} from './decision.ts'
export { explainer, type Explain, type Explanation } from './explain/explain.ts'
export type {
  SharedCondition,
  ShownComparison,
  ShownCondition,
  ShownRule,
} from './explain/shown.ts'
export type { WouldBe } from './explain/would-be.ts'
export { facts, type FactSpec, type FactTable, type SentSignIn, type SignIn } from './facts.ts'
export { didYouMean, faultText, pointerTo, show, type Fault, type Location } from './fault.ts'
export { interpret } from './interpret.ts'
export { keeps, type Invariant, type Promised } from './invariant.ts'
export {
  expectedValue,
  parseValue,
  printValue,
  shapeOf,
  type FactValue,
  type JsonSchema,
  type Kind,
} from './kinds.ts'
export type { Document, Override, PackSource } from './layer.ts'
export { afterSignIn, entryEnd, entryStart, hasAllFacts, type LogEntry } from './log-entry.ts'
export { decorators, operators, resolveOperator } from './operators.ts'
export { parsePack, type Pack, type ParsedPack } from './pack.ts'
export { burst } from './pool/burst.ts'
export { onThread, type Where } from './pool/on-thread.ts'
export type { PoolOptions } from './pool/options.ts'
export { moduleBeside } from './module-beside.ts'
export { mostOfBatches, places } from './pool/places.ts'
export { pooled } from './pool/pool.ts'
export { reader, type Reader } from './reader.ts'
export { canonical, enforced, factsDigest, factsRead, type RuleSet } from './rule-set.ts'
export { schemas } from './schemas.ts'
export { selfTest, type Finding } from './self-test.ts'
export { readSource, type Source } from './source.ts'
export { parseAccepted, type AcceptedChange } from './verify/acceptance.ts'
export { labelOf, type Change } from './verify/change.ts'
export { diff, type Compared, type Diff } from './verify/diff.ts'
export { looseningTried } from './loosening-tried.ts'
export { loosening, type Loosening } from './verify/loosening.ts'
export { leftOutOtherwise, type LeftOut } from './verify/left-out.ts'
export { lint, type Lint, type Needless } from './verify/lint.ts'
export { pairLaws, pairVerdicts, type Pair, type PairVerdict } from './verify/pairs.ts'
export { conditionChanges, ruleChanges, type RuleChange } from './verify/rule-changes.ts'
export { changeShower, placesIn, type ShownChange } from './verify/shown-change.ts'
export type { ShownFact } from './verify/shown-fact.ts'
export type { ShownWitness } from './verify/shown-witness.ts'
export type { Concerned, LetThrough } from './verify/let-through.ts'
export type { Mend } from './verify/mend.ts'
export { modelOf, orUnsupported, type Model, type Part } from './verify/model.ts'
export { ordinarySignIn } from './verify/ordinary.ts'
export { answersTo, smtLib } from './verify/smt/question.ts'
export { Unsupported } from './verify/test.ts'
export { isKept, lawShower, type ShownLaw } from './verify/shown-law.ts'
export { verdictShower, type Refutation, type ShownVerdict } from './verify/shown-verdict.ts'
export { unproved, unprovedFault, type Unproved } from './verify/unproved.ts'
export {
  prover,
  proverVersion,
  usualBudget,
  verify,
  type Verdict,
  type Verification,
} from './verify/verify.ts'
export { askedCondition, which, type RuleOfThose, type Which } from './verify/which.ts'
export type { Witness } from './verify/witness.ts'
export {
  clockSkewMs,
  envelopeMembers,
  printSignIn,
  signInParser,
  type Assumed,
  type Assumption,
  type Envelope,
  type ParsedSignIn,
  type SignInParser,
} from './sign-in.ts'
export type { Place } from './written.ts'

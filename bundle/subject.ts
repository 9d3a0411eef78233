import packageJson from '../package.json' with { type: 'json' }
import { canonical, factsDigest, proverVersion, type Pack } from '../engine/index.ts'
import { digestOf } from './contents.ts'

/** All that the verdicts on a pack follow from, by digests: where it is equal, so are they. */
export type Subject = {
  /** Id of the pack. */
  readonly pack: string
  /** Of the rule set: all that can change a decision. */
  readonly revision: string
  /** Of the fact table, with the pack's own facts. */
  readonly facts: string
  readonly assumptions: string
  /** Of what is promised; titles say nothing. */
  readonly invariants: string
  /** The version of Portcullis, and that of what its prover takes rules to mean. */
  readonly engine: string
}

/** The engine that proves here. */
export const thisEngine = `portcullis ${packageJson.version} prover ${proverVersion}`

export function subjectOf({ ruleSet, invariants }: Pick<Pack, 'ruleSet' | 'invariants'>): Subject {
  const { id, revision, customFacts, assumptions } = ruleSet
  const digest = (value: unknown) => digestOf(canonical(value))
  return {
    pack: id,
    revision,
    facts: factsDigest(customFacts),
    assumptions: digest(
      Object.fromEntries(assumptions.map(({ fact, value }) => [fact, value] as const)),
    ),
    invariants: digest(
      Object.fromEntries(invariants.map(({ name, when, promise }) => [name, { when, promise }])),
    ),
    engine: thisEngine,
  }
}

/** One name for all of it. */
export const subjectDigest = (subject: Subject): string => digestOf(canonical(subject))

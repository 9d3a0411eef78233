import type { Authentic, Unattested } from '../../bundle/index.ts'
import type { Fault, PackSource, Unproved } from '../../engine/index.ts'
import type { ProblemName } from '../problems.ts'

/** Who, or what, lets another rule set decide. */
export type By = 'start' | 'watch' | 'signal' | 'http' | 'bundle' | 'promote' | 'rollback'

/** A pack of a bundle that a trusted key signed, and that is whole. */
export type SignedPack = Pick<Authentic, 'pack' | 'payload'>

/** What is to decide: a pack by name or folder, read when its turn comes; the texts of one, or a bundle of them; or one that is kept, by its revision. */
export type Candidate =
  | { readonly folder: string }
  | { readonly source: PackSource }
  | { readonly bundle: SignedPack }
  | {
      /** Whole, or as many of its first digits as tell it from the others. */
      readonly revision: string
    }

/** Why a candidate does not decide. */
export type Refused = {
  readonly problem: ProblemName
  readonly detail: string
  /** All that is wrong with its files. */
  readonly faults?: readonly Fault[]
  /** Which of its invariants are not proved. */
  readonly unproved?: readonly Unproved[]
  /** Why nobody's word that they are counts. */
  readonly unattested?: Unattested['reason']
}

/** What became of a candidate. One that is refused changes nothing. */
export type Activation =
  | {
      readonly activated: true
      /** False if it decided already: equal revisions are one rule set. */
      readonly changed: boolean
      readonly from: string
      readonly to: string
      readonly ms: number
      /** Which of its invariants are not proved, although it decides. */
      readonly unproved?: readonly Unproved[]
    }
  | ({ readonly activated: false } & Refused)

/** How the last attempt to change what decides went. */
export type LastReload = {
  readonly ok: boolean
  /** ISO 8601. */
  readonly at: string
  readonly by: By
  /** What came of it, or what is wrong, in a line. */
  readonly detail: string
  /** Invariants of it that are not proved: some, those that are refuted first. */
  readonly unproved?: readonly Unproved[]
}

import type { Assumption, Fault, ShownLaw, ShownVerdict } from '../../engine/index.ts'

/** What `portcullis verify` says of a pack. `--json` prints an array of these. */
export type PackReport =
  | { readonly pack: string; readonly faults: readonly Fault[] }
  | (Verified & { readonly faults?: never })

export type Verified = {
  readonly pack: string
  /** What was proved something of: the digests of the rule set and of its fact table. */
  readonly revision: string
  readonly facts: string
  /** What the pack takes for facts that callers leave out. Proofs hold for every value of them. */
  readonly assumptions: readonly Assumption[]
  readonly counts: Readonly<Record<ShownVerdict['verdict'], number>>
  readonly invariants: readonly ShownVerdict[]
  /** Laws of two sign-ins, where they were asked about. */
  readonly laws?: readonly ShownLaw[]
  /** Conclusions that the certifier went through. */
  readonly certified: number
  readonly conflicts: number
  /** Conflicts that were allowed for each question. */
  readonly budget: number
  readonly milliseconds: number
}

export const verdicts = ['proved', 'refuted', 'vacuous', 'unsupported', 'unknown'] as const

export const counted = (shown: readonly ShownVerdict[]): Verified['counts'] =>
  Object.fromEntries(
    verdicts.map((each) => [each, shown.filter(({ verdict }) => verdict === each).length]),
  ) as Verified['counts']
